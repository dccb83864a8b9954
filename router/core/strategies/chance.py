"""Choices by lot: ``random`` gives each free agent the same chance, ``weighted`` their weight."""

from collections.abc import Callable

from router.core.randomness import Rng
from router.core.strategies.base import Candidates, Pool, Strategy, by_idleness


def draw(candidates: Candidates, rng: Rng, weight_of: Callable[[Pool], int]) -> list[str]:
    """One agent with a chance proportional to their pool's weight."""
    pools = [(pool, candidates.allowed(pool)) for pool in candidates.pools]
    total = sum(weight_of(pool) * len(allowed) for pool, allowed in pools)
    if total <= 0:
        return []
    lot = rng.below(total)
    for pool, allowed in pools:
        share = weight_of(pool) * len(allowed)
        if lot < share:
            return [allowed[lot // weight_of(pool)][1]]
        lot -= share
    raise AssertionError("a lot below the total lies in some pool")


def choose_random(candidates: Candidates, rng: Rng, _limit: int) -> list[str]:
    return draw(candidates, rng, lambda _pool: 1)


def choose_weighted(candidates: Candidates, rng: Rng, _limit: int) -> list[str]:
    return draw(candidates, rng, lambda pool: pool.weight)


RANDOM = Strategy(
    name="random", standing="idleness", key=by_idleness, choose=choose_random, by_lot=True
)
WEIGHTED = Strategy(
    name="weighted", standing="idleness", key=by_idleness, choose=choose_weighted, by_lot=True
)
