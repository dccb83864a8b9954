"""``router.edge.views``: presence is what the agent's state says, and nothing about customers."""

from __future__ import annotations

import msgspec

from router.core.catalog import AgentDefinition
from router.core.model import Agent, AgentState, Slot, SlotState
from router.core.requirements import Traits
from router.edge.views import presence

ANN = AgentDefinition(id="ann", name="Ann Lindqvist", profile="all", traits=Traits(team="one"))


def agent(**given: object) -> Agent:
    return Agent(id="ann", number=1, definition=ANN, traits=ANN.traits, **given)


def test_presence_counts_contacts_and_names_none():
    slots = {
        one: Slot(contact=one, channel=channel, state=SlotState.ACTIVE, since=1)
        for one, channel in (("call-1", "voice"), ("chat-1", "chat"), ("chat-2", "chat"))
    }
    found = presence(agent(state=AgentState.READY, state_since=5, slots=slots), 7)
    assert found.contacts == {"voice": 1, "chat": 2}
    assert (found.position, found.state, found.since, found.team) == (7, "ready", 5, "one")
    text = msgspec.json.encode(found).decode()
    assert "call-1" not in text
    assert "Lindqvist" not in text


def test_presence_says_what_comes_next_and_what_does_not_reach():
    found = presence(
        agent(next_state=AgentState.NOT_READY, unreachable={"voice": "not registered"}), 7
    )
    assert (found.next_state, found.unreachable) == ("not_ready", ("voice",))
