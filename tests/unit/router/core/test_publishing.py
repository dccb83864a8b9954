"""A new catalog while contacts wait, ring and talk."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    HOUR,
    MINUTE,
    SECOND,
    CallbackOffer,
    Credits,
    Hours,
    OverflowRule,
    ProfileQueue,
    ToMessage,
)
from router.core.model import AgentState
from tests.unit.router.core.centre import (
    GOLD,
    START,
    Centre,
    agent,
    catalog,
    kinds,
    offers_of,
    only,
    profile,
    queue,
    skill,
    steps,
)

ANN = agent("ann")


def rejects(centre: Centre, *parts, version: int = 2, replaces: int = 1, **given) -> str:
    made = catalog(*parts, version=version, **given)
    return centre.refused(c.PublishCatalog(id="", catalog=made, replaces=replaces))


# -- who may publish what ---------------------------------------------------------------------


def test_two_admins_cannot_overwrite_each_other():
    centre = Centre(ANN)
    centre.publish(ANN, queue(label="new"))
    assert rejects(centre, ANN, version=2, replaces=1) == "conflict"
    assert centre.state.catalog.queues["q"].label == "new"


def test_versions_follow_each_other():
    assert rejects(Centre(ANN), ANN, version=7) == "invalid"


@pytest.mark.parametrize(
    "parts",
    [
        (queue(strategy="by_star_sign"),),
        (queue(steps=()),),
        (agent("ben", "missing"),),
        (profile(queues=("nowhere",)),),
    ],
)
def test_a_catalog_that_does_not_hang_together_is_refused(parts):
    assert rejects(Centre(ANN), *parts) == "invalid"


def test_a_queue_with_contacts_cannot_go_also_while_they_are_written_up():
    centre = Centre(ANN, queue(), queue("r", wrap_up=MINUTE))
    centre.ready("ann")
    centre.talk("k", queue="r")
    centre.end("k")
    assert rejects(centre, ANN, queue()) == "in_use"
    centre.wait(60)
    centre.publish(ANN, queue())
    assert set(centre.state.catalog.queues) == {"q"}


def test_an_agent_with_contacts_cannot_go_and_another_is_signed_out():
    centre = Centre(ANN, agent("ben"))
    centre.ready("ann", "ben")
    centre.talk("k")
    assert rejects(centre, agent("ben")) == "in_use"
    happened = centre.publish(ANN)
    assert kinds(happened) == ["AgentSignedOut", "CatalogPublished"]
    assert set(centre.state.agents) == {"ann"}
    assert centre.contact("k").agent == "ann"


# -- what reaches whom ------------------------------------------------------------------------


def test_a_new_agent_and_a_new_queue_are_there_at_once():
    centre = Centre(ANN)
    centre.publish(ANN, agent("ben"), queue(), queue("r"))
    assert centre.agent("ben").state is AgentState.SIGNED_OUT
    centre.ready("ben")
    assert offers_of(centre.arrive("k", queue="r")) == [("k", "ben")]


def test_edited_credits_move_contacts_that_wait_already():
    centre = Centre(ANN)
    centre.arrive("first")
    centre.arrive("gold", customer=GOLD)
    happened = centre.publish(ANN, credits=Credits(tiers={"gold": 90 * SECOND}))
    assert only(happened, e.CreditChanged).contact == "gold"
    assert centre.line() == ["gold", "first"]


def test_edited_steps_start_anew_in_the_old_place():
    old, new = steps((skill("es"), 20), skill("x")), steps((skill("tax"), 30), skill("x"))
    people = [agent("ann", skills={"es": 1}), agent("ben", skills={"tax": 1, "x": 1})]
    centre = Centre(queue(steps=old), *people)
    centre.ready("ann", "ben")
    for name in ("ann", "ben"):
        centre.do(c.SetNotReady(id="", agent=name, reason="break"))
    centre.arrive("k")
    place = centre.contact("k").waiting_since
    centre.wait(21)
    assert centre.contact("k").step == 1
    centre.publish(queue(steps=new), *people)
    contact = centre.contact("k")
    assert (contact.step, contact.steps, contact.waiting_since) == (0, new, place)
    assert contact.step_until == centre.at + 30 * SECOND


def test_unchanged_steps_go_on():
    same = steps((skill("es"), 20), skill("x"))
    centre = Centre(queue(steps=same), agent("ann", skills={"es": 1}))
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.arrive("k")
    centre.wait(10)
    happened = centre.publish(queue(steps=same, label="other"), agent("ann", skills={"es": 1}))
    assert kinds(happened) == ["CatalogPublished"]
    assert kinds(centre.wait(10)) == ["StepEntered"]


def test_demands_that_came_with_the_contact_are_kept():
    own = steps(skill("tax"))
    centre = Centre(queue(steps=steps(skill("es"))), ANN)
    centre.arrive("k", steps=own)
    centre.publish(queue(steps=steps(skill("x"))), ANN)
    assert centre.contact("k").steps == own


def test_a_skill_an_agent_gets_finds_who_waits_for_it():
    centre = Centre(queue(steps=steps(skill("es"))), ANN)
    centre.ready("ann")
    centre.arrive("k")
    happened = centre.publish(queue(steps=steps(skill("es"))), agent("ann", skills={"es": 1}))
    assert offers_of(happened) == [("k", "ann")]


def test_a_queue_added_to_a_profile_gives_its_agents_who_waits_there():
    parts = (queue(), queue("r"), ANN)
    centre = Centre(*parts, profile(queues=("q",)))
    centre.ready("ann")
    centre.arrive("k", queue="r")
    assert offers_of(centre.publish(*parts, profile(queues=("q", "r")))) == [("k", "ann")]


def test_more_capacity_takes_effect_at_once_and_less_takes_nothing_away():
    centre = Centre(ANN, profile(capacity={"chat": 1}))
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.arrive("chat2", "chat")
    assert offers_of(centre.publish(ANN, profile(capacity={"chat": 2}))) == [("chat2", "ann")]
    centre.accept("chat2")
    centre.publish(ANN, profile(capacity={"chat": 1}))
    assert len(centre.agent("ann").slots) == 2
    centre.end("chat1")
    centre.arrive("chat3", "chat")
    assert centre.ringing("chat3") == []


def test_a_new_delay_wakes_the_contact_when_it_is_over():
    centre = Centre(ANN, profile(queues=(ProfileQueue(queue="q", delay=HOUR),)))
    centre.ready("ann")
    centre.arrive("k")
    centre.publish(ANN, profile(queues=(ProfileQueue(queue="q", delay=10 * SECOND),)))
    assert offers_of(centre.wait(10)) == [("k", "ann")]


def test_a_new_overflow_rule_reaches_who_has_waited_long_enough():
    centre = Centre(ANN)
    centre.arrive("k")
    centre.wait(90)
    rule = OverflowRule(when="wait", at=MINUTE, to=ToMessage(text="sorry"))
    assert kinds(centre.publish(ANN, queue(overflow=(rule,)))) == [
        "CatalogPublished",
        "Overflowed",
    ]


def test_new_hours_close_when_they_say():
    rule = OverflowRule(when="closed", to=ToMessage(text="closed"))
    hours = Hours(id="h", spans=((START - HOUR, START + MINUTE),), until=START + HOUR)
    centre = Centre(ANN)
    centre.arrive("k")
    centre.publish(ANN, queue(overflow=(rule,), hours="h"), hours={"h": hours})
    assert kinds(centre.wait(60)) == ["Overflowed"]


def test_a_new_strategy_decides_the_next_offer():
    people = (agent("ann", order=2), agent("ben", order=1))
    centre = Centre(queue(), *people)
    centre.ready("ann", "ben")
    centre.publish(queue(strategy="linear"), *people)
    assert offers_of(centre.arrive("k")) == [("k", "ben")]


def test_what_rings_and_what_is_in_hand_goes_on():
    centre = Centre(ANN, agent("ben"))
    centre.ready("ann", "ben")
    centre.talk("k1")
    centre.arrive("k2")
    assert kinds(centre.publish(ANN, agent("ben"), queue(offer_for=HOUR))) == ["CatalogPublished"]
    assert centre.ringing("k2") == ["ben"]
    assert kinds(centre.wait(20))[0] == "OfferTimedOut", "the offer keeps the time it was made for"
    assert kinds(centre.end("k1"))[0] == "ContactEnded"


def test_a_callback_keeps_waiting_through_a_new_catalog():
    centre = Centre(ANN, queue(callback=CallbackOffer()))
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
    centre.publish(ANN, queue())
    centre.ready("ann")
    assert centre.ringing("k") == ["ann"]


def test_a_lent_skill_outlives_a_catalog_that_leaves_the_agent_alone():
    es = {"skills": ("es",)}
    centre = Centre(ANN, queue(), **es)
    centre.do(c.LendSkills(id="", agent="ann", skills={"es": 5}))
    centre.publish(ANN, queue(label="new"), **es)
    assert centre.agent("ann").traits.level("es") == 5
    centre.publish(agent("ann", skills={"tax": 1}), queue(), **es)
    assert centre.agent("ann").traits.level("es") == 0


def test_who_cannot_be_reached_stays_so_until_the_agent_leaves_the_catalog():
    centre = Centre(agent("ann"), agent("ben"))
    centre.do(c.SetReachable(id="", agent="ann", channel="voice", reachable=False, reason="cut"))
    centre.publish(agent("ann"), agent("chi"))
    assert centre.agent("ann").unreachable == {"voice": "cut"}
    centre.publish(agent("chi"))
    centre.publish(agent("ann"))
    assert centre.agent("ann").unreachable == {}


def test_a_skill_lent_until_a_moment_stays_until_then():
    centre = Centre(ANN, queue(), skills=("es",))
    centre.do(c.LendSkills(id="", agent="ann", skills={"es": 5}, until=centre.at + MINUTE))
    centre.publish(agent("ann", skills={"tax": 1}), queue(), skills=("es",))
    assert centre.agent("ann").traits.level("es") == 5
    centre.wait(60)
    assert centre.agent("ann").traits.skills == (("tax", 1),)


def test_going_back_to_an_older_catalog_is_publishing_it_again():
    centre = Centre(ANN, queue(label="one"))
    centre.publish(ANN, queue(label="two"))
    centre.publish(ANN, queue(label="one"))
    assert (centre.state.catalog.version, centre.state.catalog.queues["q"].label) == (3, "one")


def test_notes_are_bounded():
    centre = Centre(ANN)
    made = catalog(ANN, version=2)
    happened = centre.do(c.PublishCatalog(id="", catalog=made, replaces=1, note="x" * 9_999))
    assert len(only(happened, e.CatalogPublished).note) == 500
