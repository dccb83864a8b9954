"""The agent who has taken the fewest contacts since signing in."""

from router.core.model import Agent
from router.core.strategies.base import Strategy, first_in_order


def by_contacts(agent: Agent, _at: int) -> tuple[int, ...]:
    return (len(agent.slots), agent.handled, agent.idle_since, agent.number)


FEWEST_CONTACTS = Strategy(
    name="fewest_contacts", standing="contacts", key=by_contacts, choose=first_in_order
)
