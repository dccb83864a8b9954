"""How events about agents, and a new catalog, change the state; ``fold`` has the other events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from router.core import events as e
from router.core import transitions
from router.core.model import Agent, AgentState

if TYPE_CHECKING:
    from router.core.state import State

Fold = Callable[["State", Any, int], None]


def has_work(agent: Agent) -> bool:
    """Whether anything they accepted is still in their hands."""
    return any(slot.started_at for slot in agent.slots.values())


def _agent_moved(state: State, event: e.AgentEvent, at: int) -> Agent:
    agent = state.agents[event.agent]
    agent.state = transitions.after(transitions.AGENT, agent.state, type(event))
    agent.state_since = at
    agent.next_state = None
    agent.next_reason = ""
    agent.reason = ""
    return agent


def _signed_in(state: State, event: e.AgentSignedIn, at: int) -> None:
    agent = _agent_moved(state, event, at)
    agent.reason = "signed_in"
    agent.signed_in_at = agent.idle_since = at
    agent.busy_since = at if has_work(agent) else 0
    agent.busy_total = agent.handled = agent.offered = agent.missed = 0
    state.index.set_agent(agent, at)


def _ready(state: State, event: e.AgentReady, at: int) -> None:
    agent = _agent_moved(state, event, at)
    agent.idle_since = at
    state.index.set_agent(agent, at)


def _not_ready(state: State, event: e.AgentNotReady, at: int) -> None:
    agent = _agent_moved(state, event, at)
    agent.reason = event.reason
    state.index.set_agent(agent, at)


def _signed_out(state: State, event: e.AgentSignedOut, at: int) -> None:
    state.index.set_agent(_agent_moved(state, event, at), at)


def _next_state_set(state: State, event: e.NextStateSet, at: int) -> None:
    agent = state.agents[event.agent]
    agent.next_state = AgentState(event.state) if event.state else None
    agent.next_reason = event.reason
    state.index.set_agent(agent, at)


def _reachability_changed(state: State, event: e.ReachabilityChanged, at: int) -> None:
    """Their idle time goes on: a phone that comes and goes changes nobody's turn."""
    agent = state.agents[event.agent]
    if event.reachable:
        agent.unreachable.pop(event.channel, None)
    else:
        agent.unreachable[event.channel] = event.reason
    state.index.set_agent(agent, at)


def _skills_lent(state: State, event: e.SkillsLent, at: int) -> None:
    agent = state.agents[event.agent]
    agent.traits = event.traits
    agent.traits_until = event.until
    state.index.set_agent(agent, at)


def _catalog_published(state: State, event: e.CatalogPublished, at: int) -> None:
    state.catalog = event.catalog
    before = state.agents
    state.agents = {}
    for number, definition in enumerate(event.catalog.agents.values()):
        agent = before.get(definition.id)
        if agent is None:
            agent = Agent(
                id=definition.id, number=number, definition=definition, traits=definition.traits
            )
        elif not agent.traits_until and definition.traits != agent.definition.traits:
            agent.traits = definition.traits
        agent.number = number
        agent.definition = definition
        state.agents[agent.id] = agent
    state.reindex_for_catalog(at)


STAFF_FOLDS: Final[dict[type[msgspec.Struct], Fold]] = {
    e.AgentSignedIn: _signed_in,
    e.AgentReady: _ready,
    e.AgentNotReady: _not_ready,
    e.AgentSignedOut: _signed_out,
    e.NextStateSet: _next_state_set,
    e.ReachabilityChanged: _reachability_changed,
    e.SkillsLent: _skills_lent,
    e.CatalogPublished: _catalog_published,
}
