"""Skill-based routing, exactly: first come first served, longest idle agent first.

Customers of several types arrive, each to be served by any agent of the groups with the skill. A
free agent takes whoever has waited longest among those it can serve; an arrival goes to the agent
who has been idle longest among those who can serve it. Then the steady state has a product form
(Adan and Weiss, Stochastic Systems 4:250, 2014). Here it is summed over all orders in which agents
became busy or idle, by how many of each group are, so that groups may be large.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.theory.inputs import require_positive, require_servers

MOST_STATES = 1_000_000

_Numbers = NDArray[np.float64]
_Flags = NDArray[np.bool_]


class AgentGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Equal agents: how many, their service rate whatever the type, and the types they serve."""

    servers: int
    service_rate: float
    serves: frozenset[str]


class SkillWaits(msgspec.Struct, frozen=True, kw_only=True):
    """By type: the share that must wait, the mean wait over all of the type, and the mean number
    waiting. ``occupancy`` is per agent of each group, in the order of the groups.
    """

    p_wait: dict[str, float]
    mean_wait: dict[str, float]
    mean_queue: dict[str, float]
    occupancy: tuple[float, ...]


def skill_waits(arrival_rates: Mapping[str, float], groups: Sequence[AgentGroup]) -> SkillWaits:
    """Poisson arrivals by type, exponential service, nobody leaves; times in the rates' unit.

    ValueError when some types bring more work than the agents who can serve them can do, when a
    group has nothing to serve, or when the pool is too large for the sum: more than
    ``MOST_STATES`` combinations of busy agents by group, or numbers beyond those of the machine.
    """
    _check(arrival_rates, groups)
    return _solve(arrival_rates, groups)


def _check(arrival_rates: Mapping[str, float], groups: Sequence[AgentGroup]) -> None:
    if not arrival_rates:
        raise ValueError("no types of customer are given; give at least one arrival rate")
    for kind, rate in arrival_rates.items():
        require_positive(arrival_rate=rate)
        if not any(kind in group.serves for group in groups):
            raise ValueError(f"no group serves {kind}; give one the skill")
    for group in groups:
        require_servers(group.servers)
        require_positive(service_rate=group.service_rate)
        if group.serves.isdisjoint(arrival_rates):
            raise ValueError("a group serves none of the types; leave it out")
    states = prod(group.servers + 1 for group in groups)
    if states > MOST_STATES:
        raise ValueError(
            f"{states:,} combinations of busy agents are too many to sum; "
            f"give fewer or smaller groups, {MOST_STATES:,} combinations at most"
        )


def _solve(arrival_rates: Mapping[str, float], groups: Sequence[AgentGroup]) -> SkillWaits:
    """Busy agents stand in the order of their customers, idle ones in that of their idling; the
    two orders have independent weights. Rates are taken relative to the total arrival rate.
    """
    unit = sum(arrival_rates.values())
    arrivals = np.array(list(arrival_rates.values())) / unit
    service = np.array([group.service_rate for group in groups]) / unit
    able = np.array([[kind in group.serves for group in groups] for kind in arrival_rates])
    grid = _Grid(np.array([group.servers for group in groups]))
    captive = grid.all_of(able)
    spare = grid.counts @ service - captive @ arrivals
    _check_spare(spare, captive, list(arrival_rates))
    with np.errstate(all="ignore"):
        idle = grid.sum_over_orders(grid.any_of(able) @ arrivals, grid.start)[::-1]
        busy = grid.sum_over_orders(spare, grid.start)
        shares = busy * idle / (busy @ idle)
        waits = [grid.sum_over_orders(spare, busy * held) @ idle for held in captive.T]
        mean_wait = np.array(waits) / (busy @ idle) / unit
    if not np.isfinite(mean_wait).all():
        raise ValueError("the pool is too large for this sum; give fewer agents")
    return SkillWaits(
        p_wait=_by_kind(arrival_rates, shares @ captive),
        mean_wait=_by_kind(arrival_rates, mean_wait),
        mean_queue=_by_kind(arrival_rates, mean_wait * arrivals * unit),
        occupancy=tuple((shares @ grid.counts / grid.servers).tolist()),
    )


def _check_spare(spare: _Numbers, captive: _Flags, kinds: list[str]) -> None:
    """Any agents must serve faster than customers come whom only these agents can serve."""
    short = np.flatnonzero(spare[1:] <= 0)
    if short.size:
        held = [kind for kind, is_held in zip(kinds, captive[short[0] + 1], strict=True) if is_held]
        raise ValueError(
            f"more of {', '.join(held)} comes than can be served; give more agents the skill"
        )


def _by_kind(kinds: Iterable[str], numbers: _Numbers) -> dict[str, float]:
    return dict(zip(kinds, numbers.tolist(), strict=True))


class _Grid:
    """Every combination of numbers of agents by group, in rising order; reversed, they are the
    numbers of all the other agents.
    """

    def __init__(self, servers: NDArray[np.int64]) -> None:
        self.servers = servers
        self.counts = np.indices((servers + 1).tolist()).reshape(len(servers), -1).T
        self.start = np.zeros(len(self.counts))
        self.start[0] = 1.0
        self._strides = np.append(np.cumprod((servers + 1)[:0:-1])[::-1], 1)
        together = self.counts.sum(axis=1)
        in_order = np.argsort(together, kind="stable")
        self._levels = np.split(in_order, np.cumsum(np.bincount(together))[:-1])

    def all_of(self, able: _Flags) -> _Flags:
        """By combination and type: it has every agent who is able to serve the type."""
        everyone: _Flags = ~((self.counts < self.servers) @ able.T)
        return everyone

    def any_of(self, able: _Flags) -> _Flags:
        """By combination and type: it has an agent who is able to serve the type."""
        has: _Flags = (self.counts > 0) @ able.T
        return has

    def sum_over_orders(self, rates: _Numbers, added: _Numbers) -> _Numbers:
        """Over all orders in which agents make up each combination, one by one: what was
        ``added`` on the way, divided by the rate of every combination passed since. The empty
        combination has no rate.
        """
        values = added.copy()
        for level in self._levels[1:]:
            for group, stride in enumerate(self._strides):
                values[level] += np.where(
                    self.counts[level, group] > 0, values[level - stride], 0.0
                )
            values[level] /= rates[level]
        return values
