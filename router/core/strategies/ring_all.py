"""Offer to several at once, longest idle first up to the limit; the first to accept wins."""

from heapq import nsmallest

from router.core.randomness import Rng
from router.core.strategies.base import Candidates, Strategy, by_idleness


def choose(candidates: Candidates, _rng: Rng, limit: int) -> list[str]:
    standing = (place for pool in candidates.pools for place in candidates.allowed(pool))
    return [agent for _, agent in nsmallest(limit, standing)]


RING_ALL = Strategy(name="ring_all", standing="idleness", key=by_idleness, choose=choose)
