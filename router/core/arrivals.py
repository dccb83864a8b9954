"""Contacts from the door to the queue, and out again when the customer leaves."""

from __future__ import annotations

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core import overflow
from router.core.catalog import CallbackOffer
from router.core.checks import (
    LONGEST_PREFERENCE,
    MAX_FILES,
    MAX_ID,
    MAX_MESSAGES,
    MAX_TEXT,
    MAX_VALUE,
    can_be_dialled,
    check_attributes,
    check_boost,
    check_steps,
    known_agents,
)
from router.core.consultations import close_consult
from router.core.model import TERMINAL, Callback, ContactState, Message
from router.core.offers import may, release, rescind_all
from router.core.priority import time_waited
from router.core.queueing import enter_queue, kept_for, reset_credit, set_requirements
from router.core.state import UNANSWERED
from router.core.turn import Turn, refuse
from router.core.while_waiting import callback_offer

_NEW = frozenset({ContactState.ARRIVING, ContactState.IN_FLOW})


def arrive(turn: Turn, command: c.Arrive) -> None:
    if not command.contact or len(command.contact) > MAX_ID:
        refuse("invalid", f"A contact needs an id of 1 to {MAX_ID} characters.")
    if command.contact in turn.state.contacts:
        refuse("duplicate", f"Contact {command.contact!r} is already here.")
    if not command.channel or len(command.channel) > MAX_ID or len(command.address) > MAX_VALUE:
        refuse("invalid", "A contact needs a channel, and its address must not be huge.")
    check_attributes(command.attributes)
    if command.preferred_for is not None and not 0 <= command.preferred_for <= LONGEST_PREFERENCE:
        refuse("invalid", "A contact is kept for its agents for a year at most.")
    turn.emit(
        e.ContactArrived(
            contact=command.contact,
            sequence=1,
            channel=command.channel,
            direction=command.direction,
            address=command.address,
            entry_point=command.entry_point,
            attributes=command.attributes,
            dialable=command.dialable,
            present=command.present,
            preferred=known_agents(turn, command.preferred),
            preferred_for=command.preferred_for,
        )
    )


def identify(turn: Turn, command: c.IdentifyCustomer) -> None:
    contact = turn.contact(command.contact)
    if contact.customer == command.customer:
        return
    turn.emit(
        e.CustomerIdentified(
            contact=contact.id, sequence=contact.sequence + 1, customer=command.customer
        )
    )
    if contact.state in UNANSWERED:
        reset_credit(turn, contact, contact.boost)


def enqueue(turn: Turn, command: c.Enqueue) -> None:
    contact = turn.contact(command.contact)
    if contact.state not in _NEW:
        refuse("wrong_state", "Only a contact that has just arrived is put into a queue this way.")
    turn.queue_exists(command.queue)
    check_steps(command.steps)
    check_attributes(command.attributes)
    check_boost(command.boost)
    enter_queue(
        turn,
        contact,
        command.queue,
        reason="arrival",
        steps=command.steps,
        boost=command.boost,
        preferred=known_agents(turn, contact.preferred + command.preferred),
        preferred_for=kept_for(turn, contact, command.queue, command.preferred_for),
        attributes=command.attributes,
    )
    overflow.check(turn, contact, entering=True)


def edit(turn: Turn, command: c.EditContact) -> None:
    contact = turn.contact(command.contact)
    if command.attributes is not None:
        check_attributes({**contact.attributes, **command.attributes})
    if command.steps is not None or command.preferred is not None:
        if contact.state not in UNANSWERED:
            refuse("wrong_state", "Demands can be changed only while the contact is waiting.")
        check_steps(command.steps or ())
    if command.attributes is not None:
        turn.emit(
            e.AttributesEdited(
                contact=contact.id, sequence=contact.sequence + 1, attributes=command.attributes
            )
        )
    if command.steps is not None or command.preferred is not None:
        known = None if command.preferred is None else known_agents(turn, command.preferred)
        set_requirements(turn, contact, steps=command.steps or (), preferred=known)


