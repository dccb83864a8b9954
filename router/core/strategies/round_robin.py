"""Everybody in turn: the agent whose last offer lies furthest back, taken or not."""

from router.core.model import Agent
from router.core.strategies.base import Strategy, first_in_order


def by_turn(agent: Agent, _at: int) -> tuple[int, ...]:
    return (len(agent.slots), agent.turn, agent.number)


ROUND_ROBIN = Strategy(name="round_robin", standing="turn", key=by_turn, choose=first_in_order)
