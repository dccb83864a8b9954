"""The same scenario again and again with other luck, until its figures are known well enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from math import isfinite
from os import cpu_count
from typing import Literal

import msgspec

from simulator.contacts import draw_contacts
from simulator.figures import QUANTILES, RATIOS, Group
from simulator.intervals import Interval, mean_interval, ratio_interval
from simulator.runner import Run, Setup
from simulator.scenario.load_check import Overload, overloads
from simulator.scenario.model import Plan, Scenario
from simulator.summary import EVERYBODY, Summary, sum_up
from simulator.workers import in_order

Progress = Callable[[int, int, Interval], None]
"""Runs done, the most there may be, and the plan's figure so far."""

Stopped = Literal["precise enough", "as often as allowed"]


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """All runs of one scenario. ``figures``: group, then figure, with its interval."""

    scenario: str
    plan: Plan
    runs: tuple[Summary, ...]
    figures: dict[str, dict[str, Interval]]
    occupancy: Interval
    stopped: Stopped
    overloads: tuple[Overload, ...]


def run_once(scenario: Scenario, seed: int) -> Summary:
    """One run from first to last contact."""
    contacts = draw_contacts(scenario.streams, seed)
    measured_from = scenario.begins + scenario.warm_up
    setup = Setup(
        catalog=scenario.catalog,
        contacts=contacts,
        staff=scenario.staff,
        begins=scenario.begins,
        ends=scenario.ends,
        measured_from=measured_from,
    )
    return sum_up(
        Run(setup, seed=seed).run(),
        scenario.catalog,
        scenario.staff,
        seed=seed,
        measured_from=measured_from,
    )


def replicate(
    scenario: Scenario, *, workers: int | None = None, progress: Progress | None = None
) -> Experiment:
    """Run until the plan is satisfied. Which runs count depends on the seed alone, never on how
    many ``workers`` (processes) share the work or which of them is first.
    """
    plan = scenario.plan
    runs: list[Summary] = []
    stopped: Stopped = "as often as allowed"
    seeds = range(plan.seed, plan.seed + plan.at_most)
    with closing(in_order(run_once, scenario, seeds, workers or cpu_count() or 1)) as summaries:
        for summary in summaries:
            runs.append(summary)
            if not _is_judged(len(runs), plan):
                continue
            reached = figure_interval(runs, EVERYBODY, plan.figure, plan.confidence)
            if progress is not None:
                progress(len(runs), plan.at_most, reached)
            if _precise(plan, len(runs), reached):
                stopped = "precise enough"
                break
    return Experiment(
        scenario=scenario.name,
        plan=plan,
        runs=tuple(runs),
        figures=all_figures(runs, plan.confidence),
        occupancy=mean_interval(
            [run.occupancy for run in runs if run.occupancy is not None], plan.confidence
        ),
        stopped=stopped,
        overloads=tuple(overloads(scenario)),
    )


def _is_judged(count: int, plan: Plan) -> bool:
    """After the first hundred runs only every hundredth part more: judging all of very many runs
    again after each would take longer than the runs.
    """
    return count % max(count // 100, 1) == 0 or count == plan.at_most


def _precise(plan: Plan, count: int, reached: Interval) -> bool:
    return (
        plan.within is not None
        and count >= plan.at_least
        and isfinite(reached.half_width)
        and reached.half_width <= plan.within
    )


# -- figures over all runs --------------------------------------------------------------------


def all_figures(runs: Sequence[Summary], confidence: float) -> dict[str, dict[str, Interval]]:
    names = dict.fromkeys(name for run in runs for name in run.groups)
    return {
        name: {
            figure: figure_interval(runs, name, figure, confidence)
            for figure in (*RATIOS, *QUANTILES)
        }
        for name in names
    }


def figure_interval(
    runs: Sequence[Summary], group: str, figure: str, confidence: float
) -> Interval:
    """One figure of one group; runs in which nobody of the group came do not count."""
    groups: list[Group] = [run.groups[group] for run in runs if group in run.groups]
    if figure in QUANTILES:
        known = [one.quantiles[figure] for one in groups if figure in one.quantiles]
        return mean_interval(known, confidence)
    return ratio_interval([RATIOS[figure](one.tally) for one in groups], confidence)
