"""How much one agent has in hand at once, and what goes together."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core.capacity import free_channels, has_room
from router.core.model import Agent, AgentState, Slot, SlotState
from tests.unit.router.core.centre import Centre, agent, profile, queue

MIXED = profile(capacity={"voice": 1, "chat": 2, "email": 3})


def busy_with(*channels: str, state: AgentState = AgentState.READY) -> Agent:
    definition = agent("ann")
    slots = {
        f"k{n}": Slot(contact=f"k{n}", channel=channel, state=SlotState.ACTIVE, since=0)
        for n, channel in enumerate(channels)
    }
    return Agent(
        id="ann",
        number=0,
        definition=definition,
        traits=definition.traits,
        state=state,
        slots=slots,
    )


@pytest.mark.parametrize(
    ("present", "free"),
    [
        ((), ("voice", "chat", "email")),
        (("chat",), ("chat", "email")),
        (("chat", "chat"), ("email",)),
        (("voice",), ()),  # a call is handled alone
        (("email",), ("voice", "chat", "email")),  # a call may interrupt a mail
        (("email", "email", "email"), ("voice", "chat")),
        (("email", "chat"), ("chat", "email")),  # no call beside a chat
        (("voice", "email"), ()),
    ],
)
def test_what_is_in_hand_decides_what_may_come(present: tuple[str, ...], free: tuple[str, ...]):
    assert free_channels(busy_with(*present), MIXED) == free


def test_a_channel_without_capacity_is_not_served():
    assert not has_room(busy_with(), profile(capacity={"chat": 1}), "voice")
    assert not has_room(busy_with(), profile(capacity={"voice": 0}), "voice")


def test_blending_can_be_allowed():
    together = profile(capacity={"voice": 1, "chat": 1}, alone=())
    assert free_channels(busy_with("voice"), together) == ("chat",)


@pytest.mark.parametrize("state", [AgentState.NOT_READY, AgentState.SIGNED_OUT])
def test_only_the_ready_are_given_contacts(state: AgentState):
    assert free_channels(busy_with(state=state), MIXED) == ()


def test_who_asked_to_stop_is_given_nothing_more():
    leaving = busy_with("chat")
    leaving.next_state = AgentState.NOT_READY
    assert free_channels(leaving, MIXED) == ()


def test_a_channel_on_which_they_cannot_be_reached_has_no_room():
    deaf = busy_with("email")
    deaf.unreachable = {"voice": "phone not registered"}
    assert free_channels(deaf, MIXED) == ("chat", "email")
    assert not has_room(deaf, MIXED, "voice")


def test_a_ringing_offer_uses_capacity():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k1")
    centre.arrive("k2")
    assert centre.ringing("k1") == ["ann"]
    assert centre.ringing("k2") == []


def test_a_wrap_up_uses_capacity_until_it_is_over():
    centre = Centre(agent("ann"), queue(wrap_up=30_000_000))
    centre.ready("ann")
    centre.talk("k1")
    centre.end("k1")
    centre.arrive("k2")
    assert centre.ringing("k2") == []
    centre.do(c.FinishWrapUp(id="", contact="k1", agent="ann"))
    assert centre.ringing("k2") == ["ann"]


def test_one_agent_serves_several_channels_up_to_each_capacity():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    for number in range(4):
        centre.arrive(f"mail{number}", "email")
    assert [centre.ringing(f"mail{n}") for n in range(4)] == [["ann"]] * 3 + [[]]
    centre.arrive("chat1", "chat")
    centre.arrive("chat2", "chat")
    centre.arrive("chat3", "chat")
    assert [centre.ringing(f"chat{n}") for n in (1, 2, 3)] == [["ann"], ["ann"], []]
    centre.arrive("call")
    assert centre.ringing("call") == [], "a call is never given to somebody in a chat"


def test_a_call_may_interrupt_a_mail_and_then_nothing_more_comes():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.talk("mail", "email")
    centre.arrive("call")
    assert centre.ringing("call") == ["ann"]
    centre.arrive("mail2", "email")
    assert centre.ringing("mail2") == []
