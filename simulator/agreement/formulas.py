"""What Erlang C and Erlang A say of a queue, in the simulator's own figures.

Where arrivals or staff change through the day, the formula is applied to each stretch as if it
had always been so, and the stretches are added up by their contacts: the pointwise stationary
approximation (Green and Kolesar, Management Science 37:84, 1991).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import exp
from typing import Final

from router.core.catalog import SECOND
from simulator.agreement.served import ServedQueue
from simulator.agreement.stretches import stretches
from simulator.distributions import Never
from simulator.figures import SHORT_ABANDON
from simulator.intervals import Part
from simulator.scenario.amounts import mean_up_to
from simulator.theory import impatient_queue, patient_queue

_SHORT: Final = SHORT_ABANDON / SECOND
_SHORTEST: Final = 1e-3  # seconds; a mean of nothing has no rate

Rates = tuple[float, int, float, float]
"""Arrivals per second, servers, services per second, customers losing patience per second."""

OF_THE_ORDER: Final = frozenset({"service_level", "mean_wait_answered"})
"""Figures that credits change; the mean wait of all, who waits and who gives up they do not."""


class NoSteadyState(Exception):
    """The line grows without end; the text says by how much the load is too high."""


def formula_of(served: ServedQueue) -> str:
    """Which of the formulas is meant for its customers."""
    patient = all(isinstance(stream.patience, Never) for stream in served.streams)
    return "Erlang C" if patient else "Erlang A"


def theory(served: ServedQueue) -> dict[str, float]:
    """Each figure the formula gives, in seconds or as a share. Raises ``NoSteadyState``."""
    totals: dict[str, Part] = {}
    within = served.queue.service_within / SECOND
    service_rate, patience_rate = _service_rate(served), _patience_rate(served)
    for stretch in stretches(served):
        rates = (stretch.per_hour / 3_600, stretch.servers, service_rate, patience_rate)
        for figure, (above, below) in _figures(rates, within).items():
            contacts = stretch.hours * stretch.per_hour
            before = totals.get(figure, (0.0, 0.0))
            totals[figure] = before[0] + contacts * above, before[1] + contacts * below
    return {figure: above / below for figure, (above, below) in totals.items() if below}


def occupancy(served: ServedQueue) -> float | None:
    """Of agents who serve nothing else, where nothing changes through the day."""
    parts = stretches(served)
    if len(parts) != 1 or not parts[0].servers:
        return None
    rate, servers = parts[0].per_hour / 3_600, parts[0].servers
    service_rate, patience_rate = _service_rate(served), _patience_rate(served)
    if patience_rate:
        return impatient_queue(rate, service_rate, servers, patience_rate).occupancy
    return patient_queue(rate, service_rate, servers).occupancy


@lru_cache(maxsize=4_096)
def _figures(rates: Rates, within: float) -> dict[str, Part]:
    """Of one contact: numerator and denominator of each figure, as in ``figures.RATIOS``."""
    arrival_rate, servers, service_rate, patience_rate = rates
    if not arrival_rate:
        return {}
    if patience_rate:
        return _impatient(rates, within) if servers else _nobody_there(patience_rate)
    load = arrival_rate / service_rate
    if load >= servers:
        raise NoSteadyState(f"{load:.1f} agents are needed and {servers} are there")
    queue = patient_queue(arrival_rate, service_rate, servers)
    return {
        "mean_wait": (queue.mean_wait, 1),
        "mean_wait_answered": (queue.mean_wait, 1),
        "waited": (queue.p_wait, 1),
        "abandonment": (0, 1),
        "service_level": (queue.service_level(within), 1),
    }


def _impatient(rates: Rates, within: float) -> dict[str, Part]:
    arrival_rate, servers, service_rate, patience_rate = rates
    queue = impatient_queue(arrival_rate, service_rate, servers, patience_rate)
    served = 1 - queue.p_abandon
    return {
        "mean_wait": (queue.mean_wait, 1),
        "mean_wait_answered": (queue.mean_wait_of_served * served, served),
        "waited": (queue.p_wait, 1),
        "abandonment": (queue.p_abandon, 1),
        "service_level": (queue.served_within(within), 1 - queue.abandoned_within(_SHORT)),
    }


def _nobody_there(patience_rate: float) -> dict[str, Part]:
    return {
        "mean_wait": (1 / patience_rate, 1),
        "waited": (1, 1),
        "abandonment": (1, 1),
        "service_level": (0, exp(-patience_rate * _SHORT)),
    }


def _service_rate(served: ServedQueue) -> float:
    queue = served.queue
    limit = max(queue.wrap_up_limit, queue.wrap_up) if queue.wrap_up else 0
    work = _mean(
        (stream.expected, stream.handling.mean() + mean_up_to(stream.wrap_up, limit))
        for stream in served.streams
    )
    manners = [member.behaviour for member in served.members]
    pace = _mean((1, one.pace) for one in manners)
    ringing = 0.0 if queue.auto_accept else _mean((1, one.accepts_after.mean()) for one in manners)
    return 1 / max((work * pace + ringing) / SECOND, _SHORTEST)


def _patience_rate(served: ServedQueue) -> float:
    return _mean(
        (stream.expected, 1 / max(stream.patience.mean() / SECOND, _SHORTEST))
        for stream in served.streams
    )


def _mean(weighted: Iterable[tuple[float, float]]) -> float:
    pairs = list(weighted)
    return sum(weight * value for weight, value in pairs) / sum(weight for weight, _ in pairs)
