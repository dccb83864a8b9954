"""Erlang B and C, and the waits of the M/M/n queue: patient customers, first come first served.

A load is arrival rate ÷ service rate, in erlangs. Rates share one unit of time, and every time
that goes in or comes out is in that unit.
"""

from __future__ import annotations

from math import exp, log

import msgspec

from simulator.theory.inputs import (
    require_not_negative,
    require_positive,
    require_servers,
    require_share,
    require_stable,
)


def erlang_b(load: float, servers: int) -> float:
    """The share of customers lost when whoever finds every server busy leaves at once.

    ``load`` in erlangs. The recursion over servers never overflows (Jagerman, Bell System
    Technical Journal 53:525, 1974); it takes as many steps as there are servers.
    """
    require_not_negative(load=load)
    require_servers(servers)
    return lost_share(load, servers)


def lost_share(load: float, servers: int) -> float:
    """Erlang B without questions, also for no server at all."""
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
        if lost == 0.0:  # underflow: it stays there
            break
    return lost


def erlang_c(load: float, servers: int) -> float:
    """The probability that a customer has to wait, when all wait as long as it takes.

    ``load`` in erlangs, below ``servers``; otherwise ValueError. From Erlang B (Cooper,
    Introduction to Queueing Theory, 1981, section 3.5).
    """
    require_not_negative(load=load)
    require_servers(servers)
    require_stable(load, servers)
    lost = lost_share(load, servers)
    return lost / (1 - load / servers * (1 - lost))


class PatientQueue(msgspec.Struct, frozen=True, kw_only=True):
    """M/M/n in steady state. Times are in the unit of the rates, shares between 0 and 1.

    ``mean_wait`` is over all customers, ``mean_wait_of_waiting`` over those who wait at all;
    ``mean_queue`` counts the waiting customers; ``drain_rate`` is how fast a line of waiting
    customers gets shorter, customers per unit of time.
    """

    p_wait: float
    mean_wait: float
    mean_wait_of_waiting: float
    mean_queue: float
    occupancy: float
    drain_rate: float

    def p_wait_longer(self, time: float) -> float:
        """P(W > time), over all customers."""
        require_not_negative(time=time)
        return self.p_wait * exp(-self.drain_rate * time)

    def service_level(self, within: float) -> float:
        """P(W ≤ within), over all customers."""
        return 1 - self.p_wait_longer(within)

    def wait_quantile(self, share: float) -> float:
        """The time within which ``share`` of all customers are served; 0 when that many need
        not wait.
        """
        require_share(share=share)
        if 1 - share >= self.p_wait:
            return 0.0
        return log(self.p_wait / (1 - share)) / self.drain_rate


def patient_queue(arrival_rate: float, service_rate: float, servers: int) -> PatientQueue:
    """M/M/n: Poisson arrivals, exponential service, nobody leaves, first come first served.

    Those who wait do so for an exponential time of rate ``servers·service_rate − arrival_rate``
    (Erlang 1917). ValueError when the load is not below ``servers``.
    """
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(service_rate=service_rate)
    load = arrival_rate / service_rate
    p_wait = erlang_c(load, servers)
    drain_rate = (servers - load) * service_rate
    return PatientQueue(
        p_wait=p_wait,
        mean_wait=p_wait / drain_rate,
        mean_wait_of_waiting=1 / drain_rate,
        mean_queue=arrival_rate * p_wait / drain_rate,
        occupancy=load / servers,
        drain_rate=drain_rate,
    )
