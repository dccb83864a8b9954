"""``reachability``: telephones that an adapter at a branch looks after, seen from both ends."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.phones import PRIVATE_CALL
from cti_adapters.asterisk.reachability import PhonesElsewhere, Reachability, Reported
from router.clock import ManualClock
from router.core.catalog import AgentDefinition
from router.core.durations import SECOND
from router.core.model import Agent, Slot, SlotState
from router.core.requirements import Traits
from router.core.state import State
from router.replica import Replica


def replica(**unreachable):
    state = State()
    state.agents["ann"] = Agent(
        id="ann",
        number=1,
        definition=AgentDefinition(id="ann", name="Ann", profile="all"),
        traits=Traits(),
        unreachable=unreachable,
    )
    return Replica(state)


def joined(kind, known=True, **unreachable):
    reachability = kind(replica(**unreachable), ManualClock(100 * SECOND))
    phones = PhonesElsewhere()
    phones.note({} if known else None)
    reachability.join(phones, lambda _agent, _at: False)
    return reachability, phones


def test_who_cannot_be_rung_from_a_branch_is_out_of_reach():
    reachability, phones = joined(Reachability)
    assert reachability.news("ann") is None
    phones.note({"ann": "phone not registered"})
    news = reachability.news("ann")
    assert news is not None
    assert (news.reachable, news.reason) == (False, "phone not registered")


def test_a_branch_that_is_away_takes_nobody_away_and_gives_nobody_back():
    reachability, phones = joined(Reachability, known=False, voice="phone not registered")
    assert reachability.news("ann") is None
    phones.note({})
    assert reachability.news("ann").reachable


def test_the_branch_says_what_it_sees_once_whatever_the_router_thinks():
    reachability, phones = joined(Reported, voice="busy elsewhere")
    assert reachability.known
    assert reachability.news("ann") is None
    phones.note({"ann": "phone not registered"})
    assert reachability.news("ann").reason == "phone not registered"
    assert reachability.news("ann") is None
    phones.note({})
    assert reachability.news("ann").reachable


class Busy:
    """The centre's own telephone system, where the phone of a branch's caller is in use."""

    known = True

    def why_not(self, _agent, *, in_use_for_us):
        return "" if in_use_for_us else PRIVATE_CALL


def takes(reachability, state, channel="voice"):
    slot = Slot(contact="lee:1", channel=channel, state=state, since=0)
    reachability._replica.state.agents["ann"].slots = {"lee:1": slot}


@pytest.mark.parametrize("state", [SlotState.RESERVED, SlotState.ACTIVE, SlotState.HELD])
def test_a_phone_of_the_centre_that_rings_for_a_branch_is_in_no_private_call(state):
    reachability, _ = joined(Reachability)
    reachability.join(Busy(), lambda *_: False)
    takes(reachability, state)
    assert reachability.news("ann") is None


@pytest.mark.parametrize(
    ("state", "channel"), [(SlotState.WRAPPING, "voice"), (SlotState.ACTIVE, "chat")]
)
def test_who_is_not_called_by_us_may_be_in_a_private_call(state, channel):
    reachability, _ = joined(Reachability)
    reachability.join(Busy(), lambda *_: False)
    takes(reachability, state, channel)
    assert reachability.news("ann").reason == PRIVATE_CALL


@pytest.mark.parametrize("reason", [PRIVATE_CALL, "phone not registered"])
def test_a_phone_of_a_branch_that_rings_for_the_centre_is_in_no_private_call(reason):
    reachability, phones = joined(Reachability)
    phones.note({"ann": reason})
    takes(reachability, SlotState.ACTIVE)
    news = reachability.news("ann")
    assert (news is None) == (reason == PRIVATE_CALL)
