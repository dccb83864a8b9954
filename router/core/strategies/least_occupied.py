"""The agent busy for the smallest share of their time since sign-in.

The share is the one they had when their work last changed, so that the order needs no re-sorting
while they stand idle, and neither an offer that came to nothing nor a restart changes it.
"""

from router.core.model import Agent
from router.core.strategies.base import Strategy, first_in_order

_MILLION = 1_000_000


def by_occupancy(agent: Agent, _at: int) -> tuple[int, ...]:
    signed_in_for = max(agent.idle_since - agent.signed_in_at, 1)
    share = agent.busy_total * _MILLION // signed_in_for
    return (len(agent.slots), share, agent.idle_since, agent.number)


LEAST_OCCUPIED = Strategy(
    name="least_occupied", standing="occupancy", key=by_occupancy, choose=first_in_order
)
