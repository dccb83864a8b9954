"""What a strategy is: an order agents stand in while free, and a choice over their pools.

Agents of one group (same traits, same profile) are interchangeable to every requirement, so a
strategy sees pools, not agents: each pool is already sorted by the strategy's own key, which is
fixed while the agent is free. Most choices then only compare the heads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from router.core.model import Agent
from router.core.randomness import Rng
from router.core.requirements import Traits

Standing = tuple[tuple[int, ...], str]
"""(the strategy's key, agent id): an agent's place in a pool."""


class Pool(NamedTuple):
    traits: Traits
    weight: int
    standing: list[Standing]


class Candidates(NamedTuple):
    """Free agents who meet the requirement, by pool.

    ``excluded`` are agents who may not see this contact now; ``asked`` are the skills the
    requirement names, for strategies that go by level.
    """

    pools: list[Pool]
    excluded: Mapping[str, int]
    at: int
    asked: frozenset[str]

    def barred(self, agent: str) -> bool:
        return self.excluded.get(agent, 0) > self.at

    def allowed(self, pool: Pool) -> list[Standing]:
        """The pool in order, without those who may not see this contact."""
        if not self.excluded:
            return pool.standing
        return [place for place in pool.standing if not self.barred(place[1])]

    def head(self, pool: Pool) -> Standing | None:
        if not self.excluded:
            return pool.standing[0] if pool.standing else None
        for place in pool.standing:
            if not self.barred(place[1]):
                return place
        return None

    def heads(self) -> Iterator[tuple[Pool, Standing]]:
        for pool in self.pools:
            head = self.head(pool)
            if head is not None:
                yield pool, head

    def size(self) -> int:
        return sum([len(self.allowed(pool)) for pool in self.pools])


class Strategy(NamedTuple):
    """``key`` places a free agent (lower first) and is computed once, when they become free.

    Strategies with the same ``standing`` share one set of pools. ``choose`` returns the agents
    to offer to: one, or several to ring together, at most ``limit``; none when all are barred.
    """

    name: str
    standing: str
    key: Callable[[Agent, int], tuple[int, ...]]
    choose: Callable[[Candidates, Rng, int], list[str]]
    by_lot: bool = False


def first_in_order(candidates: Candidates, _rng: Rng, _limit: int) -> list[str]:
    """The agent with the lowest key over all pools."""
    best: Standing | None = None
    for pool in candidates.pools:
        head = candidates.head(pool)
        if head is not None and (best is None or head < best):
            best = head
    return [] if best is None else [best[1]]


def by_idleness(agent: Agent, _at: int) -> tuple[int, ...]:
    """Least loaded first, then whose work changed longest ago, then the catalog's order."""
    return (len(agent.slots), agent.idle_since, agent.number)
