"""When the core must be woken, and that nothing is forgotten by it."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core.catalog import HOUR, MINUTE, SECOND, CallbackOffer, Hours, OverflowRule, ToMessage
from router.core.machine import OverdueDeadline, RoutingCore
from router.core.state import State
from tests.unit.router.core.centre import (
    START,
    Centre,
    agent,
    kinds,
    profile,
    queue,
    skill,
    steps,
)


def test_nothing_pending_needs_no_waking():
    centre = Centre(agent("ann"))
    assert centre.core.next_deadline() is None
    centre.arrive("k")
    assert centre.core.next_deadline() is None, "it waits for an agent, not for a time"


def test_the_earliest_of_all_deadlines_is_named():
    rule = OverflowRule(when="wait", at=HOUR, to=ToMessage(text="x"))
    centre = Centre(
        queue(steps=steps((skill("es"), 30), skill("x")), overflow=(rule,)),
        agent("ann", skills={"es": 1}),
    )
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k", preferred=("ann",), preferred_for=10 * SECOND)
    queued = centre.at
    assert centre.core.next_deadline() == queued + 10 * SECOND
    centre.wait(10)
    assert centre.core.next_deadline() == queued + 30 * SECOND
    centre.wait(20)
    assert centre.core.next_deadline() == queued + HOUR


def test_a_command_at_or_after_a_deadline_needs_the_tick_first():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    due = centre.core.next_deadline()
    with pytest.raises(OverdueDeadline):
        centre.core.handle(c.SignIn(id="late", agent="ann"), due)
    assert kinds(centre.core.handle(c.Tick(id=""), due))[0] == "OfferTimedOut"


def test_a_tick_that_is_early_or_needless_does_nothing():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    before = centre.state.snapshot()
    assert centre.core.handle(c.Tick(id=""), centre.at) == []
    assert centre.state.snapshot() == before


def test_a_deadline_that_no_longer_applies_does_nothing():
    centre = Centre(agent("ann"), queue(wrap_up=MINUTE))
    centre.ready("ann")
    centre.talk("k1")
    centre.end("k1")
    centre.do(c.FinishWrapUp(id="", contact="k1", agent="ann"))
    centre.arrive("k2")
    centre.do(c.Abandon(id="", contact="k2"))
    assert centre.wait(3_600) == []
    assert centre.core.next_deadline() is None


def test_a_late_tick_makes_up_for_everything_in_between():
    """After a stop of an hour one tick brings the state up to date, at the present time."""
    demands = steps((skill("es"), 20), (skill("es"), 20), skill("x"))
    centre = Centre(queue(steps=demands), agent("ann", skills={"es": 1}))
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k")
    centre.at += HOUR
    assert kinds(centre.core.handle(c.Tick(id=""), centre.at)) == ["StepEntered"]
    assert centre.contact("k").step_until == centre.at + 20 * SECOND, "each step lasts its time"


def pending() -> Centre:
    """A ringing offer, a wrap-up, a pausing callback, a step, lent skills, closing hours."""
    rule = OverflowRule(when="closed", to=ToMessage(text="closed"))
    hours = Hours(id="h", spans=((START - HOUR, START + HOUR),), until=START + 2 * HOUR)
    centre = Centre(
        queue(wrap_up=7 * MINUTE, callback=CallbackOffer(retry_after=3 * MINUTE)),
        queue("r", overflow=(rule,), hours="h"),
        profile(queues=("q", "r"), capacity={"voice": 1, "chat": 3}, alone=()),
        agent("ann"),
        agent("ben", skills={"es": 1}),
        hours={"h": hours},
    )
    centre.ready("ann")
    centre.talk("written up", "chat")
    centre.end("written up")
    centre.arrive("called back")
    centre.do(c.Reject(id="", offer="called back.1"))
    centre.do(c.PromiseCallback(id="", contact="called back", address="+1"))
    centre.do(c.Pull(id="", contact="called back", agent="ann"))
    centre.do(c.FailCallback(id="", contact="called back"))
    centre.do(c.SignIn(id="", agent="ben"))
    centre.arrive("steps", steps=steps((skill("es"), 240), skill("x")))
    centre.do(c.LendSkills(id="", agent="ben", skills={"es": 3}, until=START + 5 * MINUTE))
    centre.arrive("closing", queue="r", steps=steps(skill("nothing")))
    centre.arrive("rings", "chat")
    return centre


def test_every_kind_of_deadline_survives_a_restart():
    centre = pending()
    again = RoutingCore(State.restore(centre.state.snapshot()))
    assert again.next_deadline() == centre.core.next_deadline()
    seen = []
    while (due := centre.core.next_deadline()) is not None:
        while (early := again.next_deadline()) is not None and early < due:
            assert again.handle(c.Tick(id=""), early) == []
        assert again.next_deadline() == due
        events = centre.core.handle(c.Tick(id=""), due)
        assert again.handle(c.Tick(id=""), due) == events
        seen += kinds(events)
    assert {
        "OfferTimedOut",
        "WrapUpFinished",
        "CallbackDue",
        "StepEntered",
        "SkillsLent",
        "Overflowed",
    } <= set(seen)
    assert again.state.snapshot() == centre.state.snapshot()


def test_deadlines_that_no_longer_apply_do_not_pile_up():
    centre = Centre(agent("ann"), queue(offer_for=HOUR))
    centre.ready("ann")
    for number in range(3_000):
        centre.arrive(f"k{number}")
        centre.do(c.Abandon(id="", contact=f"k{number}"))
    assert len(centre.core._deadlines._heap) < 1_200
