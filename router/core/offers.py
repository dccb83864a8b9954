"""The moves every part of the core is made of: offer, take, take back, return, release."""

from __future__ import annotations

from typing import Final

from router.core import events as e
from router.core import transitions
from router.core.catalog import SECOND
from router.core.model import OFFERED, RESERVED, WITH_AGENT, Agent, Choice, Contact, Offer
from router.core.priority import waited_here
from router.core.queueing import reset_credit
from router.core.turn import Turn, refuse

FASTEST_OFFER: Final = SECOND  # no offer may expire sooner than a person can see it


def offer(turn: Turn, contact: Contact, agent: Agent, why: Choice) -> None:
    """Reserve the agent and ring; with auto-accept the offer is taken at once."""
    queue = turn.state.catalog.queues[contact.queue]
    offer_id = f"{contact.id}.{contact.offer_count + 1}"
    turn.emit(
        e.Offered(
            contact=contact.id,
            sequence=contact.sequence + 1,
            offer=offer_id,
            agent=agent.id,
            expires_at=turn.at + max(queue.offer_for, FASTEST_OFFER),
            why=why,
            auto_accept=queue.auto_accept,
        )
    )
    if queue.auto_accept:
        take(turn, turn.state.offers[offer_id])


def take(turn: Turn, accepted: Offer) -> None:
    contact = turn.state.contacts[accepted.contact]
    for other in list(contact.offers.values()):
        if other != accepted.id:
            rescind(turn, turn.state.offers[other], "accepted_elsewhere")
    turn.emit(
        e.OfferAccepted(
            contact=contact.id,
            sequence=contact.sequence + 1,
            offer=accepted.id,
            agent=accepted.agent,
            waited=turn.at - contact.arrived_at,
            waited_in_queue=waited_here(contact, turn.at),
        )
    )


def rescind(turn: Turn, pending: Offer, reason: str) -> None:
    contact = turn.state.contacts[pending.contact]
    turn.emit(
        e.OfferRescinded(
            contact=contact.id,
            sequence=contact.sequence + 1,
            offer=pending.id,
            agent=pending.agent,
            reason=reason,
        )
    )


def rescind_all(turn: Turn, contact: Contact, reason: str) -> None:
    for offer_id in list(contact.offers.values()):
        rescind(turn, turn.state.offers[offer_id], reason)


def return_to_place(
    turn: Turn, contact: Contact, reason: str, excluded: dict[str, int] | None = None
) -> None:
    """Let the contact wait again where it was; a callback goes back to being promised.

    Who gives back a contact they talked with (``requeued``) did reach the customer, so that
    nothing is promised any more.
    """
    if contact.callback is not None and reason != "requeued":
        turn.emit(
            e.CallbackResumed(
                contact=contact.id,
                sequence=contact.sequence + 1,
                callback=contact.callback,
                reason=reason,
                excluded=excluded or {},
            )
        )
    else:
        turn.emit(
            e.Returned(
                contact=contact.id,
                sequence=contact.sequence + 1,
                reason=reason,
                waiting_since=contact.waiting_since,
                excluded=excluded or {},
            )
        )
    reset_credit(turn, contact, contact.boost)  # who it is may have come out meanwhile


def withdraw_offers_of(turn: Turn, agent: Agent, reason: str, channel: str = "") -> None:
    """Take back every offer that still rings at this agent, or those of ``channel`` alone;
    somebody else may ring instead.
    """
    for slot in list(agent.slots.values()):
        if slot.state is RESERVED and channel in ("", slot.channel):
            pending = turn.state.offers[slot.offer]
            rescind(turn, pending, reason)
            contact = turn.state.contacts[pending.contact]
            if not contact.offers and contact.state is OFFERED:
                return_to_place(turn, contact, reason)
            elif contact.offers:
                turn.seeking[contact.id] = None


def release(turn: Turn, contact: Contact, agent: str, *, wrap: bool = True) -> None:
    """End an agent's share; with ``wrap`` the queue's wrap-up time begins."""
    queue = turn.state.catalog.queues[contact.queue]
    wraps = wrap and queue.wrap_up > 0
    turn.emit(
        e.AgentReleased(
            contact=contact.id,
            sequence=contact.sequence + 1,
            agent=agent,
            wrap_until=turn.at + queue.wrap_up if wraps else 0,
            wrap_limit=turn.at + max(queue.wrap_up_limit, queue.wrap_up) if wraps else 0,
        )
    )


def with_agent(turn: Turn, contact_id: str) -> Contact:
    """The contact, if an agent has it in hand; refused otherwise."""
    contact = turn.contact(contact_id)
    if contact.state not in WITH_AGENT or not contact.agent:
        refuse("wrong_state", "No agent is talking with this contact.")
    return contact


def may(contact: Contact, event: type[e.ContactEvent]) -> bool:
    return transitions.allows(transitions.CONTACT, contact.state, event)
