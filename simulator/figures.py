"""From outcomes to the figures people judge a centre by.

A ``Tally`` is counts and sums alone, so that tallies of hours, days and runs add up; every ratio
is a pair (numerator, denominator) of them, which is what confidence intervals are made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from router.core.durations import SECOND
from simulator.intervals import Part
from simulator.ledger import Outcome

SHORT_ABANDON: Final = 5 * SECOND
SERVICE_LEVEL_FORMULA: Final = (
    "answered within the objective ÷ (answered + abandoned − abandoned within 5 s)"
)

Objective = Callable[[str], int]
"""Within how many microseconds a queue wants to answer."""


class Tally(msgspec.Struct, kw_only=True):
    """Of some contacts; times are seconds. Who waited to an end was answered or abandoned."""

    contacts: int = 0
    answered: int = 0
    abandoned: int = 0
    overflowed: int = 0
    called_back: int = 0
    blocked: int = 0
    unfinished: int = 0
    waited_at_all: int = 0  # of those who waited to an end
    wait: float = 0.0  # of those who waited to an end
    wait_of_answered: float = 0.0
    within: int = 0  # answered within the objective
    short: int = 0  # abandoned within 5 s
    talked: int = 0  # conversations that were over before the run was
    handling: float = 0.0  # those conversations

    def add(self, outcome: Outcome, objective: int) -> None:
        self.contacts += 1
        match outcome.result:
            case "answered":
                self._add_answered(outcome, objective)
            case "abandoned":
                self.abandoned += 1
                self.short += outcome.waited <= SHORT_ABANDON
                self._add_wait(outcome)
            case "overflowed":
                self.overflowed += 1
            case "called_back":
                self.called_back += 1
            case "blocked":
                self.blocked += 1
            case "unfinished":
                self.unfinished += 1

    def _add_answered(self, outcome: Outcome, objective: int) -> None:
        self.answered += 1
        self.within += outcome.waited <= objective
        self.wait_of_answered += outcome.waited / SECOND
        if outcome.ended_at:
            self.talked += 1
            self.handling += (outcome.ended_at - outcome.answered_at) / SECOND
        self._add_wait(outcome)

    def _add_wait(self, outcome: Outcome) -> None:
        self.wait += outcome.waited / SECOND
        self.waited_at_all += outcome.waited > 0

    def merge(self, other: Tally) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def ended(self) -> int:
        return self.answered + self.abandoned

    def ratio(self, figure: str) -> float | None:
        """The value of one of ``RATIOS``; None where nobody is measured."""
        numerator, denominator = RATIOS[figure](self)
        return numerator / denominator if denominator else None


RATIOS: Final[Mapping[str, Callable[[Tally], Part]]] = {
    "mean_wait": lambda tally: (tally.wait, tally.ended),
    "mean_wait_answered": lambda tally: (tally.wait_of_answered, tally.answered),
    "waited": lambda tally: (tally.waited_at_all, tally.ended),
    "abandonment": lambda tally: (tally.abandoned, tally.ended),
    "service_level": lambda tally: (tally.within, tally.ended - tally.short),
    "mean_handling": lambda tally: (tally.handling, tally.talked),
}
"""Waits and handling in seconds, the others shares 0-1."""

QUANTILES: Final = {"median_wait": 0.5, "wait_90": 0.9, "wait_99": 0.99}
"""Of all who waited to an end, seconds."""


WAIT_EDGES: Final = (
    *(0, 2, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 105, 120, 150, 180, 240, 300, 450, 600),
    *(900, 1_200, 1_800, 2_700, 3_600, 7_200, 14_400, 28_800, 86_400),
)
"""Seconds: between which of them waits are counted."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One group's figures in one run: what adds up, and what does not.

    ``waits`` counts the waits to an end: number n those above edge n - 1 and up to edge n of
    ``WAIT_EDGES``, the last number those above all edges. Empty where nobody waited to an end.
    """

    tally: Tally
    quantiles: dict[str, float]
    waits: tuple[int, ...] = ()


def summarise(outcomes: Iterable[Outcome], objective: Objective) -> Group:
    tally = Tally()
    waits = []
    for outcome in outcomes:
        tally.add(outcome, objective(outcome.contact.queue))
        if outcome.result in {"answered", "abandoned"}:
            waits.append(outcome.waited / SECOND)
    if not waits:
        return Group(tally=tally, quantiles={})
    found = np.quantile(waits, list(QUANTILES.values())).tolist()
    return Group(
        tally=tally,
        quantiles=dict(zip(QUANTILES, found, strict=True)),
        waits=_counted(waits),
    )


def _counted(waits: Sequence[float]) -> tuple[int, ...]:
    places = np.searchsorted(WAIT_EDGES, waits, side="left")
    return tuple(np.bincount(places, minlength=len(WAIT_EDGES) + 1).tolist())
