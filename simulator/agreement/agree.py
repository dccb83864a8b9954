"""Each queue's simulated figures beside what a formula says of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Literal

import msgspec

from simulator.agreement.formulas import (
    OF_THE_ORDER,
    NoSteadyState,
    formula_of,
    occupancy,
    theory,
)
from simulator.agreement.misfits import hopeless, misfits, one_order
from simulator.agreement.served import ServedQueue, served_queues
from simulator.intervals import Interval
from simulator.replications import Experiment
from simulator.scenario.model import Scenario


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One figure by theory and simulated; ``agrees`` says whether the interval contains the
    formula's value, None where the simulation gave no interval.
    """

    theory: float
    simulated: Interval
    agrees: bool | None


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What theory says of ``queue``.

    ``formula`` is ``exact`` for it, a ``near`` one, or there is ``none``; ``why`` has a clause for
    each reason it is not exact, ``notes`` sentences on how to read the figures.
    """

    queue: str
    formula: str
    fit: Literal["exact", "near", "none"]
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: dict[str, Compared] = {}


def agreements(scenario: Scenario, experiment: Experiment) -> list[Agreement]:
    """Of every queue somebody comes to, in the catalog's order."""
    return [_agreement(served, experiment) for served in served_queues(scenario)]


def sentence(agreement: Agreement) -> str:
    """Which formula holds, or why none does."""
    why = _and(agreement.why)
    match agreement.fit:
        case "exact":
            return f"{agreement.queue}: {agreement.formula} is exact here."
        case "near":
            return (
                f"{agreement.queue}: no formula is exact, because {why};"
                f" {agreement.formula} is an approximation."
            )
        case "none":
            return f"{agreement.queue}: no formula applies, because {why}."


def _and(clauses: Sequence[str]) -> str:
    return " and ".join([", ".join(clauses[:-1]), clauses[-1]] if len(clauses) > 1 else clauses)


def _agreement(served: ServedQueue, experiment: Experiment) -> Agreement:
    name, formula = served.queue.id, formula_of(served)
    reasons = hopeless(served)
    if reasons:
        return Agreement(queue=name, formula="", fit="none", why=tuple(reasons))
    differs = misfits(served)
    try:
        figures = _compared(served, experiment)
    except NoSteadyState as problem:
        why = (f"nobody gives up and the line grows without end: {problem}",)
        return Agreement(queue=name, formula="", fit="none", why=why)
    return Agreement(
        queue=name,
        formula=formula,
        fit="near" if differs else "exact",
        why=tuple(differs),
        notes=tuple(_notes(served)),
        figures=figures,
    )


def _compared(served: ServedQueue, experiment: Experiment) -> dict[str, Compared]:
    simulated = experiment.figures.get(f"queue {served.queue.id}", {})
    values = {figure: value for figure, value in theory(served).items() if figure in simulated}
    if not one_order(served):
        values = {figure: one for figure, one in values.items() if figure not in OF_THE_ORDER}
    found = {figure: _one(value, simulated[figure]) for figure, value in values.items()}
    busy = occupancy(served) if _serves_alone(served) else None
    if busy is not None:
        found["occupancy"] = _one(busy, experiment.occupancy)
    return found


def _one(value: float, simulated: Interval) -> Compared:
    known = isfinite(simulated.half_width) and isfinite(simulated.mean)
    return Compared(
        theory=value,
        simulated=simulated,
        agrees=_contains(simulated, value) if known else None,
    )


def _contains(interval: Interval, value: float) -> bool:
    """Also where every run gave the very same, but for rounding."""
    return interval.contains(value) or abs(interval.mean - value) < 1e-9


def _serves_alone(served: ServedQueue) -> bool:
    """Whether the scenario's occupancy is that of this queue's agents, one contact at a time."""
    return len(served.members) == len(served.scenario.staff) and set(served.capacities) == {1}


def _notes(served: ServedQueue) -> list[str]:
    notes = []
    if not served.scenario.warm_up:
        notes.append(
            "The formula's centre has been open for ever, the simulated one begins empty:"
            " give the scenario a warm_up."
        )
    if not one_order(served):
        notes.append("Credits change who is served first, so the service level has no formula.")
    return notes
