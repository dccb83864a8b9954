"""``patchbay adapter``: what is missing is said in one sentence, before anything is begun."""

from __future__ import annotations

import pytest

from server.cli.root import outcome

BROKER = "mqtt: {url: 'mqtt://127.0.0.1:1', username: leeds, password_env: HERE}"
SYSTEMS = """
pbxs:
  lee: {branch: leeds, secret_env: THERE, numbers: {"100": line}}
  york: {branch: york, secret_env: AT_YORK, numbers: {"100": line}}
  own: {host: 127.0.0.2, secret: words, numbers: {"100": line}}
"""


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setenv("HERE", "secret")
    monkeypatch.setenv("COLUMNS", "200")


def adapter(tmp_path, broker=BROKER, systems=SYSTEMS):
    mqtt, pbxs = tmp_path / "mqtt.yaml", tmp_path / "asterisk.yaml"
    mqtt.write_text(broker)
    pbxs.write_text(systems)
    return outcome(["adapter", "asterisk", "--mqtt", str(mqtt), "--file", str(pbxs)])


def test_the_centre_needs_no_secrets_of_branches(tmp_path, capsys):
    file = tmp_path / "asterisk.yaml"
    file.write_text(SYSTEMS)
    assert outcome(["check", str(file)]) == 0
    assert "good" in capsys.readouterr().out


def test_two_systems_may_be_at_one_address_of_two_branches_but_not_of_one(tmp_path, capsys):
    file = tmp_path / "asterisk.yaml"
    file.write_text(SYSTEMS.replace("branch: york", "branch: leeds"))
    assert outcome(["check", str(file)]) == 2
    assert "same telephone system as 'lee'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "secret of the telephone system lee is not known here"),
        ({"broker": BROKER.replace("leeds", "hull")}, "No telephone system is of the branch hull"),
        (
            {"broker": BROKER.replace("username: leeds, password_env: HERE", "node: x")},
            "have no username",
        ),
        ({"broker": "mqtt: {url: 'http://x'}"}, "MQTT settings"),
        ({"systems": "pbxs: {lee: {brunch: leeds}}"}, "telephone systems"),
    ],
)
def test_what_is_missing_is_one_sentence(tmp_path, capsys, change, sentence):
    assert adapter(tmp_path, **change) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()


def test_the_telephone_systems_must_be_named(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("PATCHBAY_ASTERISK_PATH", raising=False)
    assert outcome(["adapter", "asterisk", "--mqtt", str(tmp_path / "mqtt.yaml")]) == 2
    assert "--file" in capsys.readouterr().err


def test_help_says_where_the_outbox_is(capsys):
    assert outcome(["adapter", "asterisk", "--help"]) == 0
    assert "PATCHBAY_DATA_DIRECTORY" in capsys.readouterr().out
