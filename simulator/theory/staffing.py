"""How many agents: exact searches, and what becomes of them in large centres.

Loads are in erlangs, rates and times in one unit of time.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, exp, floor, pi, sqrt

from simulator.theory.erlang import patient_queue
from simulator.theory.impatient import impatient_queue
from simulator.theory.inputs import (
    MOST_SERVERS,
    require_not_negative,
    require_positive,
    require_servers,
    require_share,
    require_stable,
)

_FAR = 30.0  # standard deviations, where the tail is as good as its asymptote


def agents_for(
    arrival_rate: float,
    service_rate: float,
    *,
    service_level: float,
    within: float,
    patience_rate: float = 0.0,
) -> int:
    """The fewest agents who serve the share ``service_level`` of all customers within the time
    ``within``: by Erlang C, or by Erlang A when ``patience_rate`` (1 ÷ mean patience) is given.
    """
    require_not_negative(arrival_rate=arrival_rate, within=within, patience_rate=patience_rate)
    require_positive(service_rate=service_rate)
    require_share(service_level=service_level)

    def enough(agents: int) -> bool:
        if patience_rate:
            impatient = impatient_queue(arrival_rate, service_rate, agents, patience_rate)
            return impatient.served_within(within) >= service_level
        patient = patient_queue(arrival_rate, service_rate, agents)
        return patient.service_level(within) >= service_level

    return _first(enough, 1 if patience_rate else floor(arrival_rate / service_rate) + 1)


def halfin_whitt_p_wait(load: float, servers: int) -> float:
    """P(wait) of M/M/n in the limit of many servers and a load close below them.

    Halfin and Whitt, Operations Research 29:567, 1981.
    """
    require_positive(load=load)
    require_servers(servers)
    require_stable(load, servers)
    spare = (servers - load) / sqrt(load)
    return _patient_limit(spare)


def qed_p_wait(load: float, servers: int, patience: float) -> float:
    """P(wait) of M/M/n+M in the same limit; ``patience`` is mean patience ÷ mean service time.

    Garnett, Mandelbaum and Reiman, M&SOM 4:208, 2002.
    """
    require_positive(load=load, patience=patience)
    require_servers(servers)
    spare = (servers - load) / sqrt(load)
    waiting = _hazard(-spare) * sqrt(patience)
    return waiting / (waiting + _hazard(spare * sqrt(patience)))


def square_root_agents(load: float, p_wait: float) -> float:
    """The load + β·√load, with β such that the share ``p_wait`` waits in the limit of M/M/n.

    Not rounded. Borst, Mandelbaum and Reiman, Operations Research 52:17, 2004.
    """
    require_positive(load=load)
    require_share(p_wait=p_wait)
    low, high = 0.0, 1.0
    while _patient_limit(high) > p_wait:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _patient_limit(middle) > p_wait else (low, middle)
    return load + high * sqrt(load)


def _patient_limit(spare: float) -> float:
    waiting = _hazard(-spare)
    return waiting / (waiting + spare)


def _hazard(deviations: float) -> float:
    """Density ÷ upper tail of the standard normal distribution."""
    if deviations > _FAR:
        return deviations + 1 / deviations - 2 / deviations**3
    tail = erfc(deviations / sqrt(2)) / 2
    return exp(-deviations * deviations / 2) / sqrt(2 * pi) / tail


def _first(enough: Callable[[int], bool], least: int) -> int:
    """The lowest number from ``least`` on that is enough, where every higher one is, too."""
    low, high = least - 1, least
    while not enough(high):
        if high == MOST_SERVERS:
            raise ValueError(f"even {high:,} agents are too few; ask for less")
        low, high = high, min(high * 2 - least + 1, MOST_SERVERS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
