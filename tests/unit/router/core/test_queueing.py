"""Entering a queue: demands, credit, place; and what reaches contacts that wait already."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import SECOND, Credits
from router.core.requirements import Step
from tests.unit.router.core.centre import GOLD, START, Centre, agent, only, queue, skill, steps

CREDITS = Credits(tiers={"gold": 90 * SECOND})
OWN = steps((skill("es"), 20), skill("x"))


def test_a_contact_without_demands_of_its_own_gets_those_of_the_queue():
    centre = Centre(queue(steps=OWN), agent("ann", skills={"es": 1}))
    centre.ready("ann")
    assert only(centre.arrive("k1"), e.Enqueued).steps == OWN
    theirs = steps(skill("tax"))
    assert only(centre.arrive("k2", steps=theirs), e.Enqueued).steps == theirs


def test_the_place_is_entry_less_credit_less_time_already_waited():
    centre = Centre(queue(credit=5 * SECOND), queue("r"), agent("ann"), credits=CREDITS)
    centre.arrive("k", customer=GOLD, boost=10 * SECOND)
    assert centre.contact("k").waiting_since == START - 105 * SECOND
    centre.wait(30)
    moved = only(centre.do(c.TransferToQueue(id="", contact="k", queue="r")), e.Enqueued)
    assert moved.waited == 30 * SECOND
    assert moved.waiting_since == centre.at - 100 * SECOND - 30 * SECOND
    assert centre.contact("k").queued_at == centre.at


def test_attributes_given_at_the_queue_join_those_of_the_arrival():
    centre = Centre(agent("ann"))
    centre.do(c.Arrive(id="", contact="k", channel="chat", attributes={"a": "1", "b": "1"}))
    centre.do(c.Enqueue(id="", contact="k", queue="q", attributes={"b": "2"}))
    assert centre.contact("k").attributes == {"a": "1", "b": "2"}


def test_a_boost_replaces_the_boost_before_and_may_be_negative():
    centre = Centre(agent("ann"))
    centre.arrive("a")
    centre.arrive("b")
    centre.do(c.Reprioritise(id="", contact="b", boost=10 * SECOND))
    assert centre.line() == ["b", "a"]
    centre.do(c.Reprioritise(id="", contact="b", boost=-10 * SECOND))
    assert centre.line() == ["a", "b"]
    assert centre.contact("b").waiting_since == START + 10 * SECOND
    assert centre.do(c.Reprioritise(id="", contact="b", boost=-10 * SECOND)) == []


def test_a_boost_survives_that_the_customer_is_recognised():
    centre = Centre(agent("ann"), credits=CREDITS)
    centre.arrive("k", boost=10 * SECOND)
    centre.do(c.IdentifyCustomer(id="", contact="k", customer=GOLD))
    assert {part.source: part.credit for part in centre.contact("k").credit} == {
        "tier gold": 90 * SECOND,
        "boost": 10 * SECOND,
    }


def test_preferred_agents_who_left_the_catalog_are_forgotten():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.arrive("k", preferred=("gone", "ben", "ben"))
    assert centre.contact("k").preferred == ("ben",)


@pytest.mark.parametrize("lasts", [0, -SECOND])
def test_a_step_that_lasts_nothing_is_refused(lasts: int):
    centre = Centre(agent("ann"))
    centre.do(c.Arrive(id="", contact="k", channel="voice"))
    command = c.Enqueue(id="", contact="k", queue="q", steps=(Step(lasts=lasts), Step()))
    assert centre.refused(command) == "invalid"
