"""A contact's life, line by line, with the reason of every decision."""

from __future__ import annotations

import msgspec
import pytest

from reporting.timeline import LONGEST, Timelines
from router.core import commands as c
from router.core.durations import MINUTE, SECOND
from router.core.model import CustomerRef, Passed


@pytest.fixture
def timelines(log):
    made = Timelines(log.replica, finished=3)
    log.listeners.append(made.handle)
    return made


def codes(timelines, contact):
    return [line.code for line in timelines.of(contact).lines]


def line(timelines, contact, code):
    return next(line for line in timelines.of(contact).lines if line.code == code)


def test_every_step_of_a_contact_is_a_line(log, timelines):
    log.ready("ann")
    log.arrive("k1")
    log.accept("k1")
    log.advance(5 * SECOND)
    log.say(c.EndContact, contact="k1", ended_by="customer", by="webchat")
    log.say(c.FinishWrapUp, contact="k1", agent="ann", disposition="paid", by="ann")
    assert codes(timelines, "k1") == [
        "contact_arrived",
        "enqueued",
        "offered",
        "offer_accepted",
        "contact_ended",
        "agent_released",
        "wrap_up_finished",
        "completed",
    ]
    ended = line(timelines, "k1", "contact_ended")
    assert (ended.at, ended.by, ended.values) == (log.now, "webchat", {"ended_by": "customer"})


def test_an_offer_says_to_whom_and_why(log, timelines):
    log.ready("ann", "ben")
    log.advance(10 * SECOND)
    log.arrive("k1")
    offered = line(timelines, "k1", "offered").values
    assert offered["agent_name"] == "Ann"
    assert offered["reason"] == "strategy"
    assert offered["strategy"] == "longest_idle"
    assert offered["free_agents"] == 2
    assert offered["idle_for"] == 10 * SECOND
    assert offered["runner_up_name"] == "Ben"


def test_demands_and_their_relaxing_are_in_words(log, timelines):
    log.ready("ann", "ben")
    for number in range(2):
        log.arrive(f"busy{number}", queue="billing")
        log.accept(f"busy{number}")
    log.say(c.SetNotReady, agent="ben", reason="break")
    log.arrive("k1", queue="billing")
    queued = line(timelines, "k1", "enqueued").values
    assert (queued["queue_label"], queued["asks_for"], queued["steps"]) == ("Billing", "es >= 3", 2)
    log.advance(MINUTE)
    entered = line(timelines, "k1", "step_entered").values
    assert (entered["step"], entered["reason"]) == (2, "elapsed")


def test_credit_names_its_sources(log, timelines):
    log.arrive("k1")
    log.say(c.Reprioritise, contact="k1", boost=90 * SECOND, by="sue")
    changed = line(timelines, "k1", "credit_changed")
    assert changed.by == "sue"
    assert changed.values["credit"] == 90 * SECOND
    assert str(90 * SECOND) in changed.values["credit_from"]


def test_a_return_and_its_cause_are_told(log, timelines):
    log.ready("ann")
    log.arrive("k1")
    log.advance(25 * SECOND)
    assert codes(timelines, "k1")[-2:] == ["offer_timed_out", "returned"]
    assert line(timelines, "k1", "returned").values["reason"] == "missed"


def test_the_way_through_a_flow_is_told_with_what_was_answered(log, timelines):
    log.say(c.Arrive, contact="k1", channel="voice", address="+100")
    log.say(c.EnterFlow, contact="k1", flow="main")
    passed = (Passed(node="main/3/hello", exit="next"), Passed(node="main/3/menu", heard="2"))
    log.say(c.AdvanceFlow, contact="k1", turn=1, node="main/3/hours", session=b"s", passed=passed)
    assert line(timelines, "k1", "flow_advanced").values["path"] == "hello, menu (2)"


def test_who_the_customer_is_is_a_line_of_its_own(log, timelines):
    log.arrive("k1")
    customer = CustomerRef(id="7", name="María Díaz", tier="gold")
    log.say(c.IdentifyCustomer, contact="k1", customer=customer)
    assert line(timelines, "k1", "customer_identified").values == {
        "customer_id": "7",
        "customer_name": "María Díaz",
        "customer_tier": "gold",
    }
    log.say(c.IdentifyCustomer, contact="k1", customer=None)
    assert timelines.of("k1").lines[-1].values == {}


def test_what_was_said_is_not_repeated_here(log, timelines):
    log.arrive("k1")
    log.say(c.PostMessage, contact="k1", message="m", author="customer", text="my card is 4111")
    assert "message_posted" not in codes(timelines, "k1")
    assert b"4111" not in msgspec.json.encode(timelines.of("k1"))


def test_only_the_last_finished_contacts_are_kept(log, timelines):
    for number in range(6):
        log.arrive(f"k{number}")
    for number in range(5):
        log.say(c.Abandon, contact=f"k{number}")
    assert [n for n in range(6) if timelines.of(f"k{n}")] == [2, 3, 4, 5]
    assert len(timelines) == 4


def test_a_very_long_life_loses_its_middle_not_its_ends(log, timelines):
    log.arrive("k1")
    for number in range(2 * LONGEST):
        log.say(c.Reprioritise, contact="k1", boost=(number + 1) * SECOND)
    timeline = timelines.of("k1")
    assert len(timeline.lines) == LONGEST
    assert timeline.lines[0].code == "contact_arrived"
    assert timeline.left_out == 2 * LONGEST + 2 - LONGEST


def test_a_life_whose_beginning_is_not_known_says_so(log):
    log.arrive("k1")
    late = Timelines(log.replica)
    log.listeners.append(late.handle)
    log.say(c.Abandon, contact="k1")
    assert not late.of("k1").complete
    assert late.of("nobody") is None


def test_following_the_tail_after_a_restart_comes_to_the_same(new_log):
    for seed in range(10):
        log = new_log()
        live = Timelines(log.replica, finished=10_000)
        log.listeners.append(live.handle)
        log.play(seed, 150)
        rebuilt = Timelines(log.replica, finished=10_000)
        for entry in log.entries:
            rebuilt.handle(entry)
            rebuilt.handle(entry)
        contacts = {e.contact for x in log.entries for e in x.events if hasattr(e, "contact")}
        assert all(live.of(contact) == rebuilt.of(contact) for contact in contacts)


def test_nothing_is_kept_for_good_of_contacts_that_are_over(new_log):
    log = new_log()
    timelines = Timelines(log.replica, finished=2)
    log.listeners.append(timelines.handle)
    log.play(7, 600)
    assert len(timelines) <= len(log.replica.state.contacts) + 2
