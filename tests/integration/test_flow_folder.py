"""A folder of flows at the start: what is missing is published, what is there is left alone."""

import pytest

from server.bootstrap import running
from server.flow_upkeep import FlowsRefused
from tests.integration.conftest import settings_in

FLOW = """
flow: main
languages: [en]
safe_queue: help
start: end
nodes:
  end: {kind: queue, queue: QUEUE}
"""


def folder_with(tmp_path, **files):
    folder = tmp_path / "flows"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings_in(tmp_path, flows_path=folder)


async def test_a_flow_that_is_not_there_yet_is_published_and_live(tmp_path):
    settings = folder_with(tmp_path, main=FLOW.replace("QUEUE", "help"))
    async with running(settings, 8080) as patchbay:
        assert patchbay.replica.state.flows["main"].aliases == {"live": 1}
        assert patchbay.flow_library.flow("main", 1).nodes["end"].queue == "help"
    folder_with(tmp_path, main=FLOW.replace("QUEUE", "ayuda"))
    async with running(settings, 8080) as patchbay:
        assert patchbay.replica.state.flows["main"].newest == 1, "it is the studio's now"
        assert patchbay.flow_library.version("main", "live") == 1
        assert patchbay.flow_library.flow("main", 1).nodes["end"].queue == "help"


@pytest.mark.parametrize("text", [FLOW.replace("QUEUE", "nowhere"), "flow: [", "flow: main"])
async def test_a_flow_that_cannot_be_used_stops_the_start_with_a_reason(tmp_path, text):
    settings = folder_with(tmp_path, main=text)
    with pytest.raises(FlowsRefused, match=r"main\.yaml"):
        async with running(settings, 8080):
            pass


async def test_flows_that_call_each_other_are_published_whatever_their_files_are_called(tmp_path):
    called = "flow: z\nlanguages: [en]\nsafe_queue: help\nstart: r\nnodes: {r: {kind: return}}\n"
    caller = (
        FLOW.replace("flow: main", "flow: a")
        .replace("QUEUE", "help")
        .replace("start: end", "start: go")
    )
    caller += "  go: {kind: flow, flow: z, exits: {done: end, failed: end}}\n"
    async with running(folder_with(tmp_path, a=caller, z=called), 8080) as patchbay:
        flows = patchbay.replica.state.flows
        assert {key: one.aliases for key, one in flows.items()} == {
            "z": {"live": 1},
            "a": {"live": 1},
        }


async def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FlowsRefused, match="no folder"):
        async with running(settings_in(tmp_path, flows_path=tmp_path / "none"), 8080):
            pass
