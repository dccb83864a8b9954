"""What a supervisor may do to waiting contacts: give, take and move them in the order."""

from __future__ import annotations

from router.core import commands as c
from router.core import events as e
from router.core.capacity import has_room
from router.core.checks import check_boost
from router.core.consultations import refuse_while_writing_up
from router.core.conversations import alone_with_agent, give_to
from router.core.model import WITH_AGENT, AgentState, Choice, Contact, ContactState
from router.core.offers import (
    offer,
    release,
    rescind_all,
    return_to_place,
    take,
)
from router.core.queueing import reset_credit
from router.core.state import UNANSWERED, WAITING
from router.core.turn import Turn, refuse


def reassign(turn: Turn, command: c.Reassign) -> None:
    target = turn.signed_in_agent(command.agent)
    contact = turn.contact(command.contact)
    if contact.parent:
        refuse("wrong_state", "A consultation cannot be reassigned.")
    if contact.agent == target.id:
        refuse("invalid", f"{target.definition.name} has this contact already.")
    if contact.state in WITH_AGENT:
        release(turn, alone_with_agent(turn, contact.id), contact.agent)
    else:
        _free_of_offers(turn, contact, "reassigned")
    give_to(turn, contact, target.id, contact.queue)


def pull(turn: Turn, command: c.Pull) -> None:
    """At once, past every order and skill; capacity still holds."""
    target = turn.signed_in_agent(command.agent)
    contact = turn.contact(command.contact)
    if contact.parent:
        refuse("wrong_state", "A consultation cannot be pulled.")
    if target.state is not AgentState.READY or target.next_state is not None:
        refuse("not_ready", f"{target.definition.name} is not ready.")
    if contact.channel in target.unreachable:
        why = target.unreachable[contact.channel] or "nobody said why"
        refuse(
            "unreachable",
            f"{target.definition.name} cannot be reached by {contact.channel} ({why}).",
        )
    refuse_while_writing_up(contact, target)
    profile = turn.state.catalog.profiles[target.definition.profile]
    if contact.id not in target.slots and not has_room(target, profile, contact.channel):
        refuse(
            "no_capacity", f"{target.definition.name} has no room for another {contact.channel}."
        )
    _free_of_offers(turn, contact, "pulled")
    offer(turn, contact, target, Choice(reason="named", free_agents=1, load=len(target.slots)))
    if contact.state is ContactState.OFFERED:
        take(turn, turn.state.offers[contact.offers[target.id]])


def reprioritise(turn: Turn, command: c.Reprioritise) -> None:
    contact = turn.contact(command.contact)
    if contact.state not in UNANSWERED:
        refuse("wrong_state", "This contact is not waiting any more.")
    check_boost(command.boost)
    reset_credit(turn, contact, command.boost)


def monitor(turn: Turn, command: c.Monitor) -> None:
    """Nothing changes for the contact: it is put down who joined it, and how."""
    contact = turn.contact(command.contact)
    if contact.state not in WITH_AGENT:
        refuse("no_conversation", "No agent is talking with this contact now.")
    turn.emit(
        e.Monitored(
            contact=contact.id,
            sequence=contact.sequence + 1,
            supervisor=command.by,
            mode=command.mode,
        )
    )


def _free_of_offers(turn: Turn, contact: Contact, reason: str) -> None:
    if contact.state is ContactState.OFFERED:
        rescind_all(turn, contact, reason)
        return_to_place(turn, contact, "reassigned")
    if contact.state not in WAITING:
        refuse("wrong_state", "This contact is not waiting any more.")
