"""Who works when in a replay, as the runner wants to hear it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from router.core import commands as c
from router.core.catalog import Catalog
from router.core.durations import DAY
from simulator.call_log import RecordedCall
from simulator.replay.recorded import queue_of
from simulator.staff import Member, Shift
from simulator.staffing import Spell


def agent_of(name: str) -> str:
    """The agent's id: the recorded name as ids are written."""
    return queue_of(name)


def skills_of(spells: Iterable[Spell]) -> dict[str, set[str]]:
    """By agent all types of call they ever served."""
    served: defaultdict[str, set[str]] = defaultdict(set)
    for spell in spells:
        served[agent_of(spell.agent)].update(spell.types)
    return served


def staff_of(spells: Iterable[Spell]) -> Iterable[Member]:
    """One shift from each arrival to the next absence; a change of skills does not end it."""
    for agent, own in _by_agent(spells).items():
        shifts: list[Shift] = []
        for spell in own:
            if shifts and shifts[-1].ends >= spell.begins:
                before = shifts.pop()
                ends = max(before.ends, spell.ends)
                shifts.append(Shift(begins=before.begins, ends=ends))
            else:
                shifts.append(Shift(begins=spell.begins, ends=spell.ends))
        yield Member(agent=agent, shifts=tuple(shifts))


def skills_through_the_day(spells: Iterable[Spell]) -> Iterable[tuple[int, c.Command]]:
    """What whoever leads the shift did: give and take skills, agent by agent."""
    for agent, own in _by_agent(spells).items():
        every = sorted({queue_of(kind) for spell in own for kind in spell.types})
        for spell in own:
            now = {queue_of(kind) for kind in spell.types}
            skills = {skill: int(skill in now) for skill in every}
            yield spell.begins, c.LendSkills(id="", agent=agent, skills=skills)


def everybody_daily(catalog: Catalog, calls: Iterable[RecordedCall]) -> Iterable[Member]:
    """All agents of ``catalog``, on every day with calls from the first until the last is over."""
    days: dict[int, Shift] = {}
    for call in calls:
        day = call.queued_at // DAY
        known = days.get(day, Shift(begins=call.queued_at, ends=call.talk_ends))
        days[day] = Shift(begins=known.begins, ends=max(known.ends, call.talk_ends))
    shifts: list[Shift] = []
    for shift in days.values():
        if shifts and shifts[-1].ends >= shift.begins:  # calls went on past midnight
            shifts.append(Shift(begins=shifts.pop().begins, ends=shift.ends))
        else:
            shifts.append(shift)
    for agent in catalog.agents:
        yield Member(agent=agent, shifts=tuple(shifts))


def _by_agent(spells: Iterable[Spell]) -> Mapping[str, list[Spell]]:
    """In order of time: two recorded names may be one id."""
    found: defaultdict[str, list[Spell]] = defaultdict(list)
    for spell in spells:
        found[agent_of(spell.agent)].append(spell)
    for own in found.values():
        own.sort(key=lambda spell: (spell.begins, spell.ends))
    return found