def post_message(turn: Turn, command: c.PostMessage) -> None:
    contact = turn.contact(command.contact)
    if contact.state in TERMINAL:
        refuse("ended", "This conversation has ended.")
    if not command.text.strip() or len(command.text) > MAX_TEXT:
        refuse("invalid", f"A message has 1 to {MAX_TEXT} characters.")
    if len(contact.messages) >= MAX_MESSAGES:
        refuse("too_many", f"A conversation holds {MAX_MESSAGES} messages at most.")
    if len(command.files) > MAX_FILES:
        refuse("invalid", f"A message has {MAX_FILES} files at most.")
    if len(command.message) > MAX_ID:
        refuse("invalid", f"A message id has at most {MAX_ID} characters.")
    turn.emit(
        e.MessagePosted(
            contact=contact.id,
            sequence=contact.sequence + 1,
            message=Message(
                id=command.message,
                author=command.author,
                text=command.text,
                at=turn.at,
                agent=command.agent,
                files=command.files,
            ),
        )
    )


def abandon(turn: Turn, command: c.Abandon) -> None:
    contact = turn.contact(command.contact)
    if not may(contact, e.Abandoned):
        refuse("wrong_state", "This contact is with an agent or over; it cannot be abandoned.")
    if contact.parent:
        close_consult(turn, turn.contact(contact.parent), "cancelled")
        return
    rescind_all(turn, contact, "abandoned")
    turn.emit(
        e.Abandoned(
            contact=contact.id,
            sequence=contact.sequence + 1,
            waited=turn.at - contact.arrived_at,
            queue=contact.queue,
        )
    )


# -- callbacks --------------------------------------------------------------------------------


def promise_callback(turn: Turn, command: c.PromiseCallback) -> None:
    contact = turn.contact(command.contact)
    if not may(contact, e.CallbackPromised) or contact.parent:
        refuse("wrong_state", "A callback can be promised only while the contact is waiting.")
    if not contact.present:
        refuse("nobody_there", "Nobody is there to be promised a callback.")
    if not can_be_dialled(command.address):
        refuse("invalid", "A callback needs the number to call: digits, with a + in front or not.")
    offered = callback_offer(contact, turn.state.catalog.queues[contact.queue])
    if offered is None:
        refuse("no_callback", "Who waits here is offered no callback.")
    if time_waited(contact, turn.at) < offered.after:
        refuse("too_early", "A callback is offered only after some more waiting.")
    turn.emit(
        e.CallbackPromised(
            contact=contact.id,
            sequence=contact.sequence + 1,
            callback=Callback(address=command.address, promised_at=turn.at),
        )
    )


def fail_callback(turn: Turn, command: c.FailCallback) -> None:
    """Not reached: the agent is free, and it is tried again later until the attempts are used."""
    contact = turn.contact(command.contact)
    if contact.callback is None or contact.state is not ContactState.CONNECTED:
        refuse("wrong_state", "Only a callback that an agent has taken can fail.")
    if contact.consult or contact.participants:
        refuse("wrong_state", "End the consultation or conference first.")
    rules = turn.state.catalog.queues[contact.queue].callback or CallbackOffer()
    attempts = contact.callback.attempts + 1
    release(turn, contact, contact.agent, wrap=False)
    if attempts >= rules.attempts:
        turn.emit(
            e.Completed(contact=contact.id, sequence=contact.sequence + 1, reason="callback_failed")
        )
        return
    turn.emit(
        e.CallbackResumed(
            contact=contact.id,
            sequence=contact.sequence + 1,
            callback=msgspec.structs.replace(
                contact.callback,
                attempts=attempts,
                not_before=turn.at + max(rules.retry_after, 1),
            ),
            reason=command.reason[:MAX_ID],
        )
    )
