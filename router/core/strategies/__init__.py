"""The table of strategies: adding one is a file here and a row below."""

from typing import Final

from router.core.strategies.base import Strategy
from router.core.strategies.chance import RANDOM, WEIGHTED
from router.core.strategies.fewest_contacts import FEWEST_CONTACTS
from router.core.strategies.least_occupied import LEAST_OCCUPIED
from router.core.strategies.least_skilled import LEAST_SKILLED
from router.core.strategies.linear import LINEAR
from router.core.strategies.longest_idle import LONGEST_IDLE
from router.core.strategies.most_skilled import MOST_SKILLED
from router.core.strategies.ring_all import RING_ALL
from router.core.strategies.round_robin import ROUND_ROBIN

STRATEGIES: Final[dict[str, Strategy]] = {
    strategy.name: strategy
    for strategy in (
        LONGEST_IDLE,
        LEAST_OCCUPIED,
        MOST_SKILLED,
        LEAST_SKILLED,
        FEWEST_CONTACTS,
        ROUND_ROBIN,
        RANDOM,
        WEIGHTED,
        LINEAR,
        RING_ALL,
    )
}
