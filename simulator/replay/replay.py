"""A recorded centre replayed: as it was, held against the recording, and as it might have been."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import msgspec

from simulator.call_log import CallLog, LogProblem, tier_on_record
from simulator.comparison import Changes, compare
from simulator.figures import Objective
from simulator.judging.estimates import EstimateJudge, Verdict
from simulator.ledger import Outcome
from simulator.replay.change import CentreChange
from simulator.replay.days import by_hour, by_tier, by_type, daily, days_of
from simulator.replay.rebuild import Recording, build, study
from simulator.replay.recorded import recorded_outcomes
from simulator.runner import Run
from simulator.workers import in_order

Progress = Callable[[str], None]
"""Told what has been done."""


class LogFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and what could not be."""

    name: str
    mapping: str
    clock: str
    rows: int
    ignored: int
    dropped: int
    problem_counts: dict[str, int]
    problems: tuple[LogProblem, ...]


class Staffed(msgspec.Struct, frozen=True, kw_only=True):
    """What was inferred about the people: of ``judged`` calls taken while others waited,
    ``in_order`` were those that skills and credits say come first.
    """

    agents: int
    spells: int
    judged: int
    in_order: int
    unnamed: int


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """``fidelity`` is from the recorded figures to the simulated ones: groups by the tier that the
    log writes, by type and by hour. ``effect`` is from the centre as it was to the changed one,
    by the true tier; None without a change. Intervals are over the ``days``, in pairs.
    """

    log: LogFacts
    staff: Staffed
    seed: int
    days: int
    calls: int
    fidelity: Changes
    effect: Changes | None
    estimates: Verdict | None


class _Played(msgspec.Struct, frozen=True, kw_only=True):
    outcomes: list[Outcome]
    estimates: Verdict | None


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    change: CentreChange | None
    judge: bool


class _Common(msgspec.Struct, frozen=True, kw_only=True):
    recording: Recording
    seed: int


def replay(
    log: CallLog,
    *,
    change: CentreChange | None = None,
    seed: int = 1,
    judge_estimates: bool = False,
    confidence: float = 0.95,
    workers: int = 2,
    progress: Progress | None = None,
) -> Replay:
    """Raises ``NothingToReplay`` and ``ChangeError``."""
    tell = progress or (lambda _: None)
    recording = study(log, seed)
    tell(f"{len(recording.staffing.spells):,} spells of work inferred")
    tasks = [_Task(change=None, judge=judge_estimates)]
    if change is not None:
        build(recording, seed, change)  # refused before anything long begins
        tasks.append(_Task(change=change, judge=False))
    common = _Common(recording=recording, seed=seed)
    with closing(in_order(_play, common, tasks, workers)) as played:
        as_it_was = next(played)
        tell("the centre as it was is replayed")
        changed = next(played, None)
    recorded = recorded_outcomes(recording.calls)
    return Replay(
        log=_facts(log),
        staff=_staffed(recording),
        seed=seed,
        days=len(days_of(recorded)),
        calls=len(recorded),
        fidelity=_fidelity(log, recorded, as_it_was.outcomes, _objective(recording), confidence),
        effect=None
        if changed is None
        else _effect(as_it_was.outcomes, changed.outcomes, _objective(recording), confidence),
        estimates=as_it_was.estimates,
    )


def _play(common: _Common, task: _Task) -> _Played:
    setup = build(common.recording, common.seed, task.change)
    judge = EstimateJudge() if task.judge else None
    run = Run(setup, seed=common.seed, observers=() if judge is None else (judge,))
    return _Played(
        outcomes=run.run().outcomes, estimates=None if judge is None else judge.verdict()
    )


def _fidelity(
    log: CallLog,
    recorded: list[Outcome],
    simulated: list[Outcome],
    objective: Objective,
    confidence: float,
) -> Changes:
    calls = {str(call.line): call for call in log.calls}

    def by_written_tier(outcome: Outcome) -> str:
        contact = outcome.contact
        return f"tier {tier_on_record(log, calls[contact.id], contact.tier, outcome.waited)}"

    days = days_of(recorded)
    groupings = (by_written_tier, by_type, by_hour)
    return compare(
        daily(recorded, days, groupings, objective),
        daily(simulated, days, groupings, objective),
        confidence,
    )


def _effect(
    before: list[Outcome], after: list[Outcome], objective: Objective, confidence: float
) -> Changes:
    days = days_of(before)
    groupings = (by_tier, by_type, by_hour)
    return compare(
        daily(before, days, groupings, objective),
        daily(after, days, groupings, objective),
        confidence,
    )


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
        problem_counts=log.problem_counts,
        problems=log.problems,
    )


def _staffed(recording: Recording) -> Staffed:
    staffing = recording.staffing
    return Staffed(
        agents=len(staffing.agents),
        spells=len(staffing.spells),
        judged=staffing.order.judged,
        in_order=staffing.order.in_order,
        unnamed=staffing.unnamed,
    )
