"""What becomes of contacts: their stays in queues, the offers, and the shares agents have."""

from __future__ import annotations

from typing import Final

from reporting.agent_counts import busier
from reporting.counts import Contact, Counts, Stay
from reporting.figures import SHORT_ABANDON
from router.core import events as e

_SOURCES: Final = {
    "transfer": "transferred_in",
    "overflow": "overflowed_in",
    "returned": "given_back",
}


def count_contact_event(counts: Counts, event: e.ContactEvent, at: int) -> None:
    contact = counts.contacts.get(event.contact)
    if contact is None:
        contact = counts.contacts[event.contact] = Contact()
    match event:
        case e.ContactArrived():
            contact.internal = event.direction == "internal"
        case e.Enqueued():
            _enqueued(counts, contact, event, at)
        case e.CallbackPromised():
            _leave(counts, contact, at, "callbacks")
            contact.callback = True
        case e.CallbackResumed():
            contact.in_hand = False
        case e.Returned():
            contact.in_hand = contact.callback = False
            if contact.stay is None:
                _enter(counts, contact, contact.queue, "returned", at)
        case e.Abandoned():
            _abandoned(counts, contact, at)
        case e.Overflowed():
            _leave(counts, contact, at, "overflowed")
        case e.TransferredOut():
            counts.count(contact.queue, at, "transferred_out")
        case e.Offered() | e.OfferAccepted() | e.OfferRejected() | e.OfferTimedOut():
            _offer_event(counts, contact, event, at)
        case e.AgentReleased() | e.WrapUpFinished() | e.AgentJoined():
            _share_event(counts, contact, event, at)
        case _:
            pass
    if isinstance(event, e.Terminal):
        _leave(counts, contact, at, "ended")
        contact.over = True
    if contact.over and not contact.shares:
        del counts.contacts[event.contact]


# -- stays ------------------------------------------------------------------------------------


def _enqueued(counts: Counts, contact: Contact, event: e.Enqueued, at: int) -> None:
    if event.reason == "transfer" and contact.stay is None and contact.queue:
        counts.count(contact.queue, at, "transferred_out")
    _leave(counts, contact, at, "overflowed" if event.reason == "overflow" else "moved")
    contact.queue = event.queue
    if contact.in_hand:  # an agent gave it on, so that the customer was reached
        contact.in_hand = contact.callback = False
    _enter(counts, contact, event.queue, event.reason, at)


def _enter(counts: Counts, contact: Contact, queue: str, source: str, at: int) -> None:
    if contact.internal or contact.callback or not queue:
        return
    contact.stay = Stay(queue=queue, since=at)
    names = (_SOURCES[source],) if source in _SOURCES else ()
    counts.count(queue, at, "offered", *names)
    counts.level(queue, at, 1)


def _leave(counts: Counts, contact: Contact, at: int, outcome: str) -> Stay | None:
    """End the stay, if there is one, with its one outcome."""
    stay, contact.stay = contact.stay, None
    if stay is not None:
        counts.count(stay.queue, at, outcome)
        counts.level(stay.queue, at, -1)
    return stay


def _abandoned(counts: Counts, contact: Contact, at: int) -> None:
    stay = _leave(counts, contact, at, "abandoned")
    if stay is None:
        return
    wait = at - stay.since
    if wait <= SHORT_ABANDON:
        counts.count(stay.queue, at, "abandoned_short")
    for figures in counts.of_queue(stay.queue, at):
        figures.abandon_waits.add(wait)


def _answered(counts: Counts, contact: Contact, at: int) -> None:
    stay = _leave(counts, contact, at, "answered")
    if stay is None:
        if contact.callback:
            counts.count(contact.queue, at, "callbacks_answered")
        return
    wait = at - stay.since
    if counts.in_time(stay.queue, stay.since, at):
        counts.count(stay.queue, at, "answered_within")
    for figures in counts.of_queue(stay.queue, at):
        figures.waits.add(wait)


# -- offers and shares ------------------------------------------------------------------------


def _offer_event(
    counts: Counts,
    contact: Contact,
    event: e.Offered | e.OfferAccepted | e.OfferRejected | e.OfferTimedOut,
    at: int,
) -> None:
    agent = counts.of_agent(event.agent)
    queue = "" if contact.internal else contact.queue
    match event:
        case e.Offered():
            agent.offered += 1
            counts.count(queue, at, "offers")
        case e.OfferRejected():
            agent.rejected += 1
            counts.count(queue, at, "offers_rejected")
        case e.OfferTimedOut():
            agent.missed += 1
            counts.count(queue, at, "offers_missed")
        case e.OfferAccepted():
            agent.handled += 1
            _answered(counts, contact, at)
            contact.in_hand = True
            _take_share(counts, contact, event.agent, at)


def _share_event(
    counts: Counts,
    contact: Contact,
    event: e.AgentReleased | e.WrapUpFinished | e.AgentJoined,
    at: int,
) -> None:
    match event:
        case e.AgentJoined():
            consult = counts.contacts.get(event.consult)
            if consult is not None:
                _end_share(counts, consult, event.agent, at)
            _take_share(counts, contact, event.agent, at)
        case e.AgentReleased() if event.wrap_until:
            pass  # the share goes on until it is written up
        case _:
            _end_share(counts, contact, event.agent, at)


def _take_share(counts: Counts, contact: Contact, agent: str, at: int) -> None:
    contact.shares[agent] = at
    busier(counts, agent, at, 1)


def _end_share(counts: Counts, contact: Contact, agent: str, at: int) -> None:
    taken = contact.shares.pop(agent, None)
    if taken is None:
        return
    busier(counts, agent, at, -1)
    counts.of_agent(agent).handling.add(at - taken)
    if contact.queue and not contact.internal:
        for figures in counts.of_queue(contact.queue, at):
            figures.handling.add(at - taken)
