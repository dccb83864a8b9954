"""``ivr.core.interpreter``: which inputs fit, hanging up, and what is done after a restart."""

import pytest

from ivr.core.interpreter import resume
from ivr.core.nodes import (
    HangUp,
    Say,
)
from ivr.core.session import (
    Answered,
    Finished,
    HungUp,
    Identified,
    Left,
    LookedUp,
    Played,
    Queued,
    TimedOut,
)
from tests.unit.ivr.core.callers import (
    ACCOUNT,
    LOOK_UP,
    MENU,
    OFFER,
    WHO,
    Caller,
    flow,
    prompt,
)

# -- inputs that do not fit -----------------------------------------------------------------------


@pytest.mark.parametrize("late", [-1, 1, 100])
def test_inputs_of_another_turn_change_nothing(late):
    caller = Caller(flow(menu=MENU))
    before = caller.session
    assert caller.does(Answered(turn=before.turn + late, text="1")).session is before
    assert caller.turn.does == caller.turn.path == ()


@pytest.mark.parametrize(
    "event",
    [
        lambda turn: Played(turn=turn),
        lambda turn: Identified(turn=turn),
        lambda turn: LookedUp(turn=turn, result="found"),
    ],
)
def test_results_that_nobody_asked_for_change_nothing(event):
    caller = Caller(flow(menu=MENU))
    before = caller.session
    assert caller.does(event(before.turn)).session is before


def test_after_the_end_nothing_changes():
    caller = Caller(flow(end=HangUp()))
    before = caller.session
    for event in (Answered(turn=before.turn, text="1"), TimedOut(turn=before.turn), HungUp()):
        assert caller.does(event).session is before


@pytest.mark.parametrize(
    "node", [MENU, ACCOUNT, WHO, LOOK_UP, OFFER, Say(say=prompt("Hi"), exits={"next": "bye"})]
)
def test_who_hangs_up_at_any_node_is_gone_and_the_path_says_where(node):
    caller = Caller(flow(here=node))
    caller.does(HungUp())
    assert caller.outcome == Left()
    assert caller.walked == [("here", "")]


# -- after a restart ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "node", [MENU, ACCOUNT, WHO, LOOK_UP, OFFER, Say(say=prompt("Hi"), exits={"next": "bye"})]
)
def test_after_a_restart_the_current_prompt_is_said_again(node):
    caller = Caller(flow(here=node))
    again = resume(caller.session, caller.world, 9)
    assert (again.session, again.does) == (caller.session, caller.turn.does)


def test_after_a_restart_an_ended_flow_says_how_it_ended():
    caller = Caller(flow(end=HangUp()))
    assert resume(caller.session, caller.world, 9).session.outcome == Finished()


def test_a_flow_that_is_gone_after_a_restart_goes_to_the_safe_queue():
    caller = Caller(flow(menu=MENU))
    caller.world.flows.clear()
    assert resume(caller.session, caller.world, 9).session.outcome == Queued(
        queue="sales", because="missing_flow"
    )
    assert caller.says("1").session.outcome.because == "missing_flow"
