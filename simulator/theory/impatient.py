"""Erlang A, the M/M/n+M queue: customers wait first come first served and lose patience.

Rates share one unit of time, and every time that goes in or comes out is in that unit.
"""

from __future__ import annotations

from math import exp

import msgspec

from simulator.theory.erlang import lost_share
from simulator.theory.inputs import (
    require_not_negative,
    require_positive,
    require_servers,
    require_share,
)
from simulator.theory.offered_wait import OfferedWait


class ImpatientQueue(msgspec.Struct, frozen=True, kw_only=True):
    """M/M/n+M in steady state. Times are in the unit of the rates, shares between 0 and 1.

    ``p_wait`` is the share of all customers who find every server busy, ``p_abandon`` of all who
    leave unserved. ``mean_wait`` is over all customers, ``mean_wait_of_served`` over those who
    get through; ``mean_queue`` counts the waiting customers; ``occupancy`` is per server.
    """

    p_wait: float
    p_abandon: float
    mean_wait: float
    mean_wait_of_served: float
    mean_queue: float
    occupancy: float
    offered: OfferedWait

    def p_offered_longer(self, time: float) -> float:
        """P(V > time): a customer of endless patience who came now would wait longer."""
        require_not_negative(time=time)
        return self.p_wait * self.offered.p_longer(time)

    def p_wait_longer(self, time: float) -> float:
        """P(W > time) over all customers: still waiting then, neither served nor gone."""
        return self.p_offered_longer(time) * exp(-self.offered.patience_rate * time)

    def served_within(self, time: float) -> float:
        """The share of all customers who are served after waiting ``time`` at most."""
        require_not_negative(time=time)
        waited = self.offered.mean(self.offered.still_patient, until=time)
        return 1 - self.p_wait + self.p_wait * waited

    def abandoned_within(self, time: float) -> float:
        """The share of all customers who leave unserved after waiting ``time`` at most."""
        return max(1 - self.p_wait_longer(time) - self.served_within(time), 0.0)

    def service_level(self, within: float, *, short: float = 0.0) -> float:
        """Served within ``within`` ÷ all but those who leave within ``short``, a share."""
        still_there = self.p_wait_longer(short) + self.served_within(short)
        return self.served_within(within) / still_there

    def wait_quantile(self, share: float) -> float:
        """The wait, until service or leaving, that ``share`` of all customers do not exceed."""
        require_share(share=share)
        if 1 - share >= self.p_wait:
            return 0.0
        low, high = 0.0, 1 / self.offered.completion_rate
        while self.p_wait_longer(high) > 1 - share:
            low, high = high, 2 * high
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if self.p_wait_longer(middle) > 1 - share else (low, middle)
        return high


def impatient_queue(
    arrival_rate: float, service_rate: float, servers: int, patience_rate: float
) -> ImpatientQueue:
    """M/M/n+M, Erlang A (Palm 1946; Garnett, Mandelbaum and Reiman, M&SOM 4:208, 2002).

    Poisson arrivals, exponential service and patience; stable at any load. ``patience_rate`` is
    1 ÷ mean patience, above zero: for customers who never leave use ``patient_queue``.
    """
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(service_rate=service_rate, patience_rate=patience_rate)
    require_servers(servers)
    load = arrival_rate / service_rate
    offered = OfferedWait(arrival_rate, servers * service_rate, patience_rate)
    p_wait = offered.p_wait(lost_share(load, servers - 1))
    served = 1 - p_wait + p_wait * offered.mean(offered.still_patient)
    mean_wait = p_wait * offered.mean(offered.mean_wait)
    return ImpatientQueue(
        p_wait=p_wait,
        p_abandon=patience_rate * mean_wait,
        mean_wait=mean_wait,
        mean_wait_of_served=p_wait * offered.mean(offered.wait_if_served) / served,
        mean_queue=arrival_rate * mean_wait,
        occupancy=min(load / servers * served, 1.0),
        offered=offered,
    )
