"""Shifts, pauses and habits from the events of agents. Times are microseconds."""

from __future__ import annotations

import pytest

from router.core import events as e
from router.core.catalog import AgentDefinition, Catalog
from router.core.model import Choice
from router.core.requirements import Traits
from simulator.call_log.journal_people import People
from simulator.staff import Member

CATALOG = Catalog(
    agents={
        "ann": AgentDefinition(
            id="ann", name="Ann", profile="p", traits=Traits(skills=(("french", 5),))
        )
    },
    skills={"french": "French", "sales": "Sales"},
)


def member(people: People, ends: int = 1_000) -> Member:
    (ann,) = people.members(ends, CATALOG)
    return ann


def spans(ann: Member) -> list[tuple[int, int, list[tuple[int, int]]]]:
    return [
        (one.begins, one.ends, [(pause.begins, pause.ends) for pause in one.pauses])
        for one in ann.shifts
    ]


def test_a_shift_from_sign_in_to_sign_out_with_the_time_not_ready():
    people = People()
    people.hear(e.AgentSignedIn(agent="ann"), 0)
    people.hear(e.AgentReady(agent="ann"), 10)
    people.hear(e.AgentNotReady(agent="ann", reason="lunch"), 50)
    people.hear(e.AgentNotReady(agent="ann", reason="meeting"), 60)
    people.hear(e.AgentReady(agent="ann"), 80)
    people.hear(e.AgentSignedOut(agent="ann"), 100)
    people.hear(e.AgentSignedIn(agent="ann"), 200)
    assert spans(member(people)) == [(0, 100, [(0, 10), (50, 80)]), (200, 1_000, [(200, 1_000)])]


def test_missed_offers_and_times_to_answer_are_habits_and_no_pauses():
    people = People()
    people.hear(e.AgentSignedIn(agent="ann"), 0)
    people.hear(e.AgentReady(agent="ann"), 0)
    ring(people, "o1", 10)
    people.hear_of_contact(accepted("o1"), 14, at_work=True)
    ring(people, "o2", 20)
    missed = e.OfferTimedOut(contact="k", sequence=1, offer="o2", agent="ann", excluded_until=0)
    people.hear_of_contact(missed, 40, at_work=True)
    people.hear(e.AgentNotReady(agent="ann", reason="missed_offer"), 40)
    people.hear(e.AgentReady(agent="ann"), 70)
    ann = member(people)
    assert spans(ann) == [(0, 1_000, [])]
    assert ann.behaviour.misses == 0.5
    assert ann.behaviour.accepts_after.mean() == 4
    assert ann.behaviour.returns_after.mean() == 30


@pytest.mark.parametrize("writes", [False, True])
def test_consultations_are_time_away_wrap_up_included(writes):
    people = People()
    people.hear(e.AgentSignedIn(agent="ann"), 0)
    people.hear(e.AgentReady(agent="ann"), 0)
    people.hear_of_contact(accepted("o"), 10, at_work=False)
    released = e.AgentReleased(contact="k", sequence=1, agent="ann", wrap_until=90 * writes)
    people.hear_of_contact(released, 30, at_work=False)
    if writes:
        done = e.WrapUpFinished(contact="k", sequence=1, agent="ann")
        people.hear_of_contact(done, 50, at_work=False)
    assert spans(member(people)) == [(0, 1_000, [(10, 50 if writes else 30)])]


def test_who_was_never_there_is_nobody():
    assert list(People().members(10, CATALOG)) == []


def test_skills_are_lent_as_they_were_and_unknown_ones_left_out():
    people = People()
    traits = Traits(skills=(("gone", 3), ("sales", 4)))
    people.hear(e.SkillsLent(agent="ann", traits=traits, until=0), 5)
    ((at, command),) = people.lent(CATALOG)
    assert (at, command.skills) == (5, {"french": 0, "sales": 4})


def ring(people: People, offer: str, at: int) -> None:
    offered = e.Offered(
        contact="k",
        sequence=1,
        offer=offer,
        agent="ann",
        expires_at=0,
        why=Choice(reason="strategy"),
    )
    people.hear_of_contact(offered, at, at_work=True)


def accepted(offer: str) -> e.OfferAccepted:
    return e.OfferAccepted(
        contact="k", sequence=1, offer=offer, agent="ann", waited=0, waited_in_queue=0
    )
