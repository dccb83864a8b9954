"""The agent busy for the smallest share of their time since sign-in.

The share is taken when the agent becomes free and stays until their work changes again, so the
order never needs re-sorting while they stand idle.
"""

from router.core.model import Agent
from router.core.strategies.base import Strategy, first_in_order

_MILLION = 1_000_000


def by_occupancy(agent: Agent, at: int) -> tuple[int, ...]:
    signed_in_for = max(at - agent.signed_in_at, 1)
    share = agent.busy_total * _MILLION // signed_in_for
    return (len(agent.slots), share, agent.idle_since, agent.number)


LEAST_OCCUPIED = Strategy(
    name="least_occupied", standing="occupancy", key=by_occupancy, choose=first_in_order
)
