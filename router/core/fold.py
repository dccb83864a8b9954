"""How each event changes the state: one small function an event, and the table of them.

Nothing here decides. A function may rely on the event being legal: ``transitions.after`` raises
when it is not, and that is a bug of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from router.core import events as e
from router.core import transitions
from router.core.model import (
    RESERVED,
    TERMINAL,
    WITH_AGENT,
    Agent,
    Contact,
    FlowVersions,
    Offer,
    Slot,
)
from router.core.staff_fold import STAFF_FOLDS, Fold, has_work

if TYPE_CHECKING:
    from router.core.state import State


class BrokenSequence(Exception):
    """An event's number does not follow the contact's last: the log has a gap or a repetition."""


def _contact(state: State, event: e.ContactEvent) -> Contact:
    contact = state.contacts[event.contact]
    if event.sequence != contact.sequence + 1:
        raise BrokenSequence(
            f"contact {contact.id}: event {event.sequence} after {contact.sequence}"
        )
    contact.sequence = event.sequence
    return contact


def _moved(state: State, event: e.ContactEvent, at: int) -> Contact:
    """The event's contact, in the state that follows."""
    contact = _contact(state, event)
    contact.state = transitions.after(transitions.CONTACT, contact.state, type(event))
    contact.state_since = at
    return contact


# -- arrival to queue -------------------------------------------------------------------------


def _arrived(state: State, event: e.ContactArrived, at: int) -> None:
    state.arrivals += 1
    state.contacts[event.contact] = Contact(
        id=event.contact,
        number=state.arrivals,
        channel=event.channel,
        direction=event.direction,
        arrived_at=at,
        state_since=at,
        sequence=event.sequence,
        address=event.address,
        entry_point=event.entry_point,
        attributes=dict(event.attributes),
        parent=event.parent,
        dialable=event.dialable,
        present=event.present,
        preferred=event.preferred,
        preferred_for=event.preferred_for,
    )


def _flow_entered(state: State, event: e.FlowEntered, at: int) -> None:
    _moved(state, event, at).flow = event.flow


def _flow_advanced(state: State, event: e.FlowAdvanced, _at: int) -> None:
    contact = _contact(state, event)
    contact.flow_turn = event.turn
    contact.flow_node = event.node
    contact.flow_session = event.session


def _flow_published(state: State, event: e.FlowPublished, _at: int) -> None:
    aliases = state.flows.get(event.flow, FlowVersions()).aliases
    state.flows[event.flow] = FlowVersions(newest=event.version, aliases=aliases)


def _flow_alias_pointed(state: State, event: e.FlowAliasPointed, _at: int) -> None:
    known = state.flows[event.flow]
    aliases = {**known.aliases, event.alias: event.version}
    state.flows[event.flow] = FlowVersions(newest=known.newest, aliases=aliases)


def _identified(state: State, event: e.CustomerIdentified, _at: int) -> None:
    _contact(state, event).customer = event.customer


def _enqueued(state: State, event: e.Enqueued, at: int) -> None:
    if state.contacts[event.contact].state in WITH_AGENT:
        state.contacts[event.contact].callback = None  # they were reached: nothing is promised
    contact = _moved(state, event, at)
    contact.flow_session = b""
    if event.reason == "overflow":
        contact.overflowed = (*contact.overflowed, contact.queue)
    contact.queue = event.queue
    contact.steps = event.steps
    contact.step = 0
    contact.step_until = event.step_until
    contact.queued_at = at
    contact.in_hand = 0
    contact.waiting_since = event.waiting_since
    contact.waited = event.waited
    contact.credit = event.credit
    contact.boost = event.boost
    contact.preferred = event.preferred
    contact.preferred_until = event.preferred_until
    contact.named = event.named
    contact.excluded = dict(event.excluded)
    contact.attributes |= event.attributes
    contact.announcements = event.announcements
    contact.offer_callback = event.offer_callback
    contact.unstaffed_since = 0
    state.place(contact)


def _step_entered(state: State, event: e.StepEntered, _at: int) -> None:
    contact = _contact(state, event)
    contact.step = event.step
    contact.step_until = event.step_until
    state.place(contact)


