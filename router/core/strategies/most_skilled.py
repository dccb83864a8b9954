"""The most able agent: the highest sum of levels in the skills asked for, then longest idle."""

from router.core.randomness import Rng
from router.core.requirements import Traits
from router.core.strategies.base import Candidates, Strategy, by_idleness


def asked_level(traits: Traits, asked: frozenset[str]) -> int:
    """Sum of the levels in the asked skills; of all skills when none is asked for."""
    return sum(level for skill, level in traits.skills if not asked or skill in asked)


def choose(candidates: Candidates, _rng: Rng, _limit: int) -> list[str]:
    best = min(
        ((-asked_level(pool.traits, candidates.asked), head) for pool, head in candidates.heads()),
        default=None,
    )
    return [] if best is None else [best[1][1]]


MOST_SKILLED = Strategy(name="most_skilled", standing="idleness", key=by_idleness, choose=choose)
