"""What agents do with a contact in hand: hold, end, give back, transfer, and write it up."""

from __future__ import annotations

from itertools import takewhile

from router.core import commands as c
from router.core import events as e
from router.core import overflow
from router.core.checks import check_steps
from router.core.consultations import close_consult
from router.core.model import WRAPPING, Contact, ContactState, Slot, SlotState
from router.core.offers import FASTEST_OFFER, release, rescind_all, return_to_place, with_agent
from router.core.priority import time_waited
from router.core.queueing import enter_queue
from router.core.requirements import Step
from router.core.state import UNANSWERED
from router.core.turn import Turn, refuse


def hold(turn: Turn, command: c.Hold) -> None:
    contact = with_agent(turn, command.contact)
    if contact.state is not ContactState.CONNECTED:
        refuse("wrong_state", "The customer is already on hold.")
    turn.emit(e.Held(contact=contact.id, sequence=contact.sequence + 1))


def retrieve(turn: Turn, command: c.Retrieve) -> None:
    contact = with_agent(turn, command.contact)
    if contact.state is not ContactState.HELD:
        refuse("wrong_state", "The customer is not on hold.")
    turn.emit(e.Retrieved(contact=contact.id, sequence=contact.sequence + 1))


def end(turn: Turn, command: c.EndContact) -> None:
    """Over for everybody on it; each agent gets their wrap-up."""
    contact = turn.contact(command.contact)
    if contact.parent:
        close_consult(turn, turn.contact(contact.parent), "ended")
        return
    if not contact.agent:
        refuse("wrong_state", "No agent is talking with this contact.")
    if command.seen is not None and _has_written_since(contact, command.seen):
        refuse("unread_message", "The customer has just written again: read it before you end.")
    if contact.consult:
        close_consult(turn, contact, "ended")
    turn.emit(
        e.ContactEnded(contact=contact.id, sequence=contact.sequence + 1, ended_by=command.ended_by)
    )
    for agent in (contact.agent, *contact.participants):
        release(turn, contact, agent)
    complete_when_written_up(turn, contact)


def _has_written_since(contact: Contact, seen: str) -> bool:
    later = takewhile(lambda line: line.id != seen, reversed(contact.messages))
    return any(line.author == "customer" for line in later)


def complete_when_written_up(turn: Turn, contact: Contact) -> None:
    if contact.state is WRAPPING and not contact.wrapping:
        turn.emit(e.Completed(contact=contact.id, sequence=contact.sequence + 1))


def requeue(turn: Turn, command: c.Requeue) -> None:
    contact = alone_with_agent(turn, command.contact)
    agent = contact.agent
    release(turn, contact, agent, wrap=False)
    return_to_place(turn, contact, "requeued", _pause(turn, agent, contact.queue))


# -- transfers --------------------------------------------------------------------------------


def transfer_to_queue(turn: Turn, command: c.TransferToQueue) -> None:
    """From an agent's hands, or (a supervisor's move) from one waiting place to another."""
    turn.queue_exists(command.queue)
    check_steps(command.steps)
    contact = turn.contact(command.contact)
    if contact.state in UNANSWERED:
        _refuse_consult(contact)
        _stop_ringing(turn, contact)
        _enter(
            turn,
            contact,
            command.queue,
            steps=command.steps,
            waited=time_waited(contact, turn.at) if command.keep_wait else 0,
            excluded=contact.excluded,
        )
        return
    contact = alone_with_agent(turn, command.contact)
    agent = contact.agent
    release(turn, contact, agent)
    _enter(
        turn,
        contact,
        command.queue,
        steps=command.steps,
        waited=time_waited(contact, turn.at) if command.keep_wait else 0,
        excluded=_pause(turn, agent, command.queue),
    )


def _pause(turn: Turn, agent: str, queue: str) -> dict[str, int]:
    """Who gave a contact away is not offered it again at once."""
    return {agent: turn.at + turn.state.catalog.queues[queue].reoffer_after}


def _enter(
    turn: Turn,
    contact: Contact,
    queue: str,
    *,
    steps: tuple[Step, ...],
    waited: int,
    excluded: dict[str, int] | None = None,
) -> None:
    enter_queue(
        turn,
        contact,
        queue,
        reason="transfer",
        steps=steps,
        waited=waited,
        boost=contact.boost,
        excluded=excluded,
    )
    overflow.check(turn, contact, entering=True)


