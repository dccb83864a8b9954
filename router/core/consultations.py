"""Asking a colleague while the customer holds: consult, warm transfer, conference.

A consultation is a contact of its own (internal, with a ``parent``): it is queued, offered and
accepted like any other, so nothing about offers is written twice.
"""

from __future__ import annotations

from typing import Literal

from router.core import commands as c
from router.core import events as e
from router.core.checks import MAX_ID
from router.core.matching import NEVER
from router.core.model import Agent, Contact, ContactState
from router.core.offers import FASTEST_OFFER, release, rescind_all, with_agent
from router.core.queueing import enter_queue
from router.core.turn import Turn, refuse


def consult(turn: Turn, command: c.Consult) -> None:
    contact = with_agent(turn, command.contact)
    if contact.parent or contact.consult:
        refuse("wrong_state", "There is a consultation already; end it first.")
    if bool(command.queue) == bool(command.agent):
        refuse("invalid", "Consult either a queue or an agent.")
    if not 1 <= len(command.consult) <= MAX_ID or command.consult in turn.state.contacts:
        refuse("invalid", "The consultation needs an id of its own.")
    if command.queue:
        turn.queue_exists(command.queue)
    elif turn.signed_in_agent(command.agent).id in (contact.agent, *contact.participants):
        refuse("invalid", "That agent is on this contact already.")
    else:
        refuse_while_writing_up(contact, turn.agent(command.agent))
    _start(turn, contact, command)


def refuse_while_writing_up(contact: Contact, agent: Agent) -> None:
    if agent.id in contact.wrapping:
        refuse("wrong_state", f"{agent.definition.name} is still writing this contact up.")


def _start(turn: Turn, contact: Contact, command: c.Consult) -> None:
    if contact.state is ContactState.CONNECTED:
        turn.emit(e.Held(contact=contact.id, sequence=contact.sequence + 1))
    turn.emit(
        e.ConsultStarted(
            contact=contact.id,
            sequence=contact.sequence + 1,
            consult=command.consult,
            agent=contact.agent,
        )
    )
    turn.emit(
        e.ContactArrived(
            contact=command.consult,
            sequence=1,
            channel=contact.channel,
            direction="internal",
            address=contact.agent,
            parent=contact.id,
        )
    )
    queue = command.queue or contact.queue
    rules = turn.state.catalog.queues[queue]
    named = (command.agent,) if command.agent else ()
    enter_queue(
        turn,
        turn.state.contacts[command.consult],
        queue,
        reason="consult",
        waited=turn.at - contact.queued_at,  # a customer is holding: before everybody's new wait
        preferred=named,
        preferred_for=max(rules.offer_for, FASTEST_OFFER) if named else 0,
        named=command.agent,
        excluded=dict.fromkeys((contact.agent, *contact.participants, *contact.wrapping), NEVER),
    )


def complete_transfer(turn: Turn, command: c.CompleteTransfer) -> None:
    contact, asked = _both(turn, command.contact)
    if contact.participants:
        refuse("wrong_state", "Leave the conference instead; the colleague stays.")
    first, second = contact.agent, asked.agent
    release(turn, contact, first)
    _join(turn, contact, asked, second, role="holder", reason="transferred")


def conference(turn: Turn, command: c.Conference) -> None:
    contact, asked = _both(turn, command.contact)
    _join(turn, contact, asked, asked.agent, role="participant", reason="conferenced")


def _join(
    turn: Turn,
    contact: Contact,
    asked: Contact,
    agent: str,
    *,
    role: Literal["holder", "participant"],
    reason: str,
) -> None:
    turn.emit(
        e.AgentJoined(
            contact=contact.id,
            sequence=contact.sequence + 1,
            agent=agent,
            role=role,
            consult=asked.id,
        )
    )
    turn.emit(
        e.ConsultEnded(
            contact=contact.id, sequence=contact.sequence + 1, consult=asked.id, reason=reason
        )
    )
    turn.emit(e.Completed(contact=asked.id, sequence=asked.sequence + 1, reason="merged"))


def cancel_consult(turn: Turn, command: c.CancelConsult) -> None:
    contact = with_agent(turn, command.contact)
    if not contact.consult:
        refuse("wrong_state", "There is no consultation to cancel.")
    close_consult(turn, contact, "cancelled")


def close_consult(turn: Turn, contact: Contact, reason: str) -> None:
    """End the consultation about ``contact``, wherever it stands; the customer stays on hold."""
    asked = turn.state.contacts[contact.consult]
    rescind_all(turn, asked, "ended")
    if asked.agent:
        release(turn, asked, asked.agent, wrap=False)
    turn.emit(e.Completed(contact=asked.id, sequence=asked.sequence + 1, reason="consult_ended"))
    turn.emit(
        e.ConsultEnded(
            contact=contact.id, sequence=contact.sequence + 1, consult=asked.id, reason=reason
        )
    )


def leave_conference(turn: Turn, command: c.LeaveConference) -> None:
    contact = with_agent(turn, command.contact)
    if not contact.participants or command.agent not in (contact.agent, *contact.participants):
        refuse("wrong_state", "This agent is not in a conference with the customer.")
    was_holder = command.agent == contact.agent
    if contact.consult and was_holder:
        refuse("wrong_state", "End or complete the consultation first.")
    heir = contact.participants[0]
    release(turn, contact, command.agent)
    if was_holder:
        turn.emit(e.HolderChanged(contact=contact.id, sequence=contact.sequence + 1, agent=heir))


def _both(turn: Turn, contact_id: str) -> tuple[Contact, Contact]:
    contact = with_agent(turn, contact_id)
    asked = turn.state.contacts.get(contact.consult)
    if asked is None or not asked.agent:
        refuse("wrong_state", "The colleague has not answered yet.")
    return contact, asked
