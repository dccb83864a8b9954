"""Always the first free agent of a fixed line (the catalog's ``order``)."""

from router.core.model import Agent
from router.core.strategies.base import Strategy, first_in_order


def by_place(agent: Agent, _at: int) -> tuple[int, ...]:
    return (agent.definition.order, agent.number)


LINEAR = Strategy(name="linear", standing="line", key=by_place, choose=first_in_order)
