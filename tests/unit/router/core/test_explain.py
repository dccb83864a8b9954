"""Why: for every contact and offer, from the core's own state."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core.catalog import (
    HOUR,
    MINUTE,
    SECOND,
    CallbackOffer,
    Credits,
    Hours,
    OverflowRule,
    ProfileQueue,
    ToCallback,
    ToMessage,
    ToQueue,
)
from router.core.explain import (
    ContactExplanation,
    Obstacle,
    Standing,
    explain_contact,
    explain_offer,
    standing,
)
from router.core.model import CreditPart
from tests.unit.router.core.centre import (
    GOLD,
    START,
    Centre,
    agent,
    kinds,
    profile,
    queue,
    skill,
    steps,
)

SORRY = ToMessage(text="sorry")


def why(centre: Centre, contact: str = "k") -> ContactExplanation:
    found = explain_contact(centre.state, contact, centre.at)
    assert found is not None
    return found


def stands(centre: Centre, who: str, contact: str = "k") -> Standing:
    return standing(centre.state, centre.agent(who), centre.contact(contact), centre.at)


def coming(centre: Centre, contact: str = "k") -> list[tuple[str, int]]:
    """(what, seconds from now)."""
    return [(one.what, (one.at - centre.at) // SECOND) for one in why(centre, contact).coming]


# -- who cannot be reached --------------------------------------------------------------------


def test_who_cannot_be_reached_is_named_with_the_reason():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    for name, channel in (("ann", "voice"), ("ben", "chat")):
        centre.do(
            c.SetReachable(id="", agent=name, channel=channel, reachable=False, reason="unplugged")
        )
    centre.talk("other")
    centre.arrive("k")
    found = why(centre)
    assert [(one.name, one.detail) for one in found.unreachable] == [("Ann", "unplugged")]
    assert [one.agent for one in found.busy] == ["ben"]
    assert found.can_take == 2, "they are signed in and able"


def test_a_pause_is_told_before_the_telephone_and_the_telephone_before_a_rejection():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    centre.reject("k")
    centre.do(c.SetReachable(id="", agent="ann", channel="voice", reachable=False))
    assert stands(centre, "ann").code == "unreachable"
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert stands(centre, "ann").code == "not_ready"


# -- who could take it ------------------------------------------------------------------------


def test_every_signed_in_agent_stands_somewhere_towards_a_contact():
    """One of each kind, and nobody counted twice."""
    late = profile("late", queues=(ProfileQueue(queue="q", delay=MINUTE),))
    centre = Centre(
        queue(steps=steps(skill("es", 3)), reoffer_after=30 * SECOND),
        queue("other"),
        profile(queues=("q", "other")),
        late,
        profile("elsewhere", queues=("other",)),
        profile("mails", capacity={"email": 1}),
        *(
            agent(name, skills={"es": 5})
            for name in ("busy", "paused", "rejected", "leaving", "signed_out")
        ),
        agent("helper", "late", skills={"es": 5}),
        agent("weak", skills={"es": 2}),
        agent("stranger", "elsewhere"),
        agent("postman", "mails"),
    )
    centre.ready("busy")
    centre.talk("call 1")
    centre.ready("leaving")
    centre.talk("mail", "email")
    centre.do(c.SetNotReady(id="", agent="leaving", reason="lunch"))
    centre.ready("paused")
    centre.do(c.SetNotReady(id="", agent="paused", reason="training"))
    centre.ready("weak", "stranger", "postman", "helper", "rejected")
    centre.arrive("k")
    centre.reject("k", by="rejected")
    found = why(centre)
    assert found.signed_in == 8
    assert found.free == ()
    assert [(one.agent, one.code, one.detail) for one in found.busy] == [
        ("busy", "busy", ""),
        ("leaving", "leaving", "lunch"),
    ]
    assert [(one.agent, one.detail) for one in found.not_ready] == [("paused", "training")]
    assert [(one.agent, one.code, one.until - centre.at) for one in found.later] == [
        ("rejected", "excluded", 30 * SECOND),
        ("helper", "delayed", MINUTE),
    ]
    assert found.obstacles == (Obstacle(condition="es >= 3", count=1, agents=("Weak",)),)
    assert found.other_queues == 2
    assert found.can_take == 5


def test_which_condition_failed_for_whom():
    centre = Centre(
        queue(steps=steps(skill("es", 3), skill("tax"))),
        agent("ann", skills={"es": 5}),
        agent("ben", skills={"es": 1}),
        agent("chi", skills={"es": 2}),
    )
    centre.ready("ben", "chi", "ann")
    centre.talk("busy")
    centre.arrive("k")
    assert why(centre).obstacles == (Obstacle(condition="es >= 3", count=2, agents=("Ben", "Chi")),)


def test_a_contact_kept_for_somebody_says_for_whom():
    centre = Centre(agent("ann"), agent("ben"), queue(preferred_for=30 * SECOND))
    centre.ready("ann", "ben")
    centre.talk("busy")
    centre.arrive("k", preferred=("ann",))
    assert why(centre).kept_for == ("ann",)
    assert stands(centre, "ann").code == "busy"
    assert (stands(centre, "ben").code, stands(centre, "ben").until - centre.at) == (
        "kept",
        30 * SECOND,
    )
    assert coming(centre) == [("preference_ends", 30)]
    centre.wait(31)
    assert why(centre).kept_for == ()


def test_who_rings_or_talks_is_busy_with_it_and_others_are_free():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.arrive("k")
    assert (stands(centre, "ann").code, stands(centre, "ben").code) == ("busy", "free")


def test_an_agent_of_the_consultation_may_not_see_it_and_no_time_is_given():
    centre = Centre(agent("ann"), profile(capacity={"chat": 2}))
    centre.ready("ann")
    centre.talk("k", "chat")
    centre.do(c.Consult(id="", contact="k", consult="ask", queue="q"))
    found = stands(centre, "ann", "ask")
    assert (found.code, found.until) == ("excluded", 0)


def test_long_lists_name_some_and_count_all():
    centre = Centre(queue(steps=steps(skill("es"))), *(agent(f"a{n}") for n in range(30)))
    centre.ready(*(f"a{n}" for n in range(30)))
    centre.arrive("k")
    (obstacle,) = why(centre).obstacles
    assert (obstacle.count, len(obstacle.agents)) == (30, 20)


# -- why it stands where it stands ------------------------------------------------------------


def test_the_place_is_told_part_by_part():
    centre = Centre(
        queue(credit=10 * SECOND), agent("ann"), credits=Credits(tiers={"gold": MINUTE})
    )
    centre.arrive("older")
    centre.wait(90)
    centre.arrive("plain")
    centre.arrive("k", customer=GOLD)
    found = why(centre)
    assert found.customer == GOLD
    assert found.credit == (
        CreditPart(source="queue q", credit=10 * SECOND),
        CreditPart(source="tier gold", credit=MINUTE),
    )
    assert found.waiting_since == found.queued_at - 70 * SECOND
    assert [one.contact for one in found.ahead] == ["older"]
    assert found.estimate.position == 2
    assert [one.customer for one in why(centre, "plain").ahead][-1] == "Gold"


def test_only_the_next_few_before_it_are_named():
    centre = Centre(agent("ann"))
    for number in range(9):
        centre.arrive(f"k{number}")
        centre.at += 1
    assert [one.contact for one in why(centre, "k8").ahead] == ["k3", "k4", "k5", "k6", "k7"]


# -- what comes next and when -----------------------------------------------------------------


def test_the_next_step_is_told_with_what_it_asks_and_how_many_more_it_brings():
    centre = Centre(
        queue(steps=steps((skill("es", 3), 20), skill("es"))),
        agent("ann", skills={"es": 5}),
        agent("ben", skills={"es": 1}),
        agent("chi", skills={"es": 2}),
        agent("out", skills={"es": 2}),
    )
    centre.ready("ann", "ben", "chi")
    centre.talk("busy")
    centre.arrive("k")
    found = why(centre)
    assert (found.asks_for, found.step, found.steps) == ("es >= 3", 1, 2)
    (step,) = found.coming
    assert (step.what, step.at - centre.at, step.detail, step.more) == (
        "step",
        20 * SECOND,
        "es >= 1",
        2,
    )


def test_delays_and_rules_are_told_in_the_order_they_come():
    hours = Hours(id="h", spans=((START - HOUR, START + HOUR),), until=START + 2 * HOUR)
    rules = (
        OverflowRule(when="wait", at=5 * MINUTE, to=SORRY),
        OverflowRule(when="unstaffed", at=90 * SECOND, to=SORRY),
        OverflowRule(when="closed", to=SORRY),
        OverflowRule(when="length", at=50, to=SORRY),
        OverflowRule(when="wait", at=MINUTE, to=ToQueue(queue="gone")),
    )
    centre = Centre(
        queue(overflow=rules, hours="h"),
        profile(queues=(ProfileQueue(queue="q", delay=30 * SECOND),)),
        agent("ann"),
        hours={"h": hours},
    )
    centre.arrive("k")
    assert [(one.what, one.detail, one.at - START) for one in why(centre).coming] == [
        ("delay_ends", "", 30 * SECOND),
        ("overflow", "unstaffed", 90 * SECOND),
        ("overflow", "wait", 5 * MINUTE),
        ("overflow", "closed", HOUR),
    ]


def test_what_is_told_to_come_comes_at_that_moment():
    rules = (OverflowRule(when="wait", at=5 * MINUTE, to=SORRY),)
    centre = Centre(queue(overflow=rules, offer_for=10 * SECOND), agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    centre.accept("k")
    centre.wait(60)
    centre.do(c.Requeue(id="", contact="k"))
    centre.do(c.SignOut(id="", agent="ann"))
    ((what, seconds),) = coming(centre)
    assert what == "overflow"
    assert centre.wait(seconds - 0.1) == []
    assert len(centre.wait(0.2)) == 1


def test_rules_are_told_for_when_what_was_given_to_one_agent_is_the_queues_again():
    rules = (OverflowRule(when="wait", at=10 * SECOND, to=SORRY),)
    hours = Hours(id="h", spans=((START - HOUR, START + 20 * SECOND),), until=START + HOUR)
    closed = OverflowRule(when="closed", to=SORRY)
    centre = Centre(
        queue(overflow=(*rules, closed), hours="h", preferred_for=30 * SECOND),
        agent("ann"),
        hours={"h": hours},
    )
    centre.ready("ann")
    centre.talk("busy")
    centre.arrive("k")
    centre.do(c.Reassign(id="", contact="k", agent="ann"))
    expected = [("preference_ends", 30), ("overflow", 30), ("overflow", 30)]
    assert coming(centre) == expected
    centre.wait(15)
    assert coming(centre) == [(what, seconds - 15) for what, seconds in expected]
    assert kinds(centre.wait(15)) == ["PreferenceEnded", "Overflowed"]


def test_a_callback_tells_when_it_is_due_and_overflows_no_more():
    rules = (
        OverflowRule(when="wait", at=MINUTE, to=ToCallback()),
        OverflowRule(when="wait", at=2 * MINUTE, to=SORRY),
    )
    offer = CallbackOffer(retry_after=10 * MINUTE)
    centre = Centre(queue(overflow=rules, callback=offer), agent("ann"))
    centre.arrive("k", address="+34600100200")
    centre.wait(60)
    assert coming(centre) == []
    centre.ready("ann")
    centre.accept("k")
    centre.do(c.FailCallback(id="", contact="k"))
    assert coming(centre) == [("callback_due", 600)]


def test_nothing_comes_by_itself_while_they_talk():
    centre = Centre(queue(steps=steps((skill("x"), 60), skill("x"))), agent("ann", skills={"x": 1}))
    centre.ready("ann")
    centre.talk("k")
    assert coming(centre) == []
    assert why(centre).ahead == ()


@pytest.mark.parametrize("contact", ["nobody", "at the door"])
def test_there_is_no_explanation_for_what_is_in_no_queue(contact: str):
    centre = Centre(agent("ann"))
    centre.do(c.Arrive(id="", contact="at the door", channel="voice"))
    assert explain_contact(centre.state, contact, centre.at) is None


# -- why this agent ---------------------------------------------------------------------------


def test_an_offer_by_strategy_names_the_strategy_the_levels_and_the_runner_up():
    centre = Centre(
        queue(strategy="most_skilled", steps=steps(skill("es", 2))),
        agent("ann", skills={"es": 4, "tax": 9}),
        agent("ben", skills={"es": 3}),
    )
    centre.ready("ann", "ben")
    centre.arrive("k", customer=GOLD)
    found = explain_offer(centre.state, "k.1")
    assert (found.agent, found.agent_name, found.state) == ("ann", "Ann", "pending")
    assert (found.why.strategy, found.why.free_agents) == ("most_skilled", 2)
    assert (found.why.runner_up, found.runner_up_name) == ("ben", "Ben")
    assert (found.asks_for, found.levels, found.customer) == ("es >= 2", (("es", 4),), GOLD)


def test_an_offer_to_who_became_free_tells_out_of_how_many_kinds():
    mine = profile(queues=("q", ProfileQueue(queue="r", band=2)))
    centre = Centre(queue(), queue("r"), mine, agent("ann"))
    centre.arrive("other", queue="r")
    centre.arrive("k")
    centre.ready("ann")
    reason = explain_offer(centre.state, "k.1").why
    assert (reason.reason, reason.band, reason.waiting_contacts) == ("next_waiting", 1, 2)


def test_an_offer_speaks_of_the_agent_who_gets_it_when_several_became_free():
    """Ann is freed first, the strategy chooses Ben: band and kinds are Ben's."""
    anns = profile("anns", queues=("q", ProfileQueue(queue="r")))
    bens = profile("bens", queues=(ProfileQueue(queue="q", band=2),))
    centre = Centre(
        queue(strategy="linear"),
        queue("r"),
        anns,
        bens,
        agent("ann", "anns", order=2),
        agent("ben", "bens", order=1),
    )
    centre.ready("ann", "ben")
    centre.talk("talk", queue="r")
    centre.do(c.Consult(id="", contact="talk", consult="ask", agent="ben"))
    centre.accept("ask")
    centre.do(c.Conference(id="", contact="talk"))
    centre.arrive("k")
    centre.arrive("other", queue="r")
    centre.end("talk")
    found = explain_offer(centre.state, "k.1")
    assert found.agent == "ben"
    assert (found.why.reason, found.why.band, found.why.waiting_contacts) == ("next_waiting", 2, 1)


