"""A few people and callers put together by hand: no core decides anything in these states."""

from __future__ import annotations

from typing import Any

from router.core.catalog import SECOND, AgentDefinition, Catalog
from router.core.model import Agent, AgentState, Contact, ContactState, Slot, SlotState
from router.core.requirements import Step
from router.core.state import State
from tests.unit.router.core.centre import CAPACITY, agent, catalog, profile, queue, skill, steps

__all__ = ["CAPACITY", "NOW", "agent", "caller", "catalog", "hall", "having", "person"]
__all__ += ["profile", "queue", "skill", "steps"]

NOW = 1_000_000 * SECOND


def person(definition: AgentDefinition | str, **given: Any) -> Agent:
    """Signed in an hour ago, ready and idle since a minute."""
    known = agent(definition) if isinstance(definition, str) else definition
    idle = given.pop("idle", 60) * SECOND
    signed_in = given.pop("signed_in", 3_600) * SECOND
    return Agent(
        id=known.id,
        number=0,
        definition=known,
        traits=known.traits,
        **{
            "state": AgentState.READY,
            "idle_since": NOW - idle,
            "signed_in_at": NOW - signed_in,
            **given,
        },
    )


def having(*channels: str, state: SlotState = SlotState.ACTIVE) -> dict[str, Slot]:
    """One contact in hand on each channel."""
    return {
        f"{channel} {number}": Slot(
            contact=f"{channel} {number}", channel=channel, state=state, since=NOW
        )
        for number, channel in enumerate(channels)
    }


def caller(name: str, waited: int = 10, **given: Any) -> Contact:
    """Waits for ``waited`` seconds, credit included, for anyone in queue ``q``."""
    since = NOW - waited * SECOND
    return Contact(
        id=name,
        number=given.pop("number", 0),
        channel=given.pop("channel", "voice"),
        direction="inbound",
        arrived_at=since,
        **{
            "state": ContactState.QUEUED,
            "queue": "q",
            "steps": (Step(),),
            "queued_at": since,
            "waiting_since": since,
            **given,
        },
    )


def hall(*people: Agent | Contact, made: Catalog | None = None) -> State:
    """Agents stand in the catalog in the order given; so do contacts without a number."""
    staff = [one for one in people if isinstance(one, Agent)]
    state = State()
    state.set_index_aside()
    state.catalog = made or catalog(*(one.definition for one in staff))
    for number, one in enumerate(staff):
        one.number = number
        state.agents[one.id] = one
    for number, contact in enumerate(one for one in people if isinstance(one, Contact)):
        contact.number = contact.number or number + 1
        state.contacts[contact.id] = contact
    return state
