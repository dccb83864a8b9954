"""Staffing from a log: spells of work, skills, and what follows a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from router.core.catalog import MINUTE
from simulator.call_log import CallLog, RecordedCall
from simulator.staffing.absences import OutOfReach, find_gaps
from simulator.staffing.order import OrderFit, served_in_order
from simulator.staffing.skills import infer_skills, passed_over
from simulator.staffing.work import work_of

LONGEST_WRAP_UP: Final = 5 * MINUTE
"""What keeps an agent no longer belongs to the call before, and moves with it if it is served at
another time; anything longer is an absence and happens at its time of day."""


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """``agent`` was within reach for calls of ``types`` from ``begins`` until ``ends``.

    Where only the types change, one spell begins as the other ends. Conversations that began
    inside may end later; wrap-up is inside.
    """

    agent: str
    begins: int
    ends: int
    types: tuple[str, ...]


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """``spells`` in order of agents and time.

    ``wrap_up`` has by line of each call, taken by an agent whose name is known, what the agent did
    afterwards, microseconds; for other calls ``wrap_ups`` are to be drawn from. ``unnamed`` calls
    were answered by nobody known, whose presence cannot be told. ``order`` says how well skills
    and credit explain who was served next.
    """

    agents: tuple[str, ...]
    spells: tuple[Spell, ...]
    wrap_up: dict[int, int]
    wrap_ups: tuple[int, ...]
    order: OrderFit
    unnamed: int


def infer_staffing(
    log: CallLog,
    rng: np.random.Generator,
    *,
    credit: Mapping[str, int] | None = None,
    longest_wrap_up: int = LONGEST_WRAP_UP,
) -> Staffing:
    """Who was at work, from the calls they took and those they did not.

    ``credit`` is the head start of each tier in the recorded centre, microseconds, by default what
    the log's mapping says: to see whom an agent went past, one must know who came first. How long
    somebody was away is often known only within bounds, and ``rng`` decides.
    """
    worth = log.credits if credit is None else credit
    work = work_of(log.calls)
    skills = infer_skills(work, passed_over(log.calls, worth))
    gaps = find_gaps(log.calls, work, skills)
    away = dict(zip([gap.line for gap in gaps], OutOfReach(gaps).draw(gaps, rng), strict=True))
    wrap_up = {line: time for line, time in away.items() if time <= longest_wrap_up}
    spells = [
        spell
        for agent, taken in work.items()
        for spell in _spells(agent, taken, skills[agent], away, longest_wrap_up)
    ]
    return Staffing(
        agents=tuple(work),
        spells=tuple(spells),
        wrap_up={c.line: wrap_up.get(c.line, 0) for taken in work.values() for c in taken},
        wrap_ups=tuple(wrap_up.values()) or (0,),
        order=served_in_order(log.calls, work, skills, worth),
        unnamed=sum(call.outcome == "answered" and not call.agent for call in log.calls),
    )


def _spells(
    agent: str,
    taken: Sequence[RecordedCall],
    skills: Sequence[frozenset[str]],
    away: Mapping[int, int],
    longest_wrap_up: int,
) -> Iterator[Spell]:
    begins = taken[0].answered_at
    for i, call in enumerate(taken):
        ends = max(call.talk_ends, begins)
        gone = away.get(call.line, 0)
        absent = gone > longest_wrap_up
        last = i + 1 == len(taken)
        if last or absent or skills[i + 1] != skills[i]:
            if ends > begins:
                yield Spell(agent=agent, begins=begins, ends=ends, types=tuple(sorted(skills[i])))
            begins = ends + gone if absent else ends
