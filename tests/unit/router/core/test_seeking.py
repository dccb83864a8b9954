"""Contacts find agents and agents find contacts: steps, bands, delays, preferences, ringing."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import MINUTE, SECOND, CallbackOffer, ProfileQueue, ToMessage
from router.core.catalog import OverflowRule as Rule
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

RELAXING = steps((skill("es", 5), 20), (skill("es", 2), 10), skill("es", 1))


def three_levels(**rules) -> Centre:
    return Centre(
        queue(**{"steps": RELAXING, **rules}),
        agent("high", skills={"es": 5}),
        agent("mid", skills={"es": 3}),
        agent("low", skills={"es": 1}),
    )


# -- requirement steps ------------------------------------------------------------------------


def test_a_step_lasts_its_time_and_then_the_next_pool_opens():
    centre = three_levels()
    centre.ready("high", "mid", "low")
    centre.talk("busy")
    centre.arrive("k")
    assert centre.wait(19.9) == []
    entered, offered = centre.wait(0.2)
    assert (entered.step, entered.reason) == (1, "elapsed")
    assert offered.agent == "mid"


def test_each_step_has_its_own_time_and_the_last_lasts():
    centre = three_levels()
    centre.ready("high", "mid", "low")
    for name in ("high", "mid", "low"):
        centre.do(c.SetNotReady(id="", agent=name, reason="break"))
    centre.arrive("k")
    happened = centre.wait(3_600)
    assert [(one.step, one.reason) for one in happened] == [(1, "elapsed"), (2, "elapsed")]
    assert centre.contact("k").step_until == 0


def test_moving_to_the_next_step_keeps_the_place():
    centre = three_levels()
    centre.ready("mid")
    centre.do(c.SetNotReady(id="", agent="mid", reason="break"))
    centre.arrive("first", steps=steps((skill("es", 2), 15), skill("es", 1)))
    centre.wait(5)
    centre.arrive("second", steps=steps(skill("es", 1)))
    centre.wait(15)
    assert centre.contact("first").step == 1
    assert centre.line() == ["first", "second"]
    centre.ready("mid")
    assert centre.ringing("first") == ["mid"]


def test_a_step_nobody_signed_in_could_ever_meet_is_skipped_at_once():
    centre = three_levels()
    centre.ready("low")
    happened = centre.arrive("k")
    assert kinds(happened) == ["Enqueued", "StepEntered", "StepEntered", "Offered"]
    assert {one.reason for one in happened if isinstance(one, e.StepEntered)} == {
        "nobody_signed_in"
    }


@pytest.mark.parametrize("paused", [True, False])
def test_a_busy_or_paused_agent_is_still_hope(paused: bool):
    centre = three_levels()
    centre.ready("high", "low")
    if paused:
        centre.do(c.SetNotReady(id="", agent="high", reason="break"))
    else:
        centre.talk("busy")
    centre.arrive("k")
    assert centre.contact("k").step == 0
    assert centre.ringing("k") == []


def test_the_last_hope_signing_out_skips_the_step_of_those_who_wait():
    centre = three_levels()
    centre.ready("high", "low")
    centre.do(c.SetNotReady(id="", agent="high", reason="break"))
    centre.arrive("k")
    happened = centre.do(c.SignOut(id="", agent="high"))
    assert kinds(happened) == ["AgentSignedOut", "StepEntered", "StepEntered", "Offered"]


def test_the_last_hope_losing_the_skill_skips_the_step_too():
    centre = three_levels()
    centre.ready("high", "low")
    centre.do(c.SetNotReady(id="", agent="high", reason="break"))
    centre.arrive("k")
    centre.do(c.LendSkills(id="", agent="high", skills={"es": 0}))
    assert centre.ringing("k") == ["low"]


def test_hope_on_another_channel_is_none():
    chat_only = profile("chats", capacity={"chat": 1})
    centre = Centre(
        queue(steps=RELAXING),
        profile(),
        chat_only,
        agent("high", "chats", skills={"es": 9}),
        agent("low", skills={"es": 1}),
    )
    centre.ready("high", "low")
    centre.arrive("k", "voice")
    assert centre.ringing("k") == ["low"]


def test_with_nobody_at_all_a_contact_goes_to_its_last_step_and_waits_there():
    centre = three_levels()
    centre.arrive("k")
    assert (centre.contact("k").step, centre.contact("k").state) == (2, ContactState.QUEUED)
    centre.ready("low")
    assert centre.ringing("k") == ["low"]


def test_a_step_also_ends_while_the_contact_rings():
    centre = three_levels(offer_for=MINUTE)
    centre.ready("high")
    centre.arrive("k")
    assert kinds(centre.wait(20)) == ["StepEntered"]
    assert centre.ringing("k") == ["high"]


def test_new_demands_start_from_their_first_step_and_keep_the_place():
    centre = three_levels()
    centre.ready("high", "low")
    centre.do(c.SetNotReady(id="", agent="high", reason="break"))
    centre.arrive("k")
    centre.wait(21)
    assert centre.contact("k").step == 1
    since = centre.contact("k").waiting_since
    centre.do(c.EditContact(id="", contact="k", steps=steps((skill("es", 4), 5), skill("es", 1))))
    assert (centre.contact("k").step, centre.contact("k").waiting_since) == (0, since)
    centre.wait(5)
    assert centre.ringing("k") == ["low"]


def test_demands_edited_while_waiting_find_the_agent_who_is_free_now():
    centre = three_levels()
    centre.ready("high", "low")
    centre.do(c.SetNotReady(id="", agent="high", reason="break"))
    centre.arrive("k")
    happened = centre.do(c.EditContact(id="", contact="k", steps=steps(skill("es", 1))))
    assert offers_of(happened) == [("k", "low")]


def test_naming_favourites_does_not_start_the_steps_anew():
    centre = three_levels()
    centre.ready("high", "mid")
    centre.do(c.SetNotReady(id="", agent="high", reason="break"))
    centre.do(c.SetNotReady(id="", agent="mid", reason="break"))
    centre.arrive("k")
    centre.wait(25)
    until = centre.contact("k").step_until
    centre.do(c.EditContact(id="", contact="k", preferred=("mid",)))
    contact = centre.contact("k")
    assert (contact.step, contact.step_until, contact.preferred) == (1, until, ("mid",))


# -- which contact a free agent takes ---------------------------------------------------------


def two_queues(order: str = "wait", **terms) -> Centre:
    mine = profile(queues=(terms.get("first", "a"), terms.get("second", "b")), order=order)
    return Centre(
        queue("a", service_within=10 * SECOND),
        queue("b", service_within=60 * SECOND),
        mine,
        agent("ann"),
        agent("ben"),
    )


def test_a_free_agent_takes_the_longest_wait_over_all_their_queues():
    centre = two_queues()
    centre.arrive("younger", queue="a")
    centre.arrive("older", queue="b")
    centre.do(c.Reprioritise(id="", contact="older", boost=SECOND))
    centre.ready("ann")
    assert centre.ringing("older") == ["ann"]


def test_a_lower_band_comes_first_however_long_the_others_wait():
    centre = two_queues(first=ProfileQueue(queue="a", band=2))
    centre.arrive("old", queue="a")
    centre.wait(3_600)
    centre.arrive("new", queue="b")
    centre.ready("ann")
    assert centre.ringing("new") == ["ann"]


def test_a_delayed_queue_is_seen_only_after_that_wait():
    centre = two_queues(first=ProfileQueue(queue="a", delay=45 * SECOND))
    centre.ready("ann")
    centre.arrive("k", queue="a")
    assert centre.ringing("k") == []
    assert offers_of(centre.wait(44.9)) == []
    assert offers_of(centre.wait(0.2)) == [("k", "ann")]


def test_credit_counts_towards_the_delay():
    centre = two_queues(first=ProfileQueue(queue="a", delay=45 * SECOND))
    centre.ready("ann")
    centre.arrive("k", queue="a", boost=40 * SECOND)
    assert offers_of(centre.wait(5)) == [("k", "ann")]


def test_a_contact_whose_delay_has_not_passed_lets_a_later_one_of_another_queue_by():
    centre = two_queues(first=ProfileQueue(queue="a", delay=45 * SECOND))
    centre.arrive("early", queue="a")
    centre.wait(1)
    centre.arrive("late", queue="b")
    centre.ready("ann")
    assert centre.ringing("late") == ["ann"]


def test_by_objective_the_larger_share_of_the_objective_comes_first():
    centre = two_queues(order="objective")
    centre.arrive("slow", queue="b")  # 60 s objective
    centre.wait(30)
    centre.arrive("quick", queue="a")  # 10 s objective
    centre.wait(6)  # slow: 36/60, quick: 6/10
    centre.do(c.Reprioritise(id="", contact="quick", boost=SECOND))
    centre.ready("ann")
    assert centre.ringing("quick") == ["ann"]


def test_by_objective_equal_shares_go_by_arrival():
    centre = two_queues(order="objective")
    centre.arrive("slow", queue="b")
    centre.at += 50 * SECOND
    centre.arrive("quick", queue="a")
    centre.at += 10 * SECOND
    centre.do(c.SignIn(id="", agent="ann"))
    centre.do(c.SetReady(id="", agent="ann"))  # 60/60 and 10/10
    assert centre.ringing("slow") == ["ann"]


def test_a_free_agent_takes_as_many_as_they_have_room_for():
    centre = Centre(agent("ann"))
    for number in range(4):
        centre.arrive(f"chat{number}", "chat")
    centre.ready("ann")
    assert offers_of(centre.log[-1].events) == [("chat0", "ann"), ("chat1", "ann")]


def test_a_contact_the_agent_may_not_see_yet_does_not_hold_up_those_behind_it():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("first")
    centre.arrive("second")
    centre.reject("first")
    assert centre.ringing("second") == ["ann"]


def test_of_several_that_seek_at_one_moment_who_stands_first_seeks_first():
    centre = Centre(
        queue(steps=steps((skill("es"), 20), skill("x"))),
        agent("ann", skills={"x": 1}),
        agent("ben", skills={"es": 1}),
    )
    centre.ready("ben", "ann")
    centre.do(c.SetNotReady(id="", agent="ben", reason="break"))
    centre.arrive("plain")
    centre.arrive("boosted", boost=SECOND)  # their steps end at the same moment
    assert offers_of(centre.wait(20)) == [("boosted", "ann")]


def test_those_whose_hope_left_seek_in_their_order():
    demands = steps((skill("es"), 60), skill("x"))
    centre = Centre(
        queue(steps=demands), agent("ann", skills={"x": 1}), agent("ben", skills={"es": 1})
    )
    centre.ready("ann", "ben")
    centre.do(c.SetNotReady(id="", agent="ben", reason="break"))
    centre.arrive("plain", steps=steps((skill("es"), 60), skill("es"), skill("x")))
    centre.arrive("boosted", boost=SECOND)
    assert offers_of(centre.do(c.SignOut(id="", agent="ben"))) == [("boosted", "ann")]


# -- preferred agents -------------------------------------------------------------------------


def test_a_preferred_agent_has_the_contact_to_themselves_for_a_while():
    centre = Centre(agent("ann"), agent("ben"), queue(preferred_for=30 * SECOND))
    centre.ready("ann", "ben")
    centre.talk("busy")
    centre.arrive("k", preferred=("ann",))
    assert centre.ringing("k") == []
    centre.wait(29)
    assert centre.ringing("k") == []
    happened = centre.wait(2)
    assert only(happened, e.PreferenceEnded).reason == "elapsed"
    assert centre.ringing("k") == ["ben"]


def test_a_preferred_agent_who_frees_takes_theirs_before_older_contacts():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.talk("busy")
    centre.arrive("older")
    centre.arrive("mine", preferred=("ann",))
    centre.end("busy")
    assert centre.ringing("mine") == ["ann"]


def test_preferred_agents_are_asked_in_the_order_given():
    centre = Centre(agent("ann"), agent("ben"), agent("chi"))
    centre.ready("ann", "ben", "chi")
    centre.arrive("k", preferred=("chi", "ben"))
    assert centre.ringing("k") == ["chi"]
    centre.reject("k")
    assert centre.ringing("k") == ["ben"]


def test_with_no_preferred_agent_signed_in_everybody_may_take_it_at_once():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ben")
    happened = centre.arrive("k", preferred=("ann",))
    assert only(happened, e.PreferenceEnded).reason == "nobody_signed_in"
    assert centre.ringing("k") == ["ben"]


def test_the_last_preferred_agent_signing_out_opens_the_contact():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k", preferred=("ann",))
    assert centre.ringing("k") == []
    centre.do(c.SignOut(id="", agent="ann"))
    assert centre.ringing("k") == ["ben"]


def test_when_every_preferred_agent_rejects_the_others_are_not_kept_waiting():
    centre = Centre(agent("ann"), agent("ben"), queue(preferred_for=30 * SECOND))
    centre.ready("ann", "ben")
    centre.arrive("k", preferred=("ann",))
    happened = centre.reject("k")
    assert only(happened, e.PreferenceEnded).reason == "rejected"
    assert offers_of(happened) == [("k", "ben")]


def test_a_preferred_agent_who_may_see_it_again_in_time_is_waited_for():
    rules = {"preferred_for": 60 * SECOND, "reoffer_after": 5 * SECOND}
    centre = Centre(agent("ann"), agent("ben"), queue(**rules))
    centre.ready("ann", "ben")
    centre.arrive("k", preferred=("ann",))
    centre.reject("k")
    assert centre.ringing("k") == []
    assert offers_of(centre.wait(5)) == [("k", "ann")]


def test_a_preferred_agent_without_the_channel_is_nobody_to_wait_for():
    chats = profile("chats", capacity={"chat": 1})
    centre = Centre(profile(), chats, agent("ann", "chats"), agent("ben"))
    centre.ready("ann", "ben")
    centre.arrive("k", "voice", preferred=("ann",))
    assert centre.ringing("k") == ["ben"]


def test_when_those_who_may_still_come_lack_the_channel_the_others_are_not_kept_waiting():
    chats = profile("chats", capacity={"chat": 1})
    centre = Centre(profile(), chats, agent("ann"), agent("ben", "chats"), agent("chi"))
    centre.ready("ann", "ben", "chi")
    centre.arrive("k", "voice", preferred=("ann", "ben"))
    happened = centre.reject("k", by="ann")
    assert only(happened, e.PreferenceEnded).reason == "rejected"
    assert offers_of(happened) == [("k", "chi")]


def test_the_time_of_preferred_agents_is_over_before_anybody_is_offered_anything():
    """At one moment Ann's time ends and Ben becomes free: the longest wait comes first for him."""
    centre = Centre(queue(wrap_up=10 * SECOND), agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.talk("long")
    centre.talk("short")
    centre.arrive("older", preferred=("ann",), preferred_for=10 * SECOND)
    centre.arrive("younger")
    centre.end("short")
    assert offers_of(centre.wait(10)) == [("older", "ben")]


def test_a_preferred_agent_needs_neither_the_skill_nor_the_queue():
    other = profile("other", queues=())
    centre = Centre(queue(steps=steps(skill("es"))), profile(), other, agent("ann", "other"))
    centre.ready("ann")
    centre.arrive("k", preferred=("ann",))
    assert centre.ringing("k") == ["ann"]


def test_afterwards_they_are_still_asked_first_if_they_meet_the_step():
    rules = {"preferred_for": 10 * SECOND, "steps": steps(skill("es"))}
    es = {"es": 1}
    centre = Centre(queue(**rules), agent("ann", skills=es), agent("ben", skills=es), agent("chi"))
    centre.ready("ben", "chi", "ann")
    for name in ("ann", "ben", "chi"):
        centre.do(c.SetNotReady(id="", agent=name, reason="break"))
    centre.arrive("k", preferred=("chi", "ann"))
    centre.wait(11)
    centre.do(c.SetReady(id="", agent="ben"))
    assert centre.ringing("k") == ["ben"], "nobody waits for a favourite any more"
    centre.do(c.SetReady(id="", agent="chi"))
    centre.do(c.SetReady(id="", agent="ann"))
    centre.reject("k")
    assert centre.ringing("k") == ["ann"]


def test_afterwards_a_delay_holds_for_them_as_well():
    late = profile("late", queues=(ProfileQueue(queue="q", delay=30 * SECOND),))
    centre = Centre(late, agent("ann", "late"))
    centre.ready("ann")
    assert offers_of(centre.arrive("k", preferred=("ann",), preferred_for=0)) == []
    assert offers_of(centre.do(c.Reprioritise(id="", contact="k", boost=SECOND))) == []
    assert offers_of(centre.wait(29)) == [("k", "ann")]


def freed_together(*parts) -> Centre:
    """``ann`` and ``ben`` are in one conference and become free when it ends."""
    centre = Centre(*parts, agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.talk("busy")
    centre.do(c.Consult(id="", contact="busy", consult="ask", agent="ben"))
    centre.accept("ask")
    centre.do(c.Conference(id="", contact="busy"))
    return centre


def test_afterwards_they_are_asked_first_also_among_those_freed_at_one_moment():
    centre = freed_together()
    centre.arrive("k", preferred=("ben",), preferred_for=0)
    assert offers_of(centre.end("busy")) == [("k", "ben")]


def test_afterwards_a_contact_does_not_get_before_a_better_band():
    """Two contacts look for an agent at one moment, the one in the second band longer waiting."""
    mine = profile(queues=(ProfileQueue(queue="q", band=2), "first"))
    centre = Centre(queue(), queue("first"), mine, agent("ann"))
    centre.arrive("k", preferred=("ann",), preferred_for=0)
    centre.arrive("better", queue="first")
    centre.ready("ann")
    centre.reject("better")
    centre.reject("k")
    assert offers_of(centre.wait(30)) == [("better", "ann")]


def test_those_freed_at_one_moment_are_asked_in_the_order_given():
    centre = freed_together()
    centre.arrive("k", preferred=("ben", "ann"))
    assert offers_of(centre.end("busy")) == [("k", "ben")]


def test_a_preferred_agent_lets_the_phone_ring_out_after_the_time_is_over():
    centre = Centre(agent("ann"), agent("ben"), queue(preferred_for=10 * SECOND))
    centre.ready("ann", "ben")
    centre.talk("busy")
    centre.arrive("k", preferred=("ann",))
    centre.wait(9)
    centre.end("busy")
    assert centre.ringing("k") == ["ann"]
    centre.wait(15)
    assert centre.ringing("k") == ["ann"]
    centre.reject("k")
    assert centre.ringing("k") == ["ben"]


def test_preferred_for_nothing_means_asked_first_and_nobody_waits():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.arrive("k1", preferred=("ben",), preferred_for=0)
    assert centre.ringing("k1") == ["ben"]
    centre.arrive("k2", preferred=("ben",), preferred_for=0)
    assert centre.ringing("k2") == ["ann"]


def test_what_was_taken_is_kept_for_nobody_when_it_comes_back():
    centre = Centre(agent("ann"), agent("ben"), queue(preferred_for=MINUTE, reoffer_after=SECOND))
    centre.ready("ann", "ben")
    centre.arrive("k", preferred=("ann",))
    centre.accept("k")
    centre.do(c.Requeue(id="", contact="k"))
    assert centre.ringing("k") == ["ben"]


# -- offers: reject, miss, lose, rescind ------------------------------------------------------


def test_a_rejected_contact_keeps_its_place_and_is_not_offered_to_that_agent_at_once():
    centre = Centre(agent("ann"), queue(reoffer_after=30 * SECOND))
    centre.ready("ann")
    centre.arrive("k")
    before = centre.contact("k").waiting_since
    centre.reject("k")
    assert centre.contact("k").waiting_since == before
    assert centre.agent("ann").state == "ready"
    assert offers_of(centre.wait(29.9)) == []
    assert offers_of(centre.wait(0.2)) == [("k", "ann")]


def test_a_missed_offer_makes_the_agent_not_ready_and_the_next_one_gets_it():
    centre = Centre(agent("ann"), agent("ben"), queue(offer_for=20 * SECOND))
    centre.ready("ann", "ben")
    centre.arrive("k")
    assert centre.wait(19.9) == []
    happened = centre.wait(0.2)
    assert kinds(happened) == ["OfferTimedOut", "AgentNotReady", "Returned", "Offered"]
    ann = centre.agent("ann")
    assert (ann.state, ann.reason, ann.missed) == ("not_ready", "missed_offer", 1)
    assert centre.ringing("k") == ["ben"]


def test_missing_can_leave_the_agent_ready_but_not_for_the_same_contact():
    centre = Centre(agent("ann"), queue(missed_offer="ready", reoffer_after=30 * SECOND))
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(20)
    assert centre.agent("ann").state == "ready"
    assert centre.ringing("k") == []
    centre.arrive("next")
    assert centre.ringing("next") == ["ann"]


def test_missing_one_offer_takes_back_the_others_that_ring_there():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.arrive("chat1", "chat")
    centre.wait(5)
    centre.arrive("chat2", "chat")
    centre.ready("ben")
    happened = centre.wait(16)
    assert only(happened, e.OfferRescinded).contact == "chat2"
    assert offers_of(happened) == [("chat1", "ben"), ("chat2", "ben")]


def test_accepting_at_the_moment_of_expiry_is_too_late():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    offer = centre.contact("k").offers["ann"]
    centre.at += 20 * SECOND
    assert centre.refused(c.Accept(id="", offer=offer)) == "offer_gone"


def test_an_offer_can_be_answered_once():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    offer = centre.contact("k").offers["ann"]
    centre.accept("k")
    assert centre.refused(c.Accept(id="", offer=offer)) == "offer_gone"
    assert centre.refused(c.Reject(id="", offer=offer)) == "offer_gone"
    assert centre.refused(c.Accept(id="", offer="nothing.1")) == "offer_gone"


def test_auto_accept_connects_at_once():
    centre = Centre(agent("ann"), queue(auto_accept=True))
    centre.ready("ann")
    happened = centre.arrive("k")
    assert kinds(happened) == ["Enqueued", "Offered", "OfferAccepted"]
    assert only(happened, e.Offered).auto_accept
    assert centre.contact("k").agent == "ann"


def test_no_offer_is_shorter_than_a_person_can_see():
    centre = Centre(agent("ann"), queue(offer_for=0))
    centre.ready("ann")
    assert only(centre.arrive("k"), e.Offered).expires_at == centre.at + SECOND


def test_a_failed_connection_frees_the_agent_and_keeps_the_place():
    centre = Centre(agent("ann"), agent("ben"), queue(wrap_up=MINUTE))
    centre.ready("ann")
    centre.arrive("k")
    since = centre.contact("k").waiting_since
    centre.accept("k")
    centre.do(c.FailConnection(id="", contact="k"))
    assert centre.contact("k").state is ContactState.QUEUED
    assert centre.contact("k").waiting_since == since
    assert centre.agent("ann").slots == {}, "nothing to write up"
    assert centre.ringing("k") == []
    centre.ready("ben")
    assert centre.ringing("k") == ["ben"]


# -- ringing at several -----------------------------------------------------------------------


def together(*names: str, **rules) -> Centre:
    return Centre(
        queue(**{"strategy": "ring_all", "missed_offer": "ready", **rules}),
        *(agent(name) for name in names),
    )


def test_the_first_to_accept_wins_and_the_others_are_rescinded():
    centre = together("ann", "ben", "chi")
    centre.ready("ann", "ben", "chi")
    centre.arrive("k")
    assert centre.ringing("k") == ["ann", "ben", "chi"]
    loser = centre.contact("k").offers["chi"]
    happened = centre.accept("k", by="ben")
    rescinded = [one for one in happened if isinstance(one, e.OfferRescinded)]
    assert [(one.agent, one.reason) for one in rescinded] == [
        ("ann", "accepted_elsewhere"),
        ("chi", "accepted_elsewhere"),
    ]
    assert centre.contact("k").agent == "ben"
    assert centre.refused(c.Accept(id="", offer=loser)) == "offer_gone"


def test_agents_freed_together_all_ring_for_the_next_contact():
    centre = together("ann", "ben", "chi")
    centre.ready("ann", "ben", "chi")
    centre.arrive("k1")
    centre.arrive("k2")
    assert centre.ringing("k2") == []
    centre.accept("k1", by="ann")
    assert sorted(centre.ringing("k2")) == ["ben", "chi"]


def test_who_becomes_free_rings_along():
    centre = together("ann", "ben")
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(5)
    centre.ready("ben")
    assert centre.ringing("k") == ["ann", "ben"]


def test_who_becomes_free_takes_a_waiting_contact_before_ringing_along():
    centre = together("ann", "ben", ring_all_limit=8)
    centre.ready("ann")
    centre.arrive("ringing")
    centre.arrive("waiting")
    centre.ready("ben")
    assert centre.ringing("waiting") == ["ben"]
    assert centre.ringing("ringing") == ["ann"]


def test_nobody_rings_along_past_the_limit():
    centre = together("ann", "ben", "chi", ring_all_limit=2)
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.ready("chi")
    assert centre.ringing("k") == ["ann", "ben"]


def test_who_rejects_is_replaced_and_the_others_ring_on():
    centre = together("ann", "ben", "chi", ring_all_limit=2)
    centre.ready("ann", "ben", "chi")
    centre.arrive("k")
    happened = centre.reject("k", by="ann")
    assert offers_of(happened) == [("k", "chi")]
    assert centre.ringing("k") == ["ben", "chi"]
    assert centre.contact("k").state is ContactState.OFFERED


def test_who_rejected_does_not_ring_along_before_their_time():
    centre = together("ann", "ben", reoffer_after=10 * SECOND, offer_for=MINUTE)
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.reject("k", by="ann")
    assert offers_of(centre.wait(9.9)) == []
    assert offers_of(centre.wait(0.2)) == [("k", "ann")]


def test_when_all_miss_it_the_contact_waits_in_its_place_again():
    centre = together("ann", "ben", reoffer_after=MINUTE)
    centre.ready("ann", "ben")
    centre.arrive("k")
    since = centre.contact("k").waiting_since
    happened = centre.wait(20)
    assert kinds(happened) == ["OfferTimedOut", "OfferTimedOut", "Returned"]
    assert centre.contact("k").waiting_since == since


def test_a_helper_rings_along_once_the_delay_is_over():
    helpers = profile("helpers", queues=(ProfileQueue(queue="q", delay=10 * SECOND),))
    centre = Centre(
        queue(strategy="ring_all"), profile(), helpers, agent("ann"), agent("ben", "helpers")
    )
    centre.ready("ann", "ben")
    centre.arrive("k")
    assert centre.ringing("k") == ["ann"]
    assert offers_of(centre.wait(10)) == [("k", "ben")]


def test_the_next_step_rings_along():
    centre = three_levels(strategy="ring_all", offer_for=MINUTE)
    centre.ready("high", "mid", "low")
    centre.arrive("k")
    assert centre.ringing("k") == ["high"]
    centre.wait(20)
    assert centre.ringing("k") == ["high", "mid"]


def test_a_rule_that_is_due_lets_the_ringing_come_to_an_end():
    """Else a contact could ring here and there for ever and never overflow."""
    rule = Rule(when="wait", at=30 * SECOND, to=ToMessage(text="sorry"))
    centre = together("ann", "ben", reoffer_after=SECOND, overflow=(rule,))
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(15)
    centre.ready("ben")
    happened = centre.wait(60)
    assert only(happened, e.Overflowed).cause == "wait"


def test_a_preferred_agent_does_not_share_the_ringing():
    centre = together("ann", "ben", "chi")
    centre.ready("ann", "ben")
    centre.arrive("k", preferred=("ann",))
    centre.ready("chi")
    assert centre.ringing("k") == ["ann"]


def test_ringing_at_several_with_auto_accept_connects_one():
    centre = together("ann", "ben", auto_accept=True)
    centre.ready("ann", "ben")
    happened = centre.arrive("k")
    assert kinds(happened) == ["Enqueued", "Offered", "OfferAccepted"]


def test_a_callback_rings_at_more_whatever_the_rules_of_those_on_the_line_say():
    rule = Rule(when="wait", at=30 * SECOND, to=ToMessage(text="sorry"))
    centre = together("ann", "ben", overflow=(rule,), callback=CallbackOffer())
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+100"))
    centre.wait(60)
    centre.ready("ann", "ben")
    assert centre.ringing("k") == ["ann", "ben"]


@pytest.mark.parametrize("leaving", ["LoseAgent", "SignOut"])
def test_one_who_leaves_is_replaced(leaving: str):
    centre = together("ann", "ben", "chi", ring_all_limit=2)
    centre.ready("ann", "ben", "chi")
    centre.arrive("k")
    assert offers_of(centre.do(getattr(c, leaving)(id="", agent="ann"))) == [("k", "chi")]
    assert centre.ringing("k") == ["ben", "chi"]


@pytest.mark.parametrize("leaving", ["LoseAgent", "SignOut"])
def test_one_who_leaves_stops_ringing_and_the_others_go_on(leaving: str):
    centre = together("ann", "ben")
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.do(getattr(c, leaving)(id="", agent="ann"))
    assert centre.ringing("k") == ["ben"]
    assert centre.contact("k").state is ContactState.OFFERED


def test_one_with_room_for_two_is_not_rung_twice_for_one_contact():
    centre = together("ann", "ben")
    centre.ready("ann")
    centre.arrive("chat", "chat")
    centre.ready("ben")
    assert centre.ringing("chat") == ["ann", "ben"]
    assert len(centre.happened(e.Offered)) == 2