def test_an_offer_to_a_preferred_agent_tells_their_load_and_idle_time():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.talk("mail", "email")
    centre.wait(9)
    centre.arrive("k", preferred=("ann",))
    found = explain_offer(centre.state, "k.1").why
    assert (found.reason, found.load, found.idle_for) == ("preferred", 1, 9 * SECOND)


@pytest.mark.parametrize("free", [True, False])
def test_an_offer_to_a_preferred_or_named_agent_says_so(free: bool):
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.talk("busy")
    centre.talk("other")
    if free:
        centre.end("busy")
    centre.arrive("k", preferred=("ann",))
    if not free:
        centre.end("busy")
    assert explain_offer(centre.state, "k.1").why.reason == "preferred"
    centre.accept("k")
    centre.end("other")
    centre.do(c.TransferToAgent(id="", contact="k", agent="ben"))
    assert explain_offer(centre.state, "k.2").why.reason == "named"


def test_past_offers_can_be_explained_while_the_contact_lives():
    centre = Centre(agent("ann"), agent("ben"), queue(wrap_up=MINUTE))
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.reject("k")
    centre.accept("k")
    assert explain_offer(centre.state, "k.1").state == "rejected"
    centre.end("k")
    assert explain_offer(centre.state, "k.2").state == "accepted"
    centre.wait(60)
    assert explain_offer(centre.state, "k.1") is None


def test_an_offer_of_an_agent_who_left_the_catalog_can_still_be_explained():
    centre = Centre(agent("ann", skills={"es": 1}), agent("ben"), queue(strategy="linear"))
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.reject("k")
    centre.publish(agent("ben"), queue(strategy="linear"))
    found = explain_offer(centre.state, "k.1")
    assert (found.agent_name, found.levels) == ("ann", ())
