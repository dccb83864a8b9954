"""What the API shows of contacts, read from the durable state. Times are microseconds UTC."""

from __future__ import annotations

import msgspec

from router.core.estimates import Estimate, estimate
from router.core.model import Contact, CreditPart, CustomerRef
from router.core.naming import called
from router.core.requirements import describe
from router.core.state import UNANSWERED, State


class WaitingContact(msgspec.Struct, frozen=True, kw_only=True):
    """One who waits. ``called`` is what people call them, possibly empty. ``position`` counts from
    1 in the order of service; ``credit`` are the parts of the head start and ``boost`` the one a
    person gave, in microseconds.
    """

    contact: str
    channel: str
    customer: CustomerRef | None
    called: str
    address: str
    arrived_at: int
    queued_at: int
    waiting_since: int
    credit: tuple[CreditPart, ...]
    boost: int
    position: int
    estimate: Estimate | None
    asks_for: str
    state: str


class WaitingContacts(msgspec.Struct, frozen=True, kw_only=True):
    """The first of ``total`` contacts not yet answered in one queue, in the order of service."""

    at: int
    total: int
    contacts: tuple[WaitingContact, ...]


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """One contact as it is now."""

    at: int
    contact: str
    channel: str
    direction: str
    state: str
    state_since: int
    queue: str
    customer: CustomerRef | None
    address: str
    attributes: dict[str, str]
    arrived_at: int
    queued_at: int
    waiting_since: int
    credit: tuple[CreditPart, ...]
    boost: int
    asks_for: str
    agent: str
    participants: tuple[str, ...]
    estimate: Estimate | None


def waiting_contacts(state: State, queue: str, limit: int, at: int) -> WaitingContacts:
    waiting = _unanswered(state, queue)
    shown = [_waiting(state, c, place, at) for place, c in enumerate(waiting[:limit], start=1)]
    return WaitingContacts(at=at, total=len(waiting), contacts=tuple(shown))


def _unanswered(state: State, queue: str) -> list[Contact]:
    """Who rings at a desk has not been answered yet: it keeps its place until then."""
    found = [c for c in state.contacts.values() if c.queue == queue and c.state in UNANSWERED]
    return sorted(found, key=lambda contact: (contact.waiting_since, contact.number))


def _waiting(state: State, contact: Contact, place: int, at: int) -> WaitingContact:
    return WaitingContact(
        contact=contact.id,
        channel=contact.channel,
        customer=contact.customer,
        called=called(contact),
        address=contact.address,
        arrived_at=contact.arrived_at,
        queued_at=contact.queued_at,
        waiting_since=contact.waiting_since,
        credit=contact.credit,
        boost=contact.boost,
        position=place,
        estimate=estimate(state, contact.id, at),
        asks_for=asks_for(contact),
        state=contact.state.value,
    )


def contact_view(state: State, contact: Contact, at: int) -> ContactView:
    return ContactView(
        at=at,
        contact=contact.id,
        channel=contact.channel,
        direction=contact.direction,
        state=contact.state.value,
        state_since=contact.state_since,
        queue=contact.queue,
        customer=contact.customer,
        address=contact.address,
        attributes=contact.attributes,
        arrived_at=contact.arrived_at,
        queued_at=contact.queued_at,
        waiting_since=contact.waiting_since,
        credit=contact.credit,
        boost=contact.boost,
        asks_for=asks_for(contact),
        agent=contact.agent,
        participants=contact.participants,
        estimate=estimate(state, contact.id, at),
    )


def asks_for(contact: Contact) -> str:
    """The demands of the current step in words; empty before the contact has any."""
    if contact.step >= len(contact.steps):
        return ""
    return describe(contact.steps[contact.step].condition)
