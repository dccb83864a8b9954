"""Classes with different rights in one queue for n equal servers, M/M/n with priorities.

Every class has the same exponential service time; a service once begun is finished. Rates share
one unit of time, and waits come out in it. Waits are means over all customers of a class.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from simulator.theory.erlang import erlang_c
from simulator.theory.inputs import require_not_negative, require_positive


def strict_priority_waits(
    arrival_rates: Sequence[float], service_rate: float, servers: int
) -> tuple[float, ...]:
    """The mean wait of each class, the most urgent first: a class is served only while nobody of
    a class before it waits.

    Cobham, Operations Research 2:70, 1954. ValueError when the load is not below ``servers``.
    """
    first = _wait_for_a_server(arrival_rates, service_rate, servers)
    up_to = [0.0, *accumulate(rate / service_rate / servers for rate in arrival_rates)]
    return tuple(first / ((1 - before) * (1 - through)) for before, through in pairwise(up_to))


def ageing_waits(
    arrival_rates: Sequence[float],
    ageing_rates: Sequence[float],
    service_rate: float,
    servers: int,
) -> tuple[float, ...]:
    """The mean wait of each class when a waiting customer's priority grows from zero at the
    ageing rate of the class, and whoever has most is served first.

    In the order given. Only the proportions of ``ageing_rates`` matter. Kleinrock, Naval Research
    Logistics Quarterly 11:329, 1964; Stanford, Taylor and Ziedins, Queueing Systems 77:297, 2014.
    ValueError when the load is not below ``servers``.
    """
    if len(ageing_rates) != len(arrival_rates):
        raise ValueError("give one ageing rate for each arrival rate")
    for rate in ageing_rates:
        require_positive(ageing_rate=rate)
    first = _wait_for_a_server(arrival_rates, service_rate, servers)
    shares = [rate / service_rate / servers for rate in arrival_rates]
    everybody = first / (1 - sum(shares))
    waits: dict[int, float] = {}
    for one in sorted(range(len(shares)), key=ageing_rates.__getitem__):
        ahead = sum(
            shares[slow] * wait * (1 - ageing_rates[slow] / ageing_rates[one])
            for slow, wait in waits.items()
        )
        overtaking = sum(
            share * max(1 - ageing_rates[one] / ageing_rates[fast], 0.0)
            for fast, share in enumerate(shares)
        )
        waits[one] = (everybody - ahead) / (1 - overtaking)
    return tuple(waits[one] for one in range(len(shares)))


def _wait_for_a_server(arrival_rates: Sequence[float], service_rate: float, servers: int) -> float:
    """The mean wait of somebody who is always first in line."""
    for rate in arrival_rates:
        require_not_negative(arrival_rate=rate)
    require_positive(service_rate=service_rate)
    p_wait = erlang_c(sum(arrival_rates) / service_rate, servers)
    return p_wait / (servers * service_rate)
