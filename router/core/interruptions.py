"""Work that a call interrupts: a mail waits while its agent talks, and goes on with the same agent.

Only what nobody is waiting in is put aside: a chat beside a call goes on, with its clock. The time
away is no work on the mail, so that the centre does not learn from it how long a mail takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from router.core import events as e
from router.core.catalog import Profile
from router.core.model import RESERVED, Agent, Contact, ContactState, Slot, SlotState
from router.core.turn import Turn


def settle(turn: Turn) -> None:
    """Put aside what was interrupted in this turn, and go on with what no longer is.

    What counts is what is in hand when the turn is over, in whichever order it came about.
    """
    for agent_id, taken in turn.busied.items():
        agent = turn.state.agents.get(agent_id)
        if agent is None or not agent.slots:
            continue
        profile = turn.state.catalog.profiles.get(agent.definition.profile)
        if profile is None or not _has_alone(agent, profile):
            _go_on(turn, agent)
            continue
        for contact in taken:
            _interrupt(turn, agent, profile, contact)


def _interrupt(turn: Turn, agent: Agent, profile: Profile, taken: str) -> None:
    slot = agent.slots.get(taken)
    if slot is None or slot.channel not in profile.alone:
        return
    for contact in list(_put_aside(turn, agent, profile, slot)):
        turn.emit(
            e.Held(contact=contact.id, sequence=contact.sequence + 1, interrupted_by=slot.contact)
        )


def _put_aside(turn: Turn, agent: Agent, profile: Profile, by: Slot) -> Iterator[Contact]:
    """What is in nobody's hands but the agent's, and has no one there who waits."""
    for slot in agent.slots.values():
        if slot.channel == by.channel or slot.channel not in profile.interruptible:
            continue
        contact = turn.state.contacts[slot.contact]
        if contact.state is not ContactState.CONNECTED or contact.present:
            continue
        if contact.agent == agent.id and not contact.participants and not contact.consult:
            yield contact


def _go_on(turn: Turn, agent: Agent) -> None:
    for slot in list(agent.slots.values()):
        if slot.interrupted_by and slot.state is SlotState.HELD:
            contact = turn.state.contacts[slot.contact]
            turn.emit(e.Retrieved(contact=contact.id, sequence=contact.sequence + 1))


def _has_alone(agent: Agent, profile: Profile) -> bool:
    """Whether something that is handled alone is in hand, or still being written up."""
    return any(
        slot.channel in profile.alone and slot.state is not RESERVED
        for slot in agent.slots.values()
    )
