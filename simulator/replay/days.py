"""Outcomes as one summary a day, so that days can be compared in pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from router.core.durations import DAY, HOUR
from simulator.figures import Objective, summarise
from simulator.ledger import Outcome
from simulator.summary import EVERYBODY, Summary

Grouping = Callable[[Outcome], str]
"""The name of the group that an outcome belongs to, such as ``hour 08``."""


def by_type(outcome: Outcome) -> str:
    return f"type {outcome.contact.stream or 'unknown'}"


def by_tier(outcome: Outcome) -> str:
    return f"tier {outcome.contact.tier or 'unknown'}"


def by_hour(outcome: Outcome) -> str:
    """The hour of the day on the log's clock in which the wait began."""
    return f"hour {outcome.contact.at % DAY // HOUR:02}"


def daily(
    outcomes: Iterable[Outcome],
    days: Sequence[int],
    groupings: Sequence[Grouping],
    objective: Objective,
) -> list[Summary]:
    """A summary of everybody and of each group, for each of ``days`` (microseconds ÷ ``DAY``)."""
    groups: dict[int, defaultdict[str, list[Outcome]]] = {day: defaultdict(list) for day in days}
    for outcome in outcomes:
        today = groups[outcome.contact.at // DAY]
        today[EVERYBODY].append(outcome)
        for grouping in groupings:
            today[grouping(outcome)].append(outcome)
    return [
        Summary(
            seed=day,
            groups={name: summarise(some, objective) for name, some in sorted(of_day.items())},
            slices=(),
            occupancy=None,
            occupancies={},
            longest_line=0,
        )
        for day, of_day in groups.items()
    ]


def days_of(outcomes: Iterable[Outcome]) -> list[int]:
    """The days on which anything was recorded; empty ones in between have nothing to compare."""
    return sorted({outcome.contact.at // DAY for outcome in outcomes})
