"""What a scenario means, checked on the document: one run names all problems.

Nothing here asks what the simulation would give; that is ``service_checks``, once all is well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Final

from config.catalog.checks import Checker
from config.catalog.openings import ALL_DAY, Span, format_span
from config.durations import UNITS, format_duration
from config.problems import Path, excerpt
from router.core.catalog import Catalog
from simulator.scenario.clock import lies_in, moment, overlapping
from simulator.scenario.compile import behaviour_of, days_of, people_in
from simulator.scenario.document import RunsSource, ScenarioSource, StaffSource, StreamSource
from simulator.scenario.kinds import is_share
from simulator.scenario.model import Plan

LONGEST: Final = 92 * UNITS["d"]
MAX_SHIFTS: Final = 1_000_000  # agents × days × shifts and breaks
MAX_RATES: Final = 200_000  # streams × days × spans
_PLAN: Final = Plan()


def check_document(document: ScenarioSource, catalog: Catalog | None, checker: Checker) -> None:
    """Report every error. ``catalog`` is None when it could not be read."""
    _check_time(document, checker)
    for name, stream in (document.arrivals or {}).items():
        _check_stream(("arrivals", name), stream, checker)
    for name, group in (document.staff or {}).items():
        _check_group(("staff", name), group, checker)
    if document.runs is not None:
        _check_runs(("runs",), document.runs, checker)
    if _check_size(document, catalog, checker) and catalog is not None:
        _check_people(document.staff or {}, catalog, checker)


def _check_time(document: ScenarioSource, checker: Checker) -> None:
    zone = document.time_zone or "UTC"
    if moment(document.starts, zone) is None:
        checker.report(
            ("starts",), f"the clocks of {zone} skip this hour", "start an hour earlier or later"
        )
    if not document.lasts:
        checker.report(("lasts",), "a scenario needs time", "write how long it lasts: 10h")
    if document.lasts > LONGEST:
        checker.report(("lasts",), "a scenario may last 92 days at most", "shorten it")
    warm_up = document.warm_up or 0
    if 0 < document.lasts <= warm_up:
        checker.report(
            ("warm_up",),
            f"all {format_duration(document.lasts)} of the scenario would be warm-up",
            "shorten warm_up: what comes after it is measured",
        )


def _check_stream(path: Path, stream: StreamSource, checker: Checker) -> None:
    checker.check_steps((*path, "steps"), stream.steps or ())
    shares = sum((stream.tiers or {}).values())
    if shares > 1 + 1e-9:
        checker.report(
            (*path, "tiers"),
            f"the tiers add up to {shares:.4g} of the customers",
            "keep to 100%; who is in none of them has no tier",
        )


def _check_group(path: Path, group: StaffSource, checker: Checker) -> None:
    if isinstance(group.agents, tuple):
        seen: set[str] = set()
        for index, agent in enumerate(group.agents):
            if agent in seen:
                where = (*path, "agents", index)
                checker.report(where, f"'{excerpt(agent)}' is listed twice", "remove one")
            seen.add(agent)
    shifts = group.shifts or (ALL_DAY,)
    for index, pause in enumerate(group.breaks or ()):
        if group.shifts and not any(lies_in(pause, shift) for shift in shifts):
            checker.report(
                (*path, "breaks", index),
                f"the break {format_span(pause)} is outside the shifts",
                f"put it inside one of {_spans_text(shifts)}",
            )


def _check_runs(path: Path, runs: RunsSource, checker: Checker) -> None:
    at_least = runs.at_least or _PLAN.at_least
    at_most = runs.at_most or _PLAN.at_most
    if runs.at_least and at_least > at_most:
        checker.report(
            (*path, "at_least"),
            f"at least {at_least} runs are more than at most {at_most}",
            "raise at_most or lower at_least",
        )
    if runs.confidence is not None and not 0.5 <= runs.confidence < 0.9995:
        checker.report(
            (*path, "confidence"), "this confidence makes no interval", "write 50% to 99.9%: 95%"
        )
    if runs.until is None:
        return
    figure = runs.until.figure or _PLAN.figure
    if is_share(runs.until.within) == (figure == "mean_wait"):
        example = "2s" if figure == "mean_wait" else "1%"
        kind = "duration" if figure == "mean_wait" else "share"
        checker.report(
            (*path, "until", "within"), f"{figure} is a {kind}", f"write how close: {example}"
        )
    if at_most < 2:
        checker.report((*path, "until"), "one run has no interval", "raise at_most to 2 at least")


# -- size -------------------------------------------------------------------------------------


def _check_size(document: ScenarioSource, catalog: Catalog | None, checker: Checker) -> bool:
    """Before anything is made: whether shifts and rates fit."""
    if document.lasts > LONGEST:
        return False
    days = days_of(document.lasts)
    rates = days * sum(len(stream.per_hour) for stream in (document.arrivals or {}).values())
    if rates > MAX_RATES:
        checker.report(
            ("arrivals",),
            f"there are {rates:,} spans of arrivals in all and a run holds {MAX_RATES:,}",
            "shorten the scenario or write fewer spans",
        )
    shifts = days * sum(
        len(people_in(group, catalog)) * len((*(group.shifts or (ALL_DAY,)), *(group.breaks or ())))
        for group in (document.staff or {}).values()
    )
    if shifts > MAX_SHIFTS:
        checker.report(
            ("staff",),
            f"there are {shifts:,} shifts and breaks in all and a run holds {MAX_SHIFTS:,}",
            "shorten the scenario or name fewer agents",
        )
    return rates <= MAX_RATES and shifts <= MAX_SHIFTS


# -- who is in two groups ---------------------------------------------------------------------


def _check_people(groups: dict[str, StaffSource], catalog: Catalog, checker: Checker) -> None:
    """An agent may be in several groups that work at different hours, in the same way."""
    memberships: dict[str, list[str]] = defaultdict(list)
    for name, group in groups.items():
        for agent in dict.fromkeys(people_in(group, catalog)):
            memberships[agent].append(name)
    kinds: dict[tuple[str, ...], str] = {}  # the groups somebody is in: the first of these agents
    for agent, names in memberships.items():
        kinds.setdefault(tuple(names), agent)
    example: dict[tuple[str, str], str] = {}  # two groups: somebody who is in both
    for together, agent in kinds.items():
        for pair in combinations(together, 2):
            example.setdefault(pair, agent)
    for (one, other), agent in example.items():
        _check_pair(agent, one, other, groups, checker)


def _check_pair(
    agent: str, one: str, other: str, groups: dict[str, StaffSource], checker: Checker
) -> None:
    first, second = groups[one], groups[other]
    path: Path = ("staff", other, "agents")
    if isinstance(second.agents, tuple):
        path = (*path, second.agents.index(agent))
    both = overlapping([*(first.shifts or (ALL_DAY,)), *(second.shifts or (ALL_DAY,))])
    if both:
        checker.report(
            path,
            f"'{excerpt(agent)}' is at work with '{excerpt(one)}' at the same time",
            f"{format_span(both[0])} and {format_span(both[1])} overlap: change one",
        )
    elif behaviour_of(first) != behaviour_of(second):
        checker.report(
            path,
            f"'{excerpt(agent)}' works in another way with '{excerpt(one)}'",
            "write the same accepts_after, misses, returns_after, pace and fatigue in both",
        )


def _spans_text(spans: Iterable[Span]) -> str:
    return ", ".join(format_span(span) for span in spans)
