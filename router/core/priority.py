"""Credit in seconds: how a customer's worth becomes a place in the order.

``waiting_since = queued_at − credit − time already waited``. Contacts are served by that moment,
so credit is a head start: it never grows while one waits, it starves nobody, and it can be told
to a supervisor as it is. A bank gave its valued customers 90 s this way (Brown et al., JASA 2005).
"""

from __future__ import annotations

from router.core.catalog import Catalog, Credits
from router.core.model import WITH_AGENT, Contact, CreditPart, CustomerRef


def credit_for(
    catalog: Catalog, queue: str, customer: CustomerRef | None, boost: int
) -> tuple[CreditPart, ...]:
    """Every reason for a head start in ``queue``, without those worth nothing."""
    parts = []
    if of_queue := catalog.queues[queue].credit:
        parts.append(CreditPart(source=f"queue {queue}", credit=of_queue))
    if customer is not None:
        if tier := catalog.credits.tiers.get(customer.tier, 0):
            parts.append(CreditPart(source=f"tier {customer.tier}", credit=tier))
        if worth := _value_credit(catalog.credits, customer.value):
            parts.append(CreditPart(source=f"value {customer.value}", credit=worth))
    if boost:
        parts.append(CreditPart(source="boost", credit=boost))
    return tuple(parts)


def _value_credit(table: Credits, value: int) -> int:
    reached = [step.credit for step in table.values if value >= step.at_least]
    return reached[-1] if reached else 0


def waiting_since(queued_at: int, credit: tuple[CreditPart, ...], waited: int) -> int:
    """The moment that orders the contact, microseconds UTC."""
    return queued_at - sum([part.credit for part in credit]) - waited


def waits_since(contact: Contact) -> int:
    """What waiting in its queue counts from: conversations that ended in giving back left out."""
    return contact.queued_at + contact.in_hand


def waited_here(contact: Contact, at: int) -> int:
    """How long it has waited in its queue, or had when it was answered, microseconds."""
    until = contact.answered_at if contact.state in WITH_AGENT else at
    return max(until - waits_since(contact), 0)


def time_waited(contact: Contact, at: int) -> int:
    """Waiting that comes along to another queue: here, and what counted already."""
    return contact.waited + waited_here(contact, at)
