"""A new catalog while the centre runs: it reaches contacts that are already waiting."""

from __future__ import annotations

from router.core import commands as c
from router.core import events as e
from router.core import overflow
from router.core.catalog import Catalog
from router.core.model import AgentState, Contact
from router.core.queueing import reset_credit, set_requirements
from router.core.state import UNANSWERED, State
from router.core.strategies import STRATEGIES
from router.core.turn import Turn, refuse


def publish(turn: Turn, command: c.PublishCatalog) -> None:
    state, catalog = turn.state, command.catalog
    if command.replaces != state.catalog.version:
        refuse(
            "conflict",
            f"Version {state.catalog.version} is in force, not {command.replaces}: "
            "look at what changed and publish again.",
        )
    if catalog.version != state.catalog.version + 1:
        refuse("invalid", f"The next catalog version is {state.catalog.version + 1}.")
    _refuse_what_is_in_use(state, catalog)
    before = state.catalog
    for agent in list(state.agents.values()):
        if agent.id not in catalog.agents and agent.state is not AgentState.SIGNED_OUT:
            turn.emit(e.AgentSignedOut(agent=agent.id))
    turn.emit(e.CatalogPublished(catalog=catalog, note=command.note[:500]))
    for contact in list(state.contacts.values()):
        if contact.state in UNANSWERED:
            _bring_up_to_date(turn, contact, before)
    for agent in state.agents.values():
        turn.freed[agent.id] = None


def _bring_up_to_date(turn: Turn, contact: Contact, before: Catalog) -> None:
    was, now = before.queues[contact.queue], turn.state.catalog.queues[contact.queue]
    if contact.steps == was.steps != now.steps:
        set_requirements(turn, contact, steps=now.steps)
    reset_credit(turn, contact, contact.boost)
    turn.seeking[contact.id] = None
    turn.touched[contact.id] = None
    overflow.check(turn, contact)


def _refuse_what_is_in_use(state: State, catalog: Catalog) -> None:
    for queue in catalog.queues.values():
        if queue.strategy not in STRATEGIES:
            refuse("invalid", f"Queue {queue.id!r} uses an unknown strategy {queue.strategy!r}.")
        if not queue.steps:
            refuse("invalid", f"Queue {queue.id!r} needs at least one step.")
    for agent in catalog.agents.values():
        if agent.profile not in catalog.profiles:
            refuse("invalid", f"Agent {agent.id!r} has an unknown profile {agent.profile!r}.")
    for profile in catalog.profiles.values():
        missing = [term.queue for term in profile.queues if term.queue not in catalog.queues]
        if missing:
            refuse("invalid", f"Profile {profile.id!r} names an unknown queue {missing[0]!r}.")
    for contact in state.contacts.values():
        if contact.queue and contact.queue not in catalog.queues:
            refuse("in_use", f"Queue {contact.queue!r} still has contacts; move them first.")
    for agent_state in state.agents.values():
        if agent_state.slots and agent_state.id not in catalog.agents:
            name = agent_state.definition.name
            refuse("in_use", f"{name} still has contacts in hand; remove them later.")
