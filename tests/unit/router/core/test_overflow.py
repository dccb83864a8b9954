"""When a contact stops waiting in a queue, and where it goes."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    HOUR,
    MINUTE,
    SECOND,
    Hours,
    OverflowRule,
    ToCallback,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from router.core.model import ContactState
from tests.unit.router.core.centre import (
    START,
    Centre,
    agent,
    kinds,
    offers_of,
    only,
    profile,
    queue,
    skill,
    steps,
)

SORRY = ToMessage(text="sorry")


def rule(when: str, at: int = 0, to=SORRY) -> OverflowRule:
    return OverflowRule(when=when, at=at, to=to)


ANN = (agent("ann"),)


def centre_with(*rules: OverflowRule, people=ANN, **given) -> Centre:
    more = given.pop("queues", (queue("r"), queue("s")))
    return Centre(queue(overflow=rules, **given.pop("rules", {})), *more, *people, **given)


# -- wait -------------------------------------------------------------------------------------


def test_a_contact_that_waited_too_long_overflows_at_that_moment():
    centre = centre_with(rule("wait", MINUTE))
    centre.arrive("k")
    assert centre.wait(59.9) == []
    left = only(centre.wait(0.2), e.Overflowed)
    assert (left.cause, left.to, left.queue) == ("wait", SORRY, "q")
    assert "k" not in centre.state.contacts


def test_ringing_counts_as_waiting_and_what_rings_is_not_taken_away():
    centre = centre_with(rule("wait", 10 * SECOND))
    centre.ready("ann")
    centre.arrive("k")
    assert centre.wait(15) == []
    assert kinds(centre.reject("k"))[-1] == "Overflowed"


def test_a_conversation_does_not_count_as_waiting():
    centre = centre_with(rule("wait", MINUTE))
    centre.ready("ann")
    centre.talk("k")
    centre.wait(600)
    centre.do(c.Requeue(id="", contact="k"))
    assert centre.contact("k").state is ContactState.QUEUED
    assert centre.wait(25) == []  # and ann may not see it before 30 s
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    assert kinds(centre.wait(34)) == []
    assert kinds(centre.wait(1)) == ["Overflowed"]


def test_overflow_to_a_queue_keeps_the_time_already_waited_and_takes_its_demands():
    demands = steps(skill("es"))
    queues = (queue("r", steps=demands),)
    centre = centre_with(rule("wait", MINUTE, ToQueue(queue="r")), queues=queues)
    centre.arrive("k", boost=5 * SECOND)
    moved = only(centre.wait(60), e.Enqueued)
    assert (moved.queue, moved.reason, moved.steps) == ("r", "overflow", demands)
    assert (moved.waited, moved.boost) == (MINUTE, 5 * SECOND)
    assert moved.waiting_since == START - 5 * SECOND


def test_who_rejected_a_contact_is_not_offered_it_at_once_in_the_next_queue():
    centre = centre_with(rule("wait", 5 * SECOND, ToQueue(queue="r")))
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(4)
    centre.reject("k")
    assert kinds(centre.wait(1)) == ["Enqueued"]
    assert offers_of(centre.wait(28)) == []
    assert offers_of(centre.wait(1)) == [("k", "ann")]


def test_a_free_agent_comes_before_a_rule_that_is_not_due():
    centre = centre_with(rule("wait", 1))
    centre.ready("ann")
    assert offers_of(centre.arrive("k")) == [("k", "ann")]


# -- the door: length and estimated wait ------------------------------------------------------


def test_length_lets_so_many_wait_and_diverts_the_next():
    centre = centre_with(rule("length", 2, ToQueue(queue="r")))
    for name in ("a", "b", "c"):
        centre.arrive(name)
    assert (centre.line("q"), centre.line("r")) == (["a", "b"], ["c"])


def test_nobody_is_thrown_out_of_a_place_they_were_given():
    centre = centre_with(rule("length", 2))
    centre.arrive("a")
    centre.arrive("b")
    centre.publish(queue(overflow=(rule("length", 0),)), queue("r"), queue("s"), agent("ann"))
    centre.wait(600)
    assert centre.line() == ["a", "b"]


@pytest.mark.parametrize("when", ["length", "estimated_wait"])
def test_the_door_turns_nobody_away_for_whom_an_agent_is_free(when: str):
    centre = centre_with(rule(when, 0))
    centre.ready("ann")
    _handled(centre, 3)
    assert offers_of(centre.arrive("k")) == [("k", "ann")]
    assert kinds(centre.arrive("next"))[-1] == "Overflowed"


def test_a_free_agent_who_may_not_see_it_is_none():
    centre = centre_with(rule("length", 0), people=(agent("ann", skills={"x": 1}), agent("ben")))
    centre.ready("ann", "ben")
    centre.talk("busy", steps=steps(skill("x")))
    assert kinds(centre.arrive("k", steps=steps(skill("x"))))[-1] == "Overflowed"


def _handled(centre: Centre, count: int, each: float = 100) -> None:
    for number in range(count):
        centre.talk(f"done{number}")
        centre.wait(each)
        centre.end(f"done{number}")


def test_estimated_wait_is_judged_by_the_median_at_the_door():
    centre = centre_with(rule("estimated_wait", 100 * SECOND, ToQueue(queue="r")))
    centre.ready("ann")
    _handled(centre, 3, each=100)
    centre.talk("busy")
    centre.arrive("k1")  # about 69 s
    centre.arrive("k2")  # about 168 s
    assert (centre.line("q"), centre.line("r")) == (["k1"], ["k2"])


def test_without_an_estimate_nobody_is_diverted_by_it():
    centre = centre_with(rule("estimated_wait", 1))
    centre.ready("ann")
    centre.talk("busy")
    centre.arrive("k")
    assert centre.line() == ["k"]


def test_the_door_is_for_transfers_too():
    centre = centre_with(rule("length", 0), people=(agent("ann"),))
    centre.ready("ann")
    centre.talk("k", queue="r")
    happened = centre.do(c.TransferToQueue(id="", contact="k", queue="q"))
    assert kinds(happened)[-1] == "Overflowed"


# -- nobody staffed ---------------------------------------------------------------------------


def test_a_contact_nobody_signed_in_could_serve_overflows_after_a_while():
    centre = centre_with(rule("unstaffed", 30 * SECOND))
    happened = centre.arrive("k")
    assert only(happened, e.StaffingChanged).staffed is False
    assert kinds(centre.wait(29.9)) == []
    assert only(centre.wait(0.2), e.Overflowed).cause == "unstaffed"


def test_a_paused_agent_is_staff():
    centre = centre_with(rule("unstaffed", SECOND))
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k")
    assert centre.wait(60) == []


def test_the_clock_starts_when_the_last_one_leaves_and_stops_when_somebody_comes():
    centre = centre_with(rule("unstaffed", 30 * SECOND))
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k")
    centre.wait(100)
    assert only(centre.do(c.SignOut(id="", agent="ann")), e.StaffingChanged).staffed is False
    centre.wait(29)
    assert only(centre.do(c.SignIn(id="", agent="ann")), e.StaffingChanged).staffed is True
    assert centre.wait(100) == []


def test_a_later_step_is_hope():
    demands = steps((skill("es"), 60), skill("x"))
    people = (agent("ann", skills={"x": 1}), agent("ben", skills={"es": 1}))
    centre = centre_with(rule("unstaffed"), people=people, rules={"steps": demands})
    centre.ready("ben")
    centre.do(c.SetNotReady(id="", agent="ben", reason="break"))
    centre.arrive("k")
    assert centre.contact("k").state is ContactState.QUEUED
    assert kinds(centre.wait(60)) == ["StepEntered", "StaffingChanged", "Overflowed"]


def test_a_preferred_agent_who_is_signed_in_is_hope():
    people = (agent("ann", "other"),)
    centre = Centre(
        queue(overflow=(rule("unstaffed"),), preferred_for=20 * SECOND),
        profile(),
        profile("other", queues=()),
        *people,
    )
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k", preferred=("ann",))
    assert centre.contact("k").state is ContactState.QUEUED
    happened = centre.wait(20)
    assert kinds(happened) == ["PreferenceEnded", "StaffingChanged", "Overflowed"]


# -- hours ------------------------------------------------------------------------------------

OFFICE = Hours(
    id="office",
    spans=((START - HOUR, START + MINUTE), (START + HOUR, START + 2 * HOUR)),
    until=START + 3 * HOUR,
)


def office(*rules: OverflowRule) -> Centre:
    return centre_with(*rules, rules={"hours": "office"}, hours={"office": OFFICE})


def test_at_closing_time_those_who_wait_overflow():
    centre = office(rule("closed", to=ToVoicemail(box="night")))
    centre.arrive("k")
    assert kinds(centre.wait(59)) == []
    left = only(centre.wait(1), e.Overflowed)
    assert (left.cause, left.to) == ("closed", ToVoicemail(box="night"))


def test_who_comes_outside_hours_overflows_at_the_door_and_later_nobody():
    centre = office(rule("closed"))
    centre.wait(90)
    assert kinds(centre.arrive("k"))[-1] == "Overflowed"
    centre.wait(3_600)
    assert kinds(centre.arrive("k2")) == ["Enqueued"]


def test_hours_without_a_rule_divert_nobody():
    centre = office()
    centre.wait(90)
    assert kinds(centre.arrive("k")) == ["Enqueued"]


def test_a_contact_that_rings_at_closing_time_is_not_taken_away():
    centre = office(rule("closed"))
    centre.ready("ann")
    centre.wait(55)
    centre.arrive("k")
    assert kinds(centre.wait(10)) == []
    centre.accept("k")
    assert centre.contact("k").agent == "ann"


def test_a_contact_given_to_one_agent_is_not_cut_off_by_closing_time():
    centre = centre_with(
        rule("closed"),
        rules={"hours": "office"},
        hours={"office": OFFICE},
        people=(agent("ann"), agent("ben")),
    )
    centre.ready("ann", "ben")
    centre.talk("k")
    centre.wait(120)
    centre.do(c.TransferToAgent(id="", contact="k", agent="ben"))
    assert centre.ringing("k") == ["ben"]
    assert kinds(centre.reject("k"))[-1] == "Overflowed", "now the closed queue's"


# -- several rules ----------------------------------------------------------------------------


def test_the_first_rule_that_holds_decides():
    centre = office(rule("wait", 0, ToVoicemail(box="a")), rule("length", 0, ToMessage(text="b")))
    assert only(centre.arrive("k"), e.Overflowed).to == ToVoicemail(box="a")


@pytest.mark.parametrize("address", ["", "mei@example.com", "withheld", "1" * 21])
def test_a_rule_whose_target_is_not_possible_is_passed_over(address: str):
    centre = centre_with(
        rule("wait", 0, ToCallback()), rule("wait", 0, ToQueue(queue="gone")), rule("wait", 0)
    )
    assert only(centre.arrive("k", address=address), e.Overflowed).to == SORRY


def test_overflow_to_a_callback_keeps_the_place_and_overflows_no_more():
    centre = centre_with(rule("wait", MINUTE, ToCallback()), rule("wait", 2 * MINUTE))
    centre.arrive("k")
    place = centre.contact("k").waiting_since
    promised = only(centre.wait(60), e.CallbackPromised)
    assert promised.callback.address == "+100"
    assert kinds(centre.wait(3_600)) == []
    assert centre.contact("k").waiting_since == place
    centre.ready("ann")
    assert centre.ringing("k") == ["ann"]


def test_circles_end_because_a_queue_is_left_once():
    queues = (
        queue("r", overflow=(rule("wait", 0, ToQueue(queue="s")),)),
        queue("s", overflow=(rule("wait", 0, ToQueue(queue="q")),)),
    )
    centre = centre_with(rule("wait", 0, ToQueue(queue="r")), queues=queues)
    happened = centre.arrive("k")
    assert [one.queue for one in happened if isinstance(one, e.Enqueued)] == ["q", "r", "s"]
    assert centre.contact("k").overflowed == ("q", "r")
    assert centre.wait(3_600) == []


def test_a_queue_does_not_overflow_into_itself():
    centre = centre_with(rule("wait", 0, ToQueue(queue="q")))
    assert kinds(centre.arrive("k")) == ["Enqueued"]


def test_consultations_do_not_overflow():
    centre = centre_with(rule("wait", SECOND), rule("length", 0))
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.Consult(id="", contact="k", consult="ask", queue="q"))
    assert centre.wait(600) == []
    assert centre.contact("ask").state is ContactState.QUEUED


def test_an_overflowed_queue_is_looked_at_by_its_own_rules_at_its_door():
    queues = (queue("r", overflow=(rule("length", 0, ToVoicemail(box="full")),)),)
    centre = centre_with(rule("wait", MINUTE, ToQueue(queue="r")), queues=queues)
    centre.arrive("k")
    assert only(centre.wait(60), e.Overflowed).to == ToVoicemail(box="full")


# -- messages and documents ---------------------------------------------------------------------


@pytest.mark.parametrize("to", [SORRY, ToVoicemail(box="box"), ToCallback()])
@pytest.mark.parametrize("when", ["wait", "unstaffed"])
def test_a_message_is_never_told_anything_nor_called_back_and_waits_on(when, to):
    centre = centre_with(rule(when, MINUTE if when == "wait" else 0, to))
    centre.do(c.Arrive(id="", contact="k", channel="voicemail", address="+100", present=False))
    centre.do(c.Enqueue(id="", contact="k", queue="q"))
    centre.wait(600)
    assert centre.contact("k").state is ContactState.QUEUED
    assert centre.refused(c.PromiseCallback(id="", contact="k", address="+100")) == "nobody_there"


def test_a_message_may_overflow_to_another_queue():
    centre = centre_with(rule("wait", MINUTE, ToQueue(queue="r")))
    centre.do(c.Arrive(id="", contact="k", channel="voicemail", present=False))
    centre.do(c.Enqueue(id="", contact="k", queue="q"))
    centre.wait(61)
    assert centre.contact("k").queue == "r"


def test_a_message_cannot_be_put_through_to_anybody_outside():
    centre = centre_with()
    centre.ready("ann")
    centre.do(c.Arrive(id="", contact="k", channel="voice", present=False))
    centre.do(c.Enqueue(id="", contact="k", queue="q"))
    centre.accept("k")
    assert centre.refused(c.TransferOut(id="", contact="k", address="+2")) == "nobody_there"
