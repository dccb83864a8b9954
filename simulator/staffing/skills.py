"""Which types of call an agent served when.

A skill is switched on and off by whoever leads the shift: in the log an agent takes a type among
the others for hours and then never again that day, while callers of the type wait. So each skill of
each agent is a chain with two states, on and off, seen through the calls the agent takes; the
likeliest course of the chain is Viterbi's (IEEE Trans. Inf. Theory 13:260, 1967).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from math import log
from typing import Final

from router.core.catalog import SECOND
from router.core.durations import DAY
from simulator.call_log import RecordedCall
from simulator.staffing.work import Work, first_others, place_of

TOLERANCE: Final = 5 * SECOND
"""A caller stands before another only if by more than this."""

_STAYS: Final = 0.98  # chance that a skill is as it was at the call before …
_STAYS_OVERNIGHT: Final = 0.6  # … and as it was the day before
_PASSED_WHEN_ON: Final = 0.02  # chance that a call takes an agent past one who stood before it …
_PASSED_WHEN_OFF: Final = 0.2  # … by error, and because the agent has not got the skill
_SLIP: Final = 1e-5  # chance of a call without the skill
_FEWEST: Final = 2  # calls of a type; one alone was a transfer

Skills = dict[str, list[frozenset[str]]]
"""By agent the types they served, as they were when the agent took each of their calls."""

Passed = dict[int, frozenset[str]]
"""By line of the call that was taken, the types of those who stood before it and kept waiting."""


def passed_over(calls: Sequence[RecordedCall], credit: Mapping[str, int]) -> Passed:
    """Whom the calls that were taken from the queue went past."""
    found = {}
    for call, others in first_others(calls, credit):
        mine = place_of(call, credit) - TOLERANCE
        before = frozenset(k for k, place in others.items() if place < mine and k != call.type)
        if before:
            found[call.line] = before
    return found


def infer_skills(work: Work, passed: Passed) -> Skills:
    """The likeliest skills of each agent, call by call."""
    shares = _shares(work)
    return {agent: _skills_of(taken, passed, shares) for agent, taken in work.items()}


def _skills_of(
    taken: Sequence[RecordedCall], passed: Passed, shares: Mapping[str, float]
) -> list[frozenset[str]]:
    counts = Counter(call.type for call in taken)
    served = [kind for kind, count in sorted(counts.items()) if count >= _FEWEST]
    days = [call.answered_at // DAY for call in taken]
    courses = [_course(_evidence(taken, k, passed, shares[k]), days) for k in served]
    known: dict[tuple[bool, ...], frozenset[str]] = {}
    found = []
    for i, call in enumerate(taken):
        states = tuple([course[i] for course in courses])
        if states not in known:
            known[states] = frozenset(k for k, on in zip(served, states, strict=True) if on)
        found.append(known[states] or frozenset([call.type]))
    return found


def _shares(work: Work) -> dict[str, float]:
    """The share of each type among the calls of agents on the days on which they served it."""
    mine: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for taken in work.values():
        for _, of_day in groupby(taken, key=lambda call: call.answered_at // DAY):
            served = Counter(call.type for call in of_day)
            mine.update(served)
            total.update(dict.fromkeys(served, served.total()))
    return {kind: min(max(mine[kind] / total[kind], 1e-3), 1 - 1e-3) for kind in mine}


Evidence = list[tuple[float, float]]
"""Call by call the log likelihood of what is seen if the skill is on, and if it is off."""


def _evidence(taken: Sequence[RecordedCall], kind: str, passed: Passed, share: float) -> Evidence:
    served = log(share), log(_SLIP)
    went_past = log((1 - share) * _PASSED_WHEN_ON), log(_PASSED_WHEN_OFF)
    other = log(1 - share), 0.0
    nobody: frozenset[str] = frozenset()
    return [
        served
        if call.type == kind
        else went_past
        if kind in passed.get(call.line, nobody)
        else other
        for call in taken
    ]


def _course(evidence: Evidence, days: Sequence[int]) -> list[bool]:
    """Whether the skill was on at each call: the likeliest course of the two-state chain."""
    same_day = log(_STAYS), log(1 - _STAYS)
    overnight = log(_STAYS_OVERNIGHT), log(1 - _STAYS_OVERNIGHT)
    on, off = evidence[0]
    from_on: list[tuple[bool, bool]] = []  # whether the best way to on, and to off, is from on
    for (seen_on, seen_off), (day_before, day) in zip(evidence[1:], pairwise(days), strict=True):
        stays, turns = same_day if day == day_before else overnight
        kept, lost = on + stays >= off + turns, on + turns > off + stays
        from_on.append((kept, lost))
        on, off = (
            (on + stays if kept else off + turns) + seen_on,
            (on + turns if lost else off + stays) + seen_off,
        )
    state = on >= off
    course = [state]
    for kept, lost in reversed(from_on):
        state = kept if state else lost
        course.append(state)
    course.reverse()
    return course
