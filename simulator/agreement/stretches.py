"""A queue's day cut where its arrivals or its staff change: between the cuts nothing does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec
import numpy as np

from router.core.catalog import HOUR
from simulator.agreement.served import ServedQueue
from simulator.scenario.amounts import arrivals_per_hour, people_present
from simulator.staff import Member


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """``servers`` is how many contacts the agents who are there can have in hand together."""

    hours: float
    per_hour: float
    servers: int


def stretches(served: ServedQueue, *, with_warm_up: bool = False) -> list[Stretch]:
    """In order of time; the measured part unless told otherwise."""
    scenario = served.scenario
    begins = scenario.begins + (0 if with_warm_up else scenario.warm_up)
    inside = {at for at in _changes(served) if begins < at < scenario.ends}
    edges = np.array(sorted({begins, scenario.ends, *inside}), dtype=np.int64)
    rates = sum(arrivals_per_hour(stream, edges) for stream in served.streams)
    servers = np.zeros(len(edges) - 1)
    for capacity, members in _by_capacity(served).items():
        servers += capacity * people_present(members, edges)
    return [
        Stretch(hours=lasts / HOUR, per_hour=rate, servers=round(there))
        for lasts, rate, there in zip(
            np.diff(edges).tolist(), np.asarray(rates).tolist(), servers.tolist(), strict=True
        )
    ]


def _by_capacity(served: ServedQueue) -> dict[int, list[Member]]:
    groups: defaultdict[int, list[Member]] = defaultdict(list)
    for member, capacity in zip(served.members, served.capacities, strict=True):
        groups[capacity].append(member)
    return groups


def _changes(served: ServedQueue) -> Iterator[int]:
    for stream in served.streams:
        for rate in stream.rates:
            yield from (rate.begins, rate.ends)
    for member in served.members:
        for shift in member.shifts:
            yield from (shift.begins, shift.ends)
            for pause in shift.pauses:
                yield from (pause.begins, pause.ends)
