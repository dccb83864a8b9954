"""M/M/n/K: patient customers and a last place; whoever finds it taken is turned away."""

from __future__ import annotations

from functools import lru_cache
from math import log

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.theory.erlang import lost_share
from simulator.theory.inputs import require_not_negative, require_positive, require_servers

MOST_PLACES = 1_000_000


class BoundedQueue(msgspec.Struct, frozen=True, kw_only=True):
    """M/M/n/K in steady state. Times are in the unit of the rates, shares between 0 and 1.

    ``p_block`` is the share of arrivals turned away. Of the others, those who enter, ``p_wait``
    wait, for ``mean_wait`` on the average over all who enter. ``occupancy`` is per server, and
    ``completion_rate`` that of all servers together when none is idle.
    """

    p_block: float
    p_wait: float
    mean_wait: float
    mean_queue: float
    occupancy: float
    completion_rate: float
    load_per_server: float
    waiting_places: int

    def p_wait_longer(self, time: float) -> float:
        """P(W > time) of those who enter, first come first served.

        Who finds every server busy and j customers waiting is served after j + 1 services.
        """
        require_not_negative(time=time)
        if not self.waiting_places or not self.p_wait:
            return 0.0
        found = _shares_of_places(self.load_per_server, self.waiting_places)
        served = _poisson_up_to(self.completion_rate * time, self.waiting_places)
        return self.p_wait * float(found @ served)

    def service_level(self, within: float) -> float:
        """P(W ≤ within) of those who enter."""
        return 1 - self.p_wait_longer(within)


def bounded_queue(
    arrival_rate: float, service_rate: float, servers: int, places: int
) -> BoundedQueue:
    """M/M/n/K with ``places`` = K in all, those at the servers included.

    Stable at any load. Birth and death (Kleinrock, Queueing Systems I, 1975, section 3.8).
    """
    require_positive(arrival_rate=arrival_rate, service_rate=service_rate)
    require_servers(servers)
    waiting_places = places - servers
    if not 0 <= waiting_places <= MOST_PLACES:
        raise ValueError(
            f"{places} places for {servers} servers; "
            f"give from {servers} to {servers + MOST_PLACES} places"
        )
    filled = _fill(arrival_rate / service_rate, servers, waiting_places)
    return BoundedQueue(
        p_block=filled.full,
        p_wait=filled.p_wait,
        mean_wait=filled.queue / (arrival_rate * filled.entering),
        mean_queue=filled.queue,
        occupancy=min(arrival_rate / service_rate / servers * filled.entering, 1.0),
        completion_rate=servers * service_rate,
        load_per_server=arrival_rate / service_rate / servers,
        waiting_places=waiting_places,
    )


class _Filled(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of arrivals that find every place taken, or enter; of these, who wait; and the mean
    line.
    """

    full: float
    entering: float
    p_wait: float
    queue: float


def _fill(load: float, servers: int, waiting_places: int) -> _Filled:
    """One place after another: a further place takes its share of the time and leaves the
    proportions of the others as they are. Who enters finds what the system without its last place
    looks like.
    """
    ratio = load / servers
    without_last = lost_share(load, servers - 1)
    full, entering = _one_more(without_last, ratio)
    busy, p_wait, queue = full, 0.0, 0.0
    for place in range(1, waiting_places + 1):
        p_wait = busy
        full, entering = _one_more(full, ratio)
        busy += full * (1 - busy)
        queue += full * (place - queue)
    return _Filled(full=full, entering=entering, p_wait=p_wait, queue=queue)


def _one_more(full: float, ratio: float) -> tuple[float, float]:
    """The shares of a further last place and of all others, from that of the place before it and
    the arrival rate ÷ the rate at which the further place is left.
    """
    return ratio * full / (1 + ratio * full), 1 / (1 + ratio * full)


def _shares_of_places(ratio: float, places: int) -> NDArray[np.float64]:
    """How many wait before somebody who enters and must wait: 0 to ``places`` - 1."""
    logs = np.arange(places) * log(ratio)
    weights = np.exp(logs - logs.max())
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _poisson_up_to(mean: float, count: int) -> NDArray[np.float64]:
    """P(N ≤ j) for j from 0 to ``count`` - 1, where N is Poisson of this mean."""
    if not mean:
        return np.ones(count)
    logs = np.arange(count) * log(mean) - _log_factorials(count) - mean
    shares: NDArray[np.float64] = np.cumsum(np.exp(logs))
    return shares


@lru_cache(maxsize=4)
def _log_factorials(count: int) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.cumsum(np.log(np.arange(1, count)))
    return np.append(0.0, logs)
