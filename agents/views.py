"""What a desk shows, drawn from the state alone: pure functions, no memory.

The desk's messages are the differences between two of these views, so a page that follows the
changes and one that has just loaded can never disagree.
"""

from __future__ import annotations

from typing import Literal

from agents.messages import (
    Colleague,
    ContactCard,
    Directory,
    MyFigures,
    MyState,
    OfferCard,
    Waiting,
)
from router.core.catalog import Catalog, Profile
from router.core.model import (
    Agent,
    AgentState,
    Contact,
    ContactState,
    Offer,
    OfferState,
    Slot,
    SlotState,
)
from router.core.requirements import describe
from router.core.state import State
from router.customers import ScreenPop
from router.waiting import WaitingLines

# The thread a page is given when it loads; older lines stay in the contact's history.
LONGEST_THREAD = 500
LONGEST_SAID = 300  # of that, in characters, what an offer shows

Role = Literal["holder", "participant", "consulted"]


def my_state(agent: Agent) -> MyState:
    return MyState(
        agent=agent.id,
        name=agent.definition.name,
        state=agent.state.value,
        reason=agent.reason,
        since=agent.state_since,
        next_state=agent.next_state.value if agent.next_state else "",
        next_reason=agent.next_reason,
        skills=agent.traits.skills,
        unreachable=dict(agent.unreachable),
    )


def pending_offer(state: State, agent: Agent, contact_id: str) -> Offer | None:
    """The offer of this contact that the agent has yet to answer."""
    slot = agent.slots.get(contact_id)
    if slot is None or slot.state is not SlotState.RESERVED:
        return None
    offer = state.offers.get(slot.offer)
    return offer if offer is not None and offer.state is OfferState.PENDING else None


def share(agent: Agent, contact_id: str) -> Slot | None:
    """The agent's share in a contact they have accepted."""
    slot = agent.slots.get(contact_id)
    return None if slot is None or slot.state is SlotState.RESERVED else slot


def subject(state: State, contact: Contact) -> Contact:
    """Whom the conversation is about: a consultation is about its parent's customer."""
    return state.contacts.get(contact.parent, contact) if contact.parent else contact


def offer_card(state: State, offer: Offer, contact: Contact, pop: ScreenPop) -> OfferCard:
    about = subject(state, contact)
    step = contact.steps[contact.step] if contact.step < len(contact.steps) else None
    return OfferCard(
        offer=offer.id,
        contact=contact.id,
        channel=contact.channel,
        direction=contact.direction,
        queue=contact.queue,
        queue_label=queue_label(state.catalog, contact.queue),
        address=about.address,
        arrived_at=contact.arrived_at,
        offered_at=offer.offered_at,
        expires_at=offer.expires_at,
        attributes=_attributes(about, contact),
        customer=contact.customer or about.customer,
        asks_for=describe(step.condition) if step else "",
        why=offer.why,
        pop=pop,
        callback=contact.callback is not None,
        consult_of=contact.parent,
        said=_said(about),
    )


def contact_card(
    state: State, slot: Slot, contact: Contact, agent: str, *, pop: ScreenPop, draft: str
) -> ContactCard:
    """The card without its thread."""
    about = subject(state, contact)
    queue = state.catalog.queues.get(contact.queue)
    consult = state.contacts.get(contact.consult)
    return ContactCard(
        contact=contact.id,
        channel=contact.channel,
        direction=contact.direction,
        state=contact.state.value,
        doing=slot.state.value,
        role=role_of(contact, agent),
        queue=contact.queue,
        queue_label=queue_label(state.catalog, contact.queue),
        address=about.address,
        arrived_at=contact.arrived_at,
        started_at=slot.started_at,
        since=slot.since,
        attributes=_attributes(about, contact),
        customer=contact.customer or about.customer,
        pop=pop,
        dispositions=queue.dispositions if queue else (),
        wrap_until=slot.wrap_until,
        wrap_limit=slot.wrap_limit,
        consult=contact.consult,
        consult_state=_consult_state(consult),
        consult_agent=_consulted(consult),
        consult_of=contact.parent,
        participants=tuple(a for a in _present(contact) if a != agent),
        draft=draft,
        callback_address=contact.callback.address if contact.callback else "",
        interrupted_by=slot.interrupted_by,
        away=slot.away,
    )


def role_of(contact: Contact, agent: str) -> Role:
    """The agent's part in it. Whoever writes a contact up does so as if they had held it."""
    if contact.parent:
        return "consulted"
    return "participant" if agent in contact.participants else "holder"


def _said(about: Contact) -> str:
    lines: list[str] = []
    for message in about.messages:
        if message.author == "customer":
            lines.append(message.text)
        if sum(map(len, lines)) > LONGEST_SAID:
            break
    return "\n".join(lines)[:LONGEST_SAID]


def _attributes(about: Contact, contact: Contact) -> dict[str, str]:
    return {**about.attributes, **contact.attributes}


def _present(contact: Contact) -> tuple[str, ...]:
    return (contact.agent, *contact.participants) if contact.agent else contact.participants


_CONSULT_STATES = {
    ContactState.QUEUED: "queued",
    ContactState.OFFERED: "offered",
    ContactState.CONNECTED: "connected",
    ContactState.HELD: "connected",
}


def _consult_state(consult: Contact | None) -> str:
    return _CONSULT_STATES.get(consult.state, "queued") if consult else ""


def _consulted(consult: Contact | None) -> str:
    if consult is None:
        return ""
    return consult.agent or next(iter(consult.offers), "") or consult.named


def queue_label(catalog: Catalog, queue: str) -> str:
    known = catalog.queues.get(queue)
    return known.label if known else queue


def colleague(agent: Agent) -> Colleague:
    return Colleague(
        agent=agent.id,
        name=agent.definition.name,
        state=agent.state.value,
        team=agent.definition.traits.team,
    )


def directory(catalog: Catalog, colleagues: tuple[Colleague, ...]) -> Directory:
    """What the pickers offer: every queue, and these colleagues."""
    return Directory(
        not_ready_reasons=catalog.not_ready_reasons,
        queues=tuple((queue.id, queue.label) for queue in catalog.queues.values()),
        colleagues=colleagues,
        catalog=catalog.version,
    )


def waiting(catalog: Catalog, profile: Profile | None, lines: WaitingLines) -> tuple[Waiting, ...]:
    """The queues of ``profile`` in its own order of bands."""
    if profile is None:
        return ()
    served = sorted(profile.queues, key=lambda served: served.band)
    return tuple(
        Waiting(
            queue=entry.queue,
            label=queue_label(catalog, entry.queue),
            waiting=lines.count(entry.queue),
            longest_since=lines.longest_since(entry.queue),
        )
        for entry in served
    )


def figures(agent: Agent, at: int) -> MyFigures:
    """Since sign-in. Handling time is time taken by contacts that are over, shared between
    those handled side by side.
    """
    if agent.state is AgentState.SIGNED_OUT:
        return MyFigures()
    in_hand = sum(1 for slot in agent.slots.values() if slot.started_at)
    over = agent.handled - in_hand
    busy = agent.busy_total + (at - agent.busy_since if agent.busy_since else 0)
    signed_in = at - agent.signed_in_at
    return MyFigures(
        handled=agent.handled,
        handle_time=agent.busy_total // over if over > 0 else 0,
        occupancy=round(min(max(busy / signed_in, 0.0), 1.0), 2) if signed_in > 0 else 0.0,
        missed=agent.missed,
    )
