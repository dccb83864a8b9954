"""How much work arrives and how many people are there, stretch by stretch of a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp

import numpy as np
from numpy.typing import NDArray

from router.core.catalog import HOUR, Catalog
from simulator.contacts import Stream
from simulator.distributions import Constant, Distribution, Empirical, Exponential
from simulator.staff import Member

Amounts = NDArray[np.float64]
Edges = NDArray[np.int64]
"""Microseconds UTC, ascending: stretch n lies between edge n and edge n + 1."""


def offered_load(catalog: Catalog, stream: Stream, edges: Edges) -> Amounts:
    """The contacts that would be in agents' hands if nobody waited, in erlangs: the rate × the
    mean of conversation and wrap-up.
    """
    queue = catalog.queues[stream.queue]
    limit = max(queue.wrap_up_limit, queue.wrap_up) if queue.wrap_up else 0
    takes = stream.handling.mean() + mean_up_to(stream.wrap_up, limit)
    return arrivals_per_hour(stream, edges) * takes / HOUR


def arrivals_per_hour(stream: Stream, edges: Edges) -> Amounts:
    """How many contacts an hour are to be expected."""
    rates = [(one.begins, one.ends, one.per_hour) for one in stream.rates]
    return _mean_height(np.array(rates), edges)


def mean_up_to(distribution: Distribution, limit: int) -> float:
    """The mean of what is drawn and cut at ``limit``, microseconds; for the distributions without
    a short formula the lesser of mean and limit, which is a little more.
    """
    match distribution:
        case Constant():
            return min(distribution.value, limit)
        case Empirical():
            return float(np.minimum(distribution.values, limit).mean())
        case Exponential(average=average) if average:
            return average * (1 - exp(-limit / average))
        case _:
            return min(distribution.mean(), limit)


def people_present(members: Iterable[Member], edges: Edges) -> Amounts:
    """How many of ``members`` are at work, breaks not counted, on average."""
    stays: list[tuple[int, int, float]] = []
    for member in members:
        for shift in member.shifts:
            stays.append((shift.begins, shift.ends, 1.0))
            stays += [(pause.begins, pause.ends, -1.0) for pause in shift.pauses]
    return _mean_height(np.array(stays), edges)


def _mean_height(spans: NDArray[np.float64], edges: Edges) -> Amounts:
    """Of ``spans`` (begins, ends, height) laid on each other, in each stretch."""
    if not len(spans):
        return np.zeros(len(edges) - 1)
    origin = float(edges[0])
    times = np.concatenate([spans[:, 0], spans[:, 1]]) - origin
    changes = np.concatenate([spans[:, 2], -spans[:, 2]])
    order = np.argsort(times, kind="stable")
    times, height = times[order], np.cumsum(changes[order])
    area = np.concatenate([[0.0], np.cumsum(height[:-1] * np.diff(times))])
    at = edges - origin
    place = np.searchsorted(times, at, side="right") - 1
    last = np.maximum(place, 0)
    until = np.where(place >= 0, area[last] + height[last] * (at - times[last]), 0.0)
    means: Amounts = np.diff(until) / np.diff(edges)
    return means
