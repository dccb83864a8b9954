"""``channel``: the router hears of telephones at branches, in the end."""

from __future__ import annotations

import asyncio

from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.reachability import SAYS_AGAIN, Reachability
from router.clock import ManualClock
from router.core.catalog import AgentDefinition
from router.core.durations import SECOND
from router.core.model import Agent
from router.core.requirements import Traits
from router.core.state import State
from router.ports import Accepted, Overloaded
from router.replica import Replica
from tests.mqtt.centre import comes

AGENTS = ("ann", "ben")


class Sink:
    """Too busy for the first command."""

    def __init__(self, clock):
        self.clock = clock
        self.told = []

    async def submit(self, command):
        self.told.append(command.agent)
        if len(self.told) == 1:
            self.clock.advance(SAYS_AGAIN)
            raise Overloaded("Too many commands are waiting already.")
        return Accepted(position=1)


async def test_what_a_busy_router_did_not_take_of_a_branch_is_told_again(monkeypatch):
    monkeypatch.setattr("cti_adapters.asterisk.channel.TELLS_EVERY", 0.01)
    state = State()
    for number, id_ in enumerate(AGENTS):
        definition = AgentDefinition(id=id_, name=id_, profile="all")
        state.agents[id_] = Agent(id=id_, number=number, definition=definition, traits=Traits())
    clock = ManualClock(100 * SECOND)
    sink = Sink(clock)
    channel = AsteriskChannel([], Reachability(Replica(state), clock), sink)
    channel.join_branch("leeds")
    await channel.start()
    try:
        channel.hear_of_phones("leeds", dict.fromkeys(AGENTS, "phone not registered"))
        await comes(lambda: sink.told[:3] == ["ann", "ben", "ann"])
    finally:
        await channel.stop()


async def test_many_words_of_branches_are_told_by_one():
    clock = ManualClock(100 * SECOND)
    channel = AsteriskChannel([], Reachability(Replica(State()), clock), Sink(clock))
    channel.join_branch("leeds")
    await channel.start()
    try:
        before = asyncio.all_tasks()
        for _ in range(100):
            channel.hear_of_phones("leeds", {})
        assert asyncio.all_tasks() == before
    finally:
        await channel.stop()
