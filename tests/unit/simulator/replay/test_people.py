"""Shifts, skills and hours as the runner hears them."""

from __future__ import annotations

from router.core.catalog import SECOND, AgentDefinition, Catalog
from simulator.replay.people import (
    agent_of,
    everybody_daily,
    skills_of,
    skills_through_the_day,
    staff_of,
)
from simulator.staffing import Spell
from tests.unit.simulator.replay.logs import recorded


def spell(agent: str, begins: int, ends: int, *types: str) -> Spell:
    return Spell(agent=agent, begins=begins, ends=ends, types=types)


def test_a_change_of_skills_does_not_end_a_shift_and_an_absence_does():
    spells = [spell("ANN", 0, 10, "a"), spell("ANN", 10, 20, "b"), spell("ANN", 30, 40, "b")]
    (ann,) = staff_of(spells)
    assert ann.agent == "ann"
    assert [(one.begins, one.ends) for one in ann.shifts] == [(0, 20), (30, 40)]


def test_skills_are_given_and_taken_as_each_spell_begins():
    spells = [spell("ann", 0, 10, "a"), spell("ann", 10, 20, "a", "B")]
    lent = list(skills_through_the_day(spells))
    assert [(at, command.skills) for at, command in lent] == [
        (0, {"a": 1, "b": 0}),
        (10, {"a": 1, "b": 1}),
    ]
    assert skills_of(spells) == {"ann": {"a", "B"}}


def test_two_names_that_are_one_id_are_one_agent_in_order_of_time():
    (both,) = staff_of([spell("Ann", 20, 30, "a"), spell("ANN", 0, 25, "a")])
    assert [(one.begins, one.ends) for one in both.shifts] == [(0, 30)]
    assert agent_of("Ann") == agent_of("ANN")


def test_people_of_a_catalog_work_from_the_first_call_of_each_day_to_the_last():
    log = recorded(days=2, agents=False)
    people = [AgentDefinition(id=name, name=name, profile="p") for name in ("cleo", "dan")]
    staff = list(everybody_daily(Catalog(agents={one.id: one for one in people}), log.calls))
    assert [one.agent for one in staff] == ["cleo", "dan"]
    first, second = staff[0].shifts
    assert first.begins == log.calls[0].queued_at
    assert second.ends == max(call.talk_ends for call in log.calls)
    assert first.ends - first.begins > 2_000 * SECOND