def _preference_ended(state: State, event: e.PreferenceEnded, _at: int) -> None:
    contact = _contact(state, event)
    contact.preferred_until = 0
    contact.named = ""
    state.place(contact)


def _requirements_edited(state: State, event: e.RequirementsEdited, _at: int) -> None:
    contact = _contact(state, event)
    contact.steps = event.steps
    contact.step = event.step
    contact.step_until = event.step_until
    contact.preferred = event.preferred
    contact.preferred_until = event.preferred_until
    if contact.named not in event.preferred:
        contact.named = ""
    state.place(contact)


def _attributes_edited(state: State, event: e.AttributesEdited, _at: int) -> None:
    _contact(state, event).attributes |= event.attributes


def _credit_changed(state: State, event: e.CreditChanged, _at: int) -> None:
    contact = _contact(state, event)
    contact.credit = event.credit
    contact.boost = event.boost
    contact.waiting_since = event.waiting_since
    state.place(contact)


def _staffing_changed(state: State, event: e.StaffingChanged, at: int) -> None:
    contact = _contact(state, event)
    contact.unstaffed_since = 0 if event.staffed else at


def _message_posted(state: State, event: e.MessagePosted, _at: int) -> None:
    _contact(state, event).messages.append(event.message)


def _left(state: State, event: e.Terminal, at: int) -> None:
    """Terminal: nothing waits any more; the contact stays while an agent writes it up."""
    contact = _moved(state, event, at)
    state.index.remove_contact(contact.id)
    _forget_when_done(state, contact)


def _abandoned(state: State, event: e.Abandoned, at: int) -> None:
    contact = state.contacts[event.contact]
    if event.queue:
        state.observe_wait(contact, at - contact.queued_at - contact.in_hand, left=True)
    _left(state, event, at)


def _callback_promised(state: State, event: e.CallbackPromised, at: int) -> None:
    contact = _moved(state, event, at)
    contact.callback = event.callback
    state.place(contact)


def _callback_resumed(state: State, event: e.CallbackResumed, at: int) -> None:
    contact = _back(state, event, at)
    contact.callback = event.callback
    state.place(contact)


def _callback_due(state: State, event: e.CallbackDue, _at: int) -> None:
    contact = _contact(state, event)
    if contact.callback is not None:
        contact.callback = msgspec.structs.replace(contact.callback, not_before=0)
    state.place(contact)


# -- offers and conversations -----------------------------------------------------------------


def _offered(state: State, event: e.Offered, at: int) -> None:
    contact = _moved(state, event, at)
    state.turn += 1
    state.offers[event.offer] = Offer(
        id=event.offer,
        contact=contact.id,
        agent=event.agent,
        offered_at=at,
        expires_at=event.expires_at,
        why=event.why,
    )
    contact.offer_count += 1
    contact.offers[event.agent] = event.offer
    agent = state.agents[event.agent]
    agent.offered += 1
    agent.turn = state.turn
    agent.slots[contact.id] = Slot(
        contact=contact.id,
        channel=contact.channel,
        state=RESERVED,
        since=at,
        offer=event.offer,
        queue=contact.queue,
    )
    state.place(contact)
    state.index.set_load(agent, at)


def _offer_accepted(state: State, event: e.OfferAccepted, at: int) -> None:
    contact = _moved(state, event, at)
    _close_offer(state, contact, event)
    contact.agent = event.agent
    contact.connected_at = contact.connected_at or at
    contact.answered_at = at
    state.observe_wait(contact, event.waited_in_queue, left=False)
    contact.preferred_until = 0  # whoever it was kept for, it is taken now
    contact.named = ""
    state.index.remove_contact(contact.id)
    agent = state.agents[event.agent]
    slot = agent.slots[contact.id]
    slot.state = transitions.after(transitions.SLOT, slot.state, type(event))
    slot.since = slot.started_at = at
    agent.handled += 1
    agent.busy_since = agent.busy_since or at
    agent.idle_since = at
    state.index.set_order(agent, at)


