"""How a simulation went, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

from config.problems import excerpt
from router.core.durations import HOUR, SECOND
from simulator.distributions import Never
from simulator.figures import Tally
from simulator.replications import Experiment
from simulator.scenario.load_check import Overload
from simulator.scenario.model import Scenario
from simulator.summary import EVERYBODY, Summary
from simulator.wording.figures import FIGURES, half_width_text

SHOWN_STREAMS: Final = 3


def runs_text(experiment: Experiment) -> str:
    """How many runs there were, and why not more."""
    plan, count = experiment.plan, len(experiment.runs)
    runs = _count(count, "run")
    if plan.within is None:
        return f"{runs}, as planned."
    reached = experiment.figures[EVERYBODY][plan.figure]
    wanted = half_width_text(plan.figure, plan.within)
    label = FIGURES[plan.figure].label
    if experiment.stopped == "precise enough":
        known = half_width_text(plan.figure, reached.half_width)
        return f"{runs}: the {label} is known to {known}, and {wanted} was wanted."
    if not isfinite(reached.half_width):
        return f"{runs}, as many as allowed: the {label} is not known."
    known = half_width_text(plan.figure, reached.half_width)
    return f"{runs}, as many as allowed: the {label} is known to {known}, not to {wanted}."


def overload_sentences(experiment: Experiment, scenario: Scenario) -> list[str]:
    """``Monday 10:00–12:00: support calls ask for 12.3 agents, 10 are there: the line grows until
    customers give up.`` The worst time of each set of streams, and how many others there are.
    """
    times: defaultdict[tuple[str, ...], list[Overload]] = defaultdict(list)
    for one in experiment.overloads:
        times[one.streams].append(one)
    patient = {stream.name for stream in scenario.streams if isinstance(stream.patience, Never)}
    return [_overload(some, scenario, patient) for some in times.values()]


def _overload(times: Sequence[Overload], scenario: Scenario, patient: Collection[str]) -> str:
    one = max(times, key=lambda some: some.offered - some.present)
    there = f"{one.present:.3g} {'is' if one.present == 1 else 'are'} there"
    if not one.present:
        there = "nobody is there"
    end = (
        "without end" if any(name in patient for name in one.streams) else "until customers give up"
    )
    others = f" So too at {_count(len(times) - 1, 'other time')}." if len(times) > 1 else ""
    return (
        f"{_when(one, scenario)}: {_names(one.streams)} ask for {one.offered:.1f} agents,"
        f" {there}: the line grows {end}.{others}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _when(one: Overload, scenario: Scenario) -> str:
    zone = ZoneInfo(scenario.zone)
    begins, ends = (datetime.fromtimestamp(at // SECOND, zone) for at in (one.begins, one.ends))
    several_weeks = scenario.ends - scenario.begins > 7 * 24 * HOUR
    form = "%A %-d %B %H:%M" if several_weeks else "%A %H:%M"
    same_day = begins.date() == ends.date() or one.ends - one.begins < 12 * HOUR
    return f"{begins.strftime(form)}–{ends.strftime('%H:%M' if same_day else form)}"


def _names(names: Sequence[str]) -> str:
    shown = [excerpt(name) for name in names[:SHOWN_STREAMS]]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def left_out(runs: Sequence[Summary]) -> list[str]:
    """A sentence for each kind of contact that is in no wait and no service level."""
    total = Tally()
    for run in runs:
        total.merge(run.groups[EVERYBODY].tally)
    said = (
        (total.unfinished, "still waited at the end"),
        (total.overflowed, "were sent elsewhere by a rule before anybody answered"),
        (total.called_back, "were called back, having waited without being on the line"),
        (total.blocked, "found every line taken"),
    )
    return [
        f"{count / len(runs):,.1f} contacts a run ({count / total.contacts * 100:.1f} %) {what};"
        " they are in none of the waits."
        for count, what in said
        if count
    ]
