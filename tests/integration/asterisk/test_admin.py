"""``patchbay asterisk``: an Asterisk that is set up with what is printed is found to be right."""

import json
import re
from pathlib import Path

import pytest

from server.cli.root import outcome
from tests.asterisk.baresip import Phone
from tests.asterisk.server import AsteriskServer

FILE = """
pbxs:
  main:
    username: {username}
    secret: "{secret}"
    port: {port}
    context: {context}
    entry_point: main_line
    sounds: {folder}/sounds
    recordings: {folder}
    softphone: {{websocket: "ws://127.0.0.1:8088/ws", agents: [ben]}}
"""
DEMO = str(Path("config/demo.yaml").absolute())


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def describe(tmp_path, monkeypatch):
    """Write the file of telephone systems, which is found by its setting."""
    file = tmp_path / "asterisk.yaml"
    monkeypatch.setenv("PATCHBAY_ASTERISK_PATH", str(file))

    def write(**given):
        usual = {"port": 5038, "context": "patchbay", "username": "router", "secret": "se;cret"}
        file.write_text(FILE.format(**usual | given, folder=tmp_path))

    write()
    return write


@pytest.fixture
def printed(capsys):
    def run(*arguments):
        assert outcome(["asterisk", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_what_is_printed_is_what_is_needed(describe, printed, capsys, tmp_path):
    extra = {
        "manager.conf": printed("manager"),
        "pjsip.conf": printed("phones", "--catalog", DEMO),
    }
    password = re.search(r"username = ann\npassword = (\w+)", extra["pjsip.conf"])[1]
    differences = {"extra": extra, "agents": (), "browsers": (), "passwords": {"ann": password}}
    with AsteriskServer(printed("dialplan"), **differences) as server:
        describe(port=server.ports.ami)
        report = tmp_path / "findings.json"
        code = outcome(["asterisk", "check", "--catalog", DEMO, "--json", str(report)])
        said = capsys.readouterr().out
        assert code == 0, said
        assert "✓ Asterisk 22" in said
        assert "✓ 14 of the 14 agents who take calls have a telephone." in said
        assert "? Not registered now, so not rung: ann" in said
        assert f"✓ Patchbay can write into {tmp_path}." in said
        assert f"? Whether Asterisk sees {tmp_path} and may write there shows with" in said
        verdicts = {one["verdict"] for one in json.loads(report.read_text())["findings"]["main"]}
        assert verdicts == {"right", "unknown"}

        with Phone(server, "ann", frequency=900):
            assert outcome(["asterisk", "check", "--catalog", DEMO]) == 0
            assert "so not rung: ben" in capsys.readouterr().out

        describe(port=server.ports.ami, context="elsewhere")
        assert outcome(["asterisk", "check", "--catalog", DEMO]) == 1
        assert "✗ The dialplan has no context 'elsewhere'" in capsys.readouterr().out


def test_what_is_not_set_up_is_told(describe, capsys):
    with AsteriskServer("", agents=("ann",), browsers=()) as server:
        user = server.site.judge
        describe(port=server.ports.ami)
        assert outcome(["asterisk", "check"]) == 1
        assert "refuses" in capsys.readouterr().out
        describe(port=server.ports.ami, username=user.name, secret=user.secret)
        assert outcome(["asterisk", "check", "--catalog", DEMO]) == 1
        said = capsys.readouterr().out
        assert "✗ The manager's user may do more than it needs: take away command, config" in said
        assert "✗ The dialplan has no context 'patchbay'" in said
        assert "✗ Asterisk knows no telephone of ben, chi" in said
        assert "✓ 1 of the 14 agents" in said


def test_nobody_there_is_one_sentence(describe, capsys):
    describe(port=9)
    assert outcome(["asterisk", "check"]) == 1
    said = capsys.readouterr().out
    assert "✗ " in said
    assert "Traceback" not in said