def _offer_rejected(state: State, event: e.OfferRejected, at: int) -> None:
    contact = _contact(state, event)
    contact.excluded[event.agent] = event.excluded_until
    _offer_gone(state, contact, event, at)


def _offer_timed_out(state: State, event: e.OfferTimedOut, at: int) -> None:
    contact = _contact(state, event)
    contact.excluded[event.agent] = event.excluded_until
    state.agents[event.agent].missed += 1
    _offer_gone(state, contact, event, at)


def _offer_rescinded(state: State, event: e.OfferRescinded, at: int) -> None:
    _offer_gone(state, _contact(state, event), event, at)


OfferClosed = e.OfferAccepted | e.OfferRejected | e.OfferTimedOut | e.OfferRescinded


def _close_offer(state: State, contact: Contact, event: OfferClosed) -> None:
    offer = state.offers[event.offer]
    offer.state = transitions.after(transitions.OFFER, offer.state, type(event))
    del contact.offers[event.agent]


def _offer_gone(state: State, contact: Contact, event: OfferClosed, at: int) -> None:
    """The agent is as free as before the offer: their idle time goes on."""
    _close_offer(state, contact, event)
    agent = state.agents[event.agent]
    del agent.slots[contact.id]
    state.place(contact)
    state.index.set_load(agent, at)


def _returned(state: State, event: e.Returned, at: int) -> None:
    contact = _back(state, event, at)
    contact.callback = None  # somebody who was reached is on the line
    contact.waiting_since = event.waiting_since
    state.place(contact)


def _back(state: State, event: e.Returned | e.CallbackResumed, at: int) -> Contact:
    """Waiting again; a conversation that came to nothing does not count as waiting."""
    contact = _contact(state, event)
    if contact.state in WITH_AGENT:
        contact.in_hand += at - contact.answered_at
    contact.state = transitions.after(transitions.CONTACT, contact.state, type(event))
    contact.state_since = at
    contact.excluded |= event.excluded
    return contact


def _held(state: State, event: e.Held | e.Retrieved, at: int) -> None:
    contact = _moved(state, event, at)
    for agent_id in _present(contact):
        slot = state.agents[agent_id].slots[contact.id]
        slot.state = transitions.after(transitions.SLOT, slot.state, type(event))
        _back_at(slot, at)
        slot.since = at
        if type(event) is e.Held:
            slot.interrupted_by = event.interrupted_by


def _back_at(slot: Slot, at: int) -> None:
    """Whatever ends an interruption, the time it took was no work on this contact."""
    if slot.interrupted_by:
        slot.away += at - slot.since
        slot.interrupted_by = ""


def _present(contact: Contact) -> tuple[str, ...]:
    """Agents on the contact now: the holder first, then the others of a conference."""
    return (contact.agent, *contact.participants) if contact.agent else ()


def _ended(state: State, event: e.ContactEnded, at: int) -> None:
    contact = _moved(state, event, at)
    contact.ended_by = event.ended_by


def _agent_released(state: State, event: e.AgentReleased, at: int) -> None:
    contact = _contact(state, event)
    if contact.agent == event.agent:
        contact.agent = ""
    if contact.participants:
        contact.participants = tuple(a for a in contact.participants if a != event.agent)
    agent = state.agents[event.agent]
    slot = agent.slots[contact.id]
    slot.state = transitions.after(transitions.SLOT, slot.state, type(event))
    _back_at(slot, at)
    slot.since = at
    if event.wrap_until:
        slot.wrap_until = event.wrap_until
        slot.wrap_limit = event.wrap_limit
        contact.wrapping = (*contact.wrapping, event.agent)
        state.index.set_load(agent, at)
    else:
        _slot_done(state, contact, agent, at)


def _wrap_up_extended(state: State, event: e.WrapUpExtended, _at: int) -> None:
    contact = _contact(state, event)
    state.agents[event.agent].slots[contact.id].wrap_until = event.wrap_until


