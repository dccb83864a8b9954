"""``router.branch.judging``: a branch speaks for calls of its own telephone systems alone."""

from __future__ import annotations

import pytest

from router.branch.judging import LONGEST_ID, is_own, refusal
from router.branch.messages import Arrived, Commanded, Replied
from router.core import commands as c
from router.core.catalog import AgentDefinition
from router.core.model import Agent, Contact, Slot, SlotState
from router.core.requirements import Traits
from router.core.state import State

OWN = frozenset({"lee"})


def state():
    found = State()
    for number, id_ in enumerate(("lee:1", "york:1", "consult-1", "consult-2")):
        parent = {"consult-1": "lee:1", "consult-2": "york:1"}.get(id_, "")
        found.contacts[id_] = Contact(
            id=id_, number=number, channel="voice", direction="inbound", arrived_at=0, parent=parent
        )
    for number, (agent, contact) in enumerate((("ann", "lee:1"), ("ben", "york:1"))):
        slot = Slot(contact=contact, channel="voice", state=SlotState.ACTIVE, since=0)
        found.agents[agent] = Agent(
            id=agent,
            number=number,
            definition=AgentDefinition(id=agent, name=agent, profile="all"),
            traits=Traits(),
            slots={contact: slot},
        )
    return found


def asks(command):
    return refusal(Commanded(command=command), OWN, state())


@pytest.mark.parametrize(
    "command",
    [
        c.Abandon(id="lee:1/left/1", contact="lee:1"),
        c.Accept(id="lee:1.1/answered", offer="lee:1.1"),
        c.EndContact(id="lee:1/left/ann/3", contact="consult-1"),
        c.SetNotReady(id="lee:1/left/ann/3/missed", agent="ann", reason="missed"),
    ],
)
def test_a_branch_may_speak_for_its_own_calls(command):
    assert asks(command) is None


@pytest.mark.parametrize(
    "command",
    [
        c.Abandon(id="lee:1/left/1", contact="york:1"),
        c.Abandon(id="york:1/left/1", contact="lee:1"),
        c.Abandon(id="desk-7", contact="lee:1"),
        c.Abandon(id="lee:1/left/1", contact="lee"),
        c.Abandon(id="lee:1/left/1", contact="leeward:1"),
        c.Accept(id="lee:1.1/answered", offer="york:1.1"),
        c.EndContact(id="lee:1/left/3", contact="consult-2"),
        c.EndContact(id="lee:1/left/3", contact="unknown"),
        c.SetNotReady(id="lee:1/left/ben/3/missed", agent="ben", reason="missed"),
        c.SetNotReady(id="lee:1/left/x/3/missed", agent="nobody", reason="missed"),
    ],
)
def test_a_branch_may_not_speak_for_others(command):
    found = asks(command)
    assert found is not None
    assert found.code == "unauthorised"


@pytest.mark.parametrize(
    "request_",
    [
        Arrived(contact="york:1", channel="voice"),
        Arrived(contact="chat-1", channel="voice"),
        Replied(contact="york:1", turn=1, outcome="heard"),
    ],
)
def test_a_branch_brings_in_no_calls_of_others(request_):
    assert refusal(request_, OWN, state()) is not None


def test_what_the_core_remembers_of_a_branch_is_bounded():
    assert asks(c.Abandon(id="lee:1/" + "x" * (LONGEST_ID - 6), contact="lee:1")) is None
    found = asks(c.Abandon(id="lee:1/" + "x" * (LONGEST_ID - 5), contact="lee:1"))
    assert found is not None
    assert found.code == "malformed"


def test_the_name_of_a_system_alone_is_no_call():
    assert is_own("lee:1", OWN)
    assert not any(is_own(one, OWN) for one in ("lee", "lee:", ":1", "", "lee1:1", "york:lee:1"))
