"""A recorded centre replayed: as it was, held against the recording, and as it might have been."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from simulator.call_log import CallLog, LogProblem, tier_on_record
from simulator.comparison import Changes, compare
from simulator.figures import Objective
from simulator.judging.estimates import EstimateJudge, Verdict
from simulator.ledger import Outcome
from simulator.replay.change import CentreChange
from simulator.replay.course import Course, Progress
from simulator.replay.days import Grouping, by_hour, by_tier, by_type, daily, days_of
from simulator.replay.inspection import Inspected, Inspector, pick
from simulator.replay.rebuild import build
from simulator.replay.recorded import recorded_outcomes
from simulator.replay.recording import Recording, Staffed, generator
from simulator.runner import Observer, Run, Setup
from simulator.summary import EVERYBODY, Summary

CHANGED, OTHERS = "other credit", "others"
"""Groups of those whose tier gets another credit, and of everybody else."""


class LogFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and what could not be."""

    name: str
    mapping: str
    clock: str
    rows: int
    ignored: int
    dropped: int
    left: int
    tier_without_wait: str
    problem_counts: dict[str, int]
    problems: tuple[LogProblem, ...]


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What to judge on the way: estimated waits, and so many decisions with their whys."""

    estimates: bool = False
    explanations: int = 0


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of two sets of the same calls by group, and how many ``calls`` the first has."""

    calls: dict[str, int]
    changes: Changes


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """``fidelity`` is from the recorded figures to the simulated ones, by the tier that the log
    writes, by type and by hour. ``effect`` is from the centre as it was to the changed one, by the
    true tier; None without a change. Intervals are over the ``days``, in pairs. ``unfinished``
    simulated calls still waited at the end. ``credits`` is the head start of each tier as it was,
    microseconds.
    """

    log: LogFacts
    people: Staffed
    credits: dict[str, int]
    seed: int
    days: int
    confidence: float
    fidelity: Beside
    unfinished: int
    effect: Beside | None
    tiers_changed: tuple[str, ...]
    estimates: Verdict | None
    inspected: Inspected | None


class _Played(msgspec.Struct, frozen=True, kw_only=True):
    outcomes: list[Outcome]
    estimates: Verdict | None
    inspected: Inspected | None


def replay(
    recording: Recording,
    *,
    change: CentreChange | None = None,
    wishes: Wishes | None = None,
    seed: int = 1,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> Replay:
    """Raises ``ChangeError`` and ``NothingToReplay`` before anything long begins."""
    changed = None if change is None else build(recording, seed, change)
    as_it_was = _play(recording, wishes or Wishes(), seed, progress)
    recorded = recorded_outcomes(recording.calls, recording.asked)
    days, objective = days_of(recorded), _objective(recording)

    def beside(before: Sequence[Outcome], after: Sequence[Outcome], *groupings: Grouping) -> Beside:
        one = daily(before, days, (*groupings, by_type, by_hour), objective)
        other = daily(after, days, (*groupings, by_type, by_hour), objective)
        return Beside(calls=_counts(one), changes=compare(one, other, confidence))

    simulated = as_it_was.outcomes
    tiers = tuple(change.credits) if change is not None else ()
    return Replay(
        log=_facts(recording.log),
        people=recording.people,
        credits=recording.centre.credits.tiers,
        seed=seed,
        days=len(days),
        confidence=confidence,
        fidelity=beside(recorded, simulated, _by_written_tier(recording.log)),
        unfinished=sum(one.result == "unfinished" for one in simulated),
        effect=None
        if changed is None
        else beside(
            simulated, _run("changed", changed, seed, (), progress), by_tier, *_others(tiers)
        ),
        tiers_changed=tiers,
        estimates=as_it_was.estimates,
        inspected=as_it_was.inspected,
    )


def _play(recording: Recording, wishes: Wishes, seed: int, progress: Progress | None) -> _Played:
    """The centre as it was, watched by those who judge."""
    judge = EstimateJudge() if wishes.estimates else None
    inspector = None
    if wishes.explanations:
        answered = sum(call.outcome == "answered" for call in recording.calls)
        inspector = Inspector(pick(wishes.explanations, answered, generator(seed, 7)))
    watching: list[Observer] = [one for one in (judge, inspector) if one is not None]
    outcomes = _run("as it was", build(recording, seed), seed, watching, progress)
    return _Played(
        outcomes=outcomes,
        estimates=None if judge is None else judge.verdict(),
        inspected=None if inspector is None else inspector.verdict(),
    )


def _run(
    what: str, setup: Setup, seed: int, watching: Sequence[Observer], progress: Progress | None
) -> list[Outcome]:
    course = [] if progress is None else [Course(what, setup, progress)]
    return Run(setup, seed=seed, observers=(*watching, *course)).run().outcomes


def _by_written_tier(log: CallLog) -> Grouping:
    """By the tier that the log would have written."""
    calls = {str(call.line): call for call in log.calls} if log.tier_without_wait else {}

    def grouping(outcome: Outcome) -> str:
        contact = outcome.contact
        call = calls.get(contact.id)
        if call is None:
            return by_tier(outcome)
        return f"tier {tier_on_record(log, call, contact.tier, outcome.waited) or 'unknown'}"

    return grouping


def _others(tiers: Sequence[str]) -> Sequence[Grouping]:
    if not tiers:
        return ()
    return (lambda outcome: CHANGED if outcome.contact.tier in tiers else OTHERS,)


def _counts(days: Sequence[Summary]) -> dict[str, int]:
    names = dict.fromkeys([EVERYBODY, *(name for day in days for name in sorted(day.groups))])
    return {
        name: sum(day.groups[name].tally.contacts for day in days if name in day.groups)
        for name in names
    }


def _objective(recording: Recording) -> Objective:
    queues = recording.centre.queues
    return lambda queue: queues[queue].service_within


def _facts(log: CallLog) -> LogFacts:
    return LogFacts(
        name=log.name,
        mapping=log.mapping,
        clock=log.clock,
        rows=log.rows,
        ignored=log.ignored,
        dropped=log.dropped,
        left=sum(call.outcome == "left" for call in log.calls),
        tier_without_wait=log.tier_without_wait,
        problem_counts=log.problem_counts,
        problems=log.problems,
    )
