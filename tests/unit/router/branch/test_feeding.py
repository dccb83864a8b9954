"""``router.branch.feeding``: whatever is told to a branch can be read there."""

from __future__ import annotations

import pytest

from router.branch.feeding import Feed
from router.branch.messages import Asks, Hello, Piece, Told, read_down
from router.branch.parts import CentreParts
from router.branch.serving import Session
from router.clock import ManualClock
from router.core.catalog import AgentDefinition, Catalog
from router.core.events import CatalogPublished, Entry
from router.core.state import State
from router.ports import FlowPrompt, NoFlows, PromptLine
from router.replica import Replica

HELLO = Hello(session=5, position=0, at=0, floor=1)


def agent(id_):
    return AgentDefinition(id=id_, name="x" * 300, profile="all")


class Fed:
    """``said`` is what the branch was told."""

    def __init__(self, follow=None):
        self.said = []
        self.replica = Replica(State())
        parts = CentreParts(
            branches={},
            replica=self.replica,
            follow=follow,
            sink=None,
            intake=None,
            flows=NoFlows(),
            clock=ManualClock(0),
            on_phones=None,
        )
        session = Session(5, 0, 1, 0)
        self.feed = Feed(parts, session, frozenset({"lee"}), self.hear)

    def hear(self, payload):
        self.said.append(read_down(payload))

    def of(self, kind):
        return [one for one in self.said if isinstance(one, kind)]


async def test_an_entry_that_is_too_large_goes_as_a_state_in_pieces():
    agents = {f"a{number}": agent(f"a{number}") for number in range(3_000)}
    large = CatalogPublished(catalog=Catalog(version=1, agents=agents))

    async def follow(after):
        for position in range(after + 1, 3):
            fed.replica.state.position = position
            events = (large,) if position == 1 else ()
            yield Entry(position=position, at=position, cause="x", by="x", events=events)

    fed = Fed(follow)
    await fed.feed.run(HELLO)
    assert [one.position for one in fed.of(Piece)] == [0, 1]
    assert [one.position for one in fed.of(Told)] == [2]


@pytest.mark.parametrize(("length", "arrives"), [(100_000, True), (1_000_000, False)])
def test_what_flows_ask_is_told_in_messages_that_can_be_read(length, arrives):
    fed = Fed()
    long = FlowPrompt(turn=1, kind="play", say=(PromptLine(text="x" * length),))
    prompts = {f"lee:{number}": long for number in range(20)}
    fed.feed._send_asks(prompts)
    told = {}
    for one in fed.of(Asks):
        told |= one.prompts
    assert told == (prompts if arrives else {})
    assert None not in fed.said