def transfer_to_agent(turn: Turn, command: c.TransferToAgent) -> None:
    """To one agent, who has it to themselves for as long as an offer rings, then to the queue."""
    contact = alone_with_agent(turn, command.contact)
    target = turn.signed_in_agent(command.agent)
    if target.id == contact.agent:
        refuse("invalid", "You cannot transfer a contact to yourself.")
    queue = command.queue or contact.queue
    turn.queue_exists(queue)
    agent = contact.agent
    release(turn, contact, agent)
    give_to(turn, contact, target.id, queue, excluded=_pause(turn, agent, queue))


def give_to(
    turn: Turn,
    contact: Contact,
    agent: str,
    queue: str,
    *,
    excluded: dict[str, int] | None = None,
) -> None:
    """Keep the contact for one named agent for a while; afterwards it waits in ``queue``."""
    rules = turn.state.catalog.queues[queue]
    enter_queue(
        turn,
        contact,
        queue,
        reason="transfer",
        steps=contact.steps if queue == contact.queue else (),
        waited=time_waited(contact, turn.at),
        boost=contact.boost,
        preferred=(agent,),
        preferred_for=max(rules.preferred_for, rules.offer_for, FASTEST_OFFER),
        named=agent,
        excluded=excluded,
    )


def transfer_out(turn: Turn, command: c.TransferOut) -> None:
    contact = alone_with_agent(turn, command.contact)
    if not 1 <= len(command.address) <= 128:
        refuse("invalid", "A transfer outside needs the number or address to go to.")
    if not contact.present:
        refuse("nobody_there", "Nobody is there to be connected: forward the message itself.")
    agent = contact.agent
    release(turn, contact, agent)
    turn.emit(
        e.TransferredOut(
            contact=contact.id,
            sequence=contact.sequence + 1,
            address=command.address,
            agent=agent,
        )
    )


def _stop_ringing(turn: Turn, contact: Contact) -> None:
    if contact.state is ContactState.OFFERED:
        rescind_all(turn, contact, "reassigned")
        return_to_place(turn, contact, "reassigned")


def _refuse_consult(contact: Contact) -> None:
    if contact.parent:
        refuse("wrong_state", "A consultation cannot be transferred; cancel it instead.")


def alone_with_agent(turn: Turn, contact_id: str) -> Contact:
    """A contact in one agent's hands, without a consultation or conference in the way."""
    contact = with_agent(turn, contact_id)
    _refuse_consult(contact)
    if contact.consult:
        refuse("wrong_state", "End or complete the consultation first.")
    if contact.participants:
        refuse("wrong_state", "Leave the conference instead; the others stay with the customer.")
    return contact


# -- wrap-up ----------------------------------------------------------------------------------


def extend_wrap_up(turn: Turn, command: c.ExtendWrapUp) -> None:
    slot = _wrapping_slot(turn, command.contact, command.agent)
    until = min(slot.wrap_until + max(command.extend_by, 0), slot.wrap_limit)
    if until <= slot.wrap_until:
        refuse("limit", "Wrap-up cannot be extended any further.")
    contact = turn.contact(command.contact)
    turn.emit(
        e.WrapUpExtended(
            contact=contact.id,
            sequence=contact.sequence + 1,
            agent=command.agent,
            wrap_until=until,
        )
    )


def finish_wrap_up(turn: Turn, command: c.FinishWrapUp) -> None:
    _wrapping_slot(turn, command.contact, command.agent)
    contact = turn.contact(command.contact)
    if len(command.note) > 20_000 or len(command.disposition) > 200:
        refuse("invalid", "The note or the disposition is too long.")
    turn.emit(
        e.WrapUpFinished(
            contact=contact.id,
            sequence=contact.sequence + 1,
            agent=command.agent,
            disposition=command.disposition,
            note=command.note,
        )
    )
    complete_when_written_up(turn, contact)


def wrap_up_elapsed(turn: Turn, contact_id: str, agent_id: str, reason: str = "elapsed") -> None:
    contact = turn.state.contacts.get(contact_id)
    if contact is None or agent_id not in contact.wrapping:
        return
    if reason == "elapsed" and _slot(turn, contact_id, agent_id).wrap_until > turn.at:
        return
    turn.emit(
        e.WrapUpFinished(
            contact=contact.id, sequence=contact.sequence + 1, agent=agent_id, reason=reason
        )
    )
    complete_when_written_up(turn, contact)


def _wrapping_slot(turn: Turn, contact_id: str, agent_id: str) -> Slot:
    slot = turn.agent(agent_id).slots.get(contact_id)
    if slot is None or slot.state is not SlotState.WRAPPING:
        refuse("wrong_state", "There is no wrap-up going on for this contact; it may be over.")
    return slot


def _slot(turn: Turn, contact_id: str, agent_id: str) -> Slot:
    return turn.state.agents[agent_id].slots[contact_id]
