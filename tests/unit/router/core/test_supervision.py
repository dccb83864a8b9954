"""What a supervisor may do to contacts: give, take, and move them in the order."""

from __future__ import annotations

import msgspec
import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import MINUTE, SECOND, CallbackOffer, ProfileQueue
from router.core.checks import MAX_BOOST
from router.core.model import ContactState
from tests.unit.router.core.centre import (
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


def small(**rules) -> Centre:
    return Centre(queue(**rules), agent("ann"), agent("ben"), agent("chi"))


# -- reassign ---------------------------------------------------------------------------------


def test_a_waiting_contact_is_given_to_one_agent_and_keeps_its_wait():
    centre = small(steps=steps(skill("es")))
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.wait(45)
    place = centre.contact("k").waiting_since
    happened = centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert offers_of(happened) == [("k", "ben")]
    assert only(happened, e.Offered).why.reason == "named"
    assert centre.contact("k").waiting_since == place
    centre.reject("k")
    assert centre.contact("k").waiting_since == place, "and its place, when they do not take it"


def test_a_ringing_contact_is_taken_from_one_and_given_to_another():
    centre = small()
    centre.ready("ann", "ben")
    centre.arrive("k")
    happened = centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert only(happened, e.OfferRescinded).reason == "reassigned"
    assert centre.ringing("k") == ["ben"]
    assert centre.agent("ann").slots == {}


def test_a_contact_in_hand_is_given_over_and_written_up():
    centre = small(wrap_up=MINUTE)
    centre.ready("ann", "ben")
    centre.talk("k")
    centre.do(c.Hold(id="", contact="k"))
    happened = centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert offers_of(happened) == [("k", "ben")]
    assert centre.contact("k").wrapping == ("ann",)


def test_a_paused_agent_may_be_named_and_is_waited_for():
    centre = small()
    centre.ready("ann", "ben")
    centre.do(c.SetNotReady(id="", agent="ben", reason="break"))
    centre.arrive("k")
    centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert centre.ringing("k") == []
    centre.do(c.SetReady(id="", agent="ben"))
    assert centre.ringing("k") == ["ben"]


def test_a_callback_stays_a_callback_when_it_is_reassigned():
    centre = small(callback=CallbackOffer())
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
    centre.ready("ann", "ben")
    centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert centre.ringing("k") == ["ben"]
    centre.accept("k")
    centre.do(c.FailCallback(id="", contact="k"))
    assert centre.contact("k").state is ContactState.CALLBACK_PROMISED


@pytest.mark.parametrize(
    ("contact", "who", "code"),
    [
        ("k", "ann", "invalid"),
        ("k", "nobody", "unknown_agent"),
        ("k", "chi", "signed_out"),
        ("gone", "ben", "unknown_contact"),
        ("arriving", "ben", "wrong_state"),
        ("over", "ben", "wrong_state"),
    ],
)
def test_what_cannot_be_reassigned(contact: str, who: str, code: str):
    centre = small(wrap_up=MINUTE)
    centre.do(c.Arrive(id="", contact="arriving", channel="voice"))
    centre.ready("ben")
    centre.talk("over")
    centre.end("over")  # ben writes it up
    centre.ready("ann")
    centre.talk("k")
    assert centre.refused(c.Reassign(id="", contact=contact, agent=who)) == code


# -- pull -------------------------------------------------------------------------------------


def test_pulling_takes_a_contact_at_once_past_every_order_and_skill():
    centre = small(steps=steps(skill("es")))
    centre.arrive("older")
    centre.arrive("k", preferred=("ben",))
    centre.ready("ann")
    happened = centre.do(c.Pull(id="", contact="k", agent="ann"))
    assert kinds(happened)[-2:] == ["Offered", "OfferAccepted"]
    assert centre.contact("k").agent == "ann"


def test_pulling_takes_it_from_where_it_rings_also_at_oneself():
    for who in ("ann", "ben"):
        centre = small()
        centre.ready("ann", "ben")
        centre.arrive("k")
        assert centre.ringing("k") == ["ann"]
        centre.do(c.Pull(id="", contact="k", agent=who))
        assert centre.contact("k").agent == who


def test_nobody_pulls_what_cannot_reach_them():
    centre = small()
    centre.ready("ann")
    phone = c.SetReachable(id="", agent="ann", channel="voice", reachable=False, reason="unplugged")
    centre.do(phone)
    centre.arrive("k")
    result = centre.send(c.Pull(id="", contact="k", agent="ann"))
    assert isinstance(result, e.Rejected)
    assert result.code == "unreachable"
    assert result.reason == "Ann cannot be reached by voice (unplugged)."


def test_what_is_given_to_somebody_waits_until_they_can_be_reached():
    centre = small()
    centre.ready("ann", "ben")
    phone = c.SetReachable(id="", agent="ben", channel="voice", reachable=False)
    centre.do(phone)
    centre.arrive("k")
    centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert centre.ringing("k") == []
    happened = centre.do(msgspec.structs.replace(phone, id="", reachable=True))
    assert offers_of(happened) == [("k", "ben")]


def test_capacity_holds_for_pulling():
    centre = small()
    centre.ready("ann")
    centre.talk("k1")
    centre.arrive("k2")
    assert centre.refused(c.Pull(id="", contact="k2", agent="ann")) == "no_capacity"


def test_a_callback_that_pauses_can_be_pulled():
    centre = small(callback=CallbackOffer(attempts=3))
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
    centre.ready("ann")
    centre.accept("k")
    centre.do(c.FailCallback(id="", contact="k"))
    centre.do(c.Pull(id="", contact="k", agent="ann"))
    assert centre.contact("k").agent == "ann"


def test_a_callback_that_pauses_is_kept_for_the_named_agent_when_its_pause_is_over():
    centre = small(callback=CallbackOffer(attempts=3, retry_after=10 * MINUTE))
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
    centre.ready("ann", "ben")
    centre.accept("k")
    centre.do(c.FailCallback(id="", contact="k"))
    due = centre.at + 10 * MINUTE
    centre.do(c.Reassign(id="", contact="k", agent="ben"))
    assert centre.ringing("k") == []
    assert centre.contact("k").preferred_until > due
    centre.wait(10 * 60)
    assert centre.ringing("k") == ["ben"]


def test_who_is_not_taking_work_pulls_nothing():
    centre = small()
    centre.arrive("k")
    pull = c.Pull(id="", contact="k", agent="ann")
    assert centre.refused(pull) == "signed_out"
    centre.do(c.SignIn(id="", agent="ann"))
    assert centre.refused(pull) == "not_ready"
    centre.do(c.SetReady(id="", agent="ann"))
    centre.accept("k")
    centre.arrive("chat", "chat")
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert centre.refused(c.Pull(id="", contact="chat", agent="ann")) == "not_ready"


def test_a_contact_in_hand_is_not_pulled():
    centre = small()
    centre.ready("ann", "ben")
    centre.talk("k")
    assert centre.refused(c.Pull(id="", contact="k", agent="ben")) == "wrong_state"


def test_a_contact_one_is_writing_up_is_not_pulled_back():
    centre = Centre(queue(wrap_up=MINUTE), profile(capacity={"chat": 2}), agent("ann"))
    centre.ready("ann")
    centre.talk("k", "chat")
    centre.do(c.TransferToQueue(id="", contact="k", queue="q"))
    assert centre.refused(c.Pull(id="", contact="k", agent="ann")) == "wrong_state"


# -- reprioritise -----------------------------------------------------------------------------


def test_a_boost_is_set_while_it_waits_or_rings_and_counts_when_it_comes_back():
    centre = small()
    centre.ready("ann")
    centre.arrive("k")
    centre.arrive("other")
    centre.do(c.Reprioritise(id="", contact="k", boost=-MINUTE))
    centre.reject("k")
    assert centre.ringing("other") == ["ann"]
    centre.do(c.Reprioritise(id="", contact="k", boost=MINUTE))
    assert centre.contact("k").waiting_since == centre.contact("k").queued_at - MINUTE


def test_a_boost_that_makes_the_contact_visible_finds_the_free_agent():
    terms = profile(queues=(ProfileQueue(queue="q", delay=30 * SECOND),))
    centre = Centre(queue(), terms, agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    assert centre.ringing("k") == []
    centre.do(c.Reprioritise(id="", contact="k", boost=30 * SECOND))
    assert centre.ringing("k") == ["ann"]


def test_a_boost_is_one_day_at_most_and_for_who_waits():
    centre = small()
    centre.arrive("k")
    too_much = c.Reprioritise(id="", contact="k", boost=MAX_BOOST + 1)
    assert centre.refused(too_much) == "invalid"
    centre.ready("ann")
    centre.accept("k")
    assert centre.refused(c.Reprioritise(id="", contact="k", boost=1)) == "wrong_state"


# -- monitor ----------------------------------------------------------------------------------


def test_who_joined_a_conversation_and_how_is_put_down_and_changes_nothing():
    centre = small()
    centre.ready("ann")
    centre.talk("k")
    before = msgspec.structs.replace(centre.contact("k"))
    happened = centre.do(c.Monitor(id="", by="sue", contact="k", mode="whisper"))
    joined = only(happened, e.Monitored)
    assert (joined.supervisor, joined.mode) == ("sue", "whisper")
    before.sequence += 1
    assert centre.contact("k") == before


def test_nobody_joins_a_contact_that_waits():
    centre = small()
    centre.arrive("k")
    assert centre.refused(c.Monitor(id="", by="sue", contact="k", mode="listen")) == (
        "no_conversation"
    )
