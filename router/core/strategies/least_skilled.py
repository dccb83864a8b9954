"""Spare the specialists: the agent who is just able enough.

The lowest sum of levels in the skills asked for, then the lowest sum over all skills, then
longest idle.
"""

from router.core.randomness import Rng
from router.core.strategies.base import Candidates, Strategy, by_idleness
from router.core.strategies.most_skilled import asked_level


def choose(candidates: Candidates, _rng: Rng, _limit: int) -> list[str]:
    best = min(
        (
            (
                asked_level(pool.traits, candidates.asked),
                asked_level(pool.traits, frozenset()),
                head,
            )
            for pool, head in candidates.heads()
        ),
        default=None,
    )
    return [] if best is None else [best[2][1]]


LEAST_SKILLED = Strategy(name="least_skilled", standing="idleness", key=by_idleness, choose=choose)
