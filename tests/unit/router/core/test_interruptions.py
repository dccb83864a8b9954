"""A call interrupts a mail, which goes on with the same agent; the time away is no work on it."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.durations import MINUTE
from router.core.model import ContactState, SlotState
from tests.unit.router.core.centre import Centre, agent, only, profile, queue

MIXED = profile(capacity={"voice": 1, "chat": 3, "email": 3}, interruptible=("email", "chat"))


def centre_of(**rules) -> Centre:
    centre = Centre(queue(**rules), MIXED, agent("ann"))
    centre.ready("ann")
    return centre


def mail(centre: Centre, name: str) -> None:
    centre.do(c.Arrive(id="", contact=name, channel="email", address="a@b.test", present=False))
    centre.do(c.Enqueue(id="", contact=name, queue="q"))
    centre.accept(name)


def slot(centre: Centre, name: str):
    return centre.agent("ann").slots[name]


def call(centre: Centre, name: str = "call") -> list[e.Event]:
    centre.arrive(name)
    return centre.accept(name)


def finish(centre: Centre, name: str = "call") -> list[e.Event]:
    return centre.do(c.FinishWrapUp(id="", contact=name, agent="ann", disposition="done"))


def test_a_call_puts_the_mail_aside_and_says_so_in_the_log():
    centre = centre_of()
    mail(centre, "mail")
    held = only(call(centre), e.Held)
    assert (held.contact, held.interrupted_by) == ("mail", "call")
    assert slot(centre, "mail").interrupted_by == "call"
    assert centre.contact("mail").state is ContactState.HELD


def test_the_mail_goes_on_when_the_call_is_written_up():
    centre = centre_of(wrap_up=MINUTE)
    mail(centre, "mail")
    call(centre)
    assert not [one for one in centre.end("call") if isinstance(one, e.Retrieved)]
    assert only(finish(centre), e.Retrieved).contact == "mail"
    assert slot(centre, "mail").state is SlotState.ACTIVE
    assert centre.contact("mail").agent == "ann"


def test_without_wrap_up_the_mail_goes_on_with_the_end_of_the_call():
    centre = centre_of(wrap_up=0)
    mail(centre, "mail")
    call(centre)
    assert only(centre.end("call"), e.Retrieved).contact == "mail"


def test_a_wrap_up_that_runs_out_gives_the_mail_back():
    centre = centre_of(wrap_up=MINUTE)
    mail(centre, "mail")
    call(centre)
    centre.end("call")
    assert only(centre.wait(60), e.Retrieved).contact == "mail"


def test_time_away_is_not_learnt_as_work_on_the_mail():
    centre = centre_of(wrap_up=0)
    mail(centre, "mail")
    centre.wait(100)
    call(centre)
    centre.wait(500)
    centre.end("call")
    centre.wait(20)
    centre.end("mail")
    assert centre.state.service["q email"].mean == pytest.approx(120_000_000, abs=10)


def test_a_mail_given_back_during_the_call_counts_no_time_away():
    centre = centre_of(wrap_up=0)
    mail(centre, "mail")
    call(centre)
    centre.wait(500)
    centre.do(c.EndContact(id="", contact="mail", ended_by="agent"))
    assert centre.state.service["q email"].mean == pytest.approx(0, abs=10)


def test_somebody_waits_in_a_chat_so_that_it_goes_on_beside_the_call():
    centre = centre_of()
    for name in ("one", "two", "three"):
        centre.talk(name, "chat")
    mail(centre, "mail")
    held = only(call(centre), e.Held)
    assert held.contact == "mail"
    assert {slot(centre, one).state for one in ("one", "two", "three")} == {SlotState.ACTIVE}


def test_who_takes_the_mail_up_during_the_call_is_not_interrupted_again():
    centre = centre_of(wrap_up=MINUTE)
    mail(centre, "mail")
    call(centre)
    centre.do(c.Retrieve(id="", contact="mail"))
    centre.end("call")
    finish(centre)
    assert slot(centre, "mail").state is SlotState.ACTIVE
    assert len(centre.happened(e.Held)) == 1


def test_what_the_agent_held_themselves_stays_held():
    centre = centre_of(wrap_up=0)
    mail(centre, "mail")
    centre.do(c.Hold(id="", contact="mail"))
    call(centre)
    centre.end("call")
    assert slot(centre, "mail").state is SlotState.HELD


def test_the_next_call_at_once_keeps_the_mail_aside():
    centre = Centre(queue(wrap_up=0, auto_accept=True), MIXED, agent("ann"))
    centre.ready("ann")
    centre.do(c.Arrive(id="", contact="mail", channel="email", address="a@b", present=False))
    centre.do(c.Enqueue(id="", contact="mail", queue="q"))
    centre.arrive("first")
    centre.arrive("second")
    assert not [one for one in centre.end("first") if isinstance(one, e.Retrieved)]
    assert only(centre.end("second"), e.Retrieved).contact == "mail"


@pytest.mark.parametrize("channel", ["email", "chat"])
@pytest.mark.parametrize("wrap_up", [0, MINUTE])
def test_the_mail_goes_on_though_something_else_is_taken_as_the_call_ends(channel, wrap_up):
    centre = Centre(queue(wrap_up=wrap_up, auto_accept=True), MIXED, agent("ann"))
    centre.ready("ann")
    centre.do(c.Arrive(id="", contact="mail", channel="email", address="a@b", present=False))
    centre.do(c.Enqueue(id="", contact="mail", queue="q"))
    centre.arrive("call")
    centre.do(c.Arrive(id="", contact="next", channel=channel, address="a@b"))
    centre.do(c.Enqueue(id="", contact="next", queue="q"))
    happened = centre.end("call") + (finish(centre) if wrap_up else [])
    assert only(happened, e.OfferAccepted).contact == "next"
    assert only(happened, e.Retrieved).contact == "mail"
    assert {slot(centre, one).state for one in ("mail", "next")} == {SlotState.ACTIVE}


def test_a_profile_that_lets_calls_interrupt_nothing_holds_nothing():
    together = profile(capacity={"voice": 1, "email": 3}, alone=())
    centre = Centre(queue(), together, agent("ann"))
    centre.ready("ann")
    mail(centre, "mail")
    call(centre)
    assert centre.happened(e.Held) == []