def _wrap_up_finished(state: State, event: e.WrapUpFinished, at: int) -> None:
    contact = _contact(state, event)
    contact.wrapping = tuple(a for a in contact.wrapping if a != event.agent)
    _slot_done(state, contact, state.agents[event.agent], at)
    state.place(contact)  # they may be offered it again
    _forget_when_done(state, contact)


def _slot_done(state: State, contact: Contact, agent: Agent, at: int) -> None:
    slot = agent.slots.pop(contact.id)
    if slot.started_at:
        key = f"{slot.queue or contact.queue} {contact.channel}"
        state.observe_service(key, at - slot.started_at - slot.away)
    if agent.busy_since and not has_work(agent):
        agent.busy_total += at - agent.busy_since
        agent.busy_since = 0
    agent.idle_since = at
    state.index.set_load(agent, at)


def _forget_when_done(state: State, contact: Contact) -> None:
    if contact.state not in TERMINAL or contact.wrapping:
        return
    del state.contacts[contact.id]
    for number in range(1, contact.offer_count + 1):
        state.offers.pop(f"{contact.id}.{number}", None)


def _consult_started(state: State, event: e.ConsultStarted, _at: int) -> None:
    _contact(state, event).consult = event.consult


def _consult_ended(state: State, event: e.ConsultEnded, _at: int) -> None:
    _contact(state, event).consult = ""


def _agent_joined(state: State, event: e.AgentJoined, at: int) -> None:
    """The consulted agent's slot moves from the consultation to the contact itself."""
    contact = _moved(state, event, at)
    consult = state.contacts[event.consult]
    consult.agent = ""
    agent = state.agents[event.agent]
    slot = agent.slots.pop(consult.id)
    slot.contact = contact.id
    slot.since = at
    agent.slots[contact.id] = slot
    if event.role == "holder":
        contact.agent = event.agent
    else:
        contact.participants = (*contact.participants, event.agent)
    for agent_id in _present(contact):
        other = state.agents[agent_id].slots[contact.id]
        other.state = transitions.after(transitions.SLOT, other.state, type(event))
        _back_at(other, at)


def _holder_changed(state: State, event: e.HolderChanged, _at: int) -> None:
    contact = _contact(state, event)
    contact.agent = event.agent
    contact.participants = tuple(a for a in contact.participants if a != event.agent)


def _monitored(state: State, event: e.Monitored, _at: int) -> None:
    _contact(state, event)


FOLDS: Final[dict[type[msgspec.Struct], Fold]] = {
    e.ContactArrived: _arrived,
    e.FlowEntered: _flow_entered,
    e.FlowAdvanced: _flow_advanced,
    e.FlowPublished: _flow_published,
    e.FlowAliasPointed: _flow_alias_pointed,
    e.CustomerIdentified: _identified,
    e.Enqueued: _enqueued,
    e.StepEntered: _step_entered,
    e.PreferenceEnded: _preference_ended,
    e.RequirementsEdited: _requirements_edited,
    e.AttributesEdited: _attributes_edited,
    e.CreditChanged: _credit_changed,
    e.StaffingChanged: _staffing_changed,
    e.MessagePosted: _message_posted,
    e.Abandoned: _abandoned,
    e.CallbackPromised: _callback_promised,
    e.CallbackResumed: _callback_resumed,
    e.CallbackDue: _callback_due,
    e.Overflowed: _left,
    e.Offered: _offered,
    e.OfferAccepted: _offer_accepted,
    e.OfferRejected: _offer_rejected,
    e.OfferTimedOut: _offer_timed_out,
    e.OfferRescinded: _offer_rescinded,
    e.Returned: _returned,
    e.Held: _held,
    e.Retrieved: _held,
    e.ContactEnded: _ended,
    e.TransferredOut: _left,
    e.AgentReleased: _agent_released,
    e.WrapUpExtended: _wrap_up_extended,
    e.WrapUpFinished: _wrap_up_finished,
    e.Completed: _left,
    e.ConsultStarted: _consult_started,
    e.ConsultEnded: _consult_ended,
    e.AgentJoined: _agent_joined,
    e.HolderChanged: _holder_changed,
    e.Monitored: _monitored,
    **STAFF_FOLDS,
}
