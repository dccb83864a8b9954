"""``patchbay check`` and ``serve`` with connectors: a mistake is said before anybody calls."""

import pytest

from ivr.connectors.settings_file import ConnectorsRefused
from server.bootstrap import running
from server.cli.root import outcome
from tests.integration.conftest import settings_in

CONNECTORS = """
hosts: [crm.example]
connectors:
  crm:
    url: https://crm.example/c/{account}
    parameters: {account: {}}
    answer: {tier: /tier}
"""
FLOW = """
flow: main
languages: [en]
safe_queue: help
start: ask
nodes:
  ask:
    kind: look_up
    connector: crm
    parameters: {account: "{address}"}
    take: {tier: tier}
    exits: {found: end, not_found: end, failed: end}
  end: {kind: queue, queue: help}
"""


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def files(tmp_path):
    flow, connectors = tmp_path / "flow.yaml", tmp_path / "connectors.yaml"
    flow.write_text(FLOW)
    connectors.write_text(CONNECTORS)
    return flow, connectors


def test_a_file_of_connectors_is_checked_as_one(files, capsys):
    _, file = files
    assert outcome(["check", str(file)]) == 0
    assert "is good: 1 connector, 0 warnings" in capsys.readouterr().out
    file.write_text(CONNECTORS.replace("[crm.example]", "[erp.example]"))
    assert outcome(["check", str(file)]) == 2
    assert "the host crm.example may not be asked" in capsys.readouterr().out


def test_a_flow_is_checked_against_connectors(files, capsys):
    flow, connectors = files
    both = ["check", str(flow), "--connectors", str(connectors)]
    assert outcome(["check", str(flow)]) == 0
    assert outcome(both) == 0
    connectors.write_text(CONNECTORS.replace("crm:", "erp:"))
    assert outcome(both) == 2
    assert "there is no connector 'crm'" in capsys.readouterr().out
    flow.write_text(FLOW.replace("tier: tier", "tier: teir"))
    connectors.write_text(CONNECTORS)
    assert outcome(both) == 2
    assert "has no field 'teir'; did you mean 'tier'?" in capsys.readouterr().out


def test_connectors_that_cannot_be_used_are_said_first(files, capsys):
    flow, connectors = files
    connectors.write_text("hosts: 1")
    assert outcome(["check", str(flow), "--connectors", str(connectors)]) == 2
    assert "The connectors cannot be used" in capsys.readouterr().err


def test_only_flows_ask_other_systems(files, capsys):
    _, connectors = files
    assert outcome(["check", str(connectors), "--connectors", str(connectors)]) == 2
    assert "Use --connectors with a flow" in capsys.readouterr().err


async def test_the_service_does_not_start_with_connectors_that_cannot_be_used(tmp_path):
    file = tmp_path / "connectors.yaml"
    file.write_text(CONNECTORS.replace("https", "http"))
    with pytest.raises(ConnectorsRefused, match="everybody on the way"):
        async with running(settings_in(tmp_path, connectors_path=file), 8080):
            pass
