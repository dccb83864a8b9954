"""Why: every decision explained from the core's own state, at any time.

For a contact: who could take it, who is busy, which condition failed for whom, what comes next
and when, and why it stands where it stands. For an offer: why this agent.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from router.core.capacity import has_room
from router.core.estimates import Estimate, estimate
from router.core.matching import NEVER
from router.core.model import (
    Agent,
    AgentState,
    Choice,
    Contact,
    CreditPart,
    CustomerRef,
)
from router.core.naming import called
from router.core.overflow import possible
from router.core.priority import waits_since
from router.core.requirements import Condition, describe, failed_leaves, satisfies
from router.core.state import UNANSWERED, WAITING, State

NAMES = 20  # at most so many agents or contacts are named in one list; counts are complete


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Why an agent can or cannot take a contact now.

    ``code``: ``free`` | ``busy`` | ``leaving`` (asked to stop after the present contact) |
    ``not_ready`` | ``unreachable`` (on the contact's channel, ``detail`` is why) | ``excluded``
    (rejected or missed it, until ``until``) | ``delayed`` (their profile sees it at ``until``) |
    ``other_queues`` (their profile does not serve this queue or channel) | ``lacks`` (``detail``
    is the failed condition) | ``kept`` (kept for others).
    """

    agent: str
    name: str
    code: str
    detail: str = ""
    until: int = 0


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """One condition and the signed-in agents it keeps out."""

    condition: str
    count: int
    agents: tuple[str, ...]


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """What changes by itself at ``at``: ``step`` | ``preference_ends`` | ``delay_ends`` |
    ``overflow`` | ``callback_due``. ``more`` is how many more agents could take it then.
    """

    what: str
    at: int
    detail: str = ""
    more: int = 0


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    contact: str
    customer: str  # what people call them, possibly empty
    waiting_since: int


class ContactExplanation(msgspec.Struct, frozen=True, kw_only=True):
    contact: str
    state: str
    queue: str
    customer: CustomerRef | None
    called: str  # what people call them, possibly empty
    arrived_at: int
    queued_at: int
    waiting_since: int
    credit: tuple[CreditPart, ...]
    asks_for: str
    step: int  # from 1
    steps: int
    kept_for: tuple[str, ...]  # preferred agents who have it to themselves
    estimate: Estimate | None
    ahead: tuple[Ahead, ...]  # the next few before it in its queue
    can_take: int  # signed-in agents who meet the demands, busy or not
    free: tuple[Standing, ...]
    busy: tuple[Standing, ...]
    not_ready: tuple[Standing, ...]
    unreachable: tuple[Standing, ...]
    later: tuple[Standing, ...]  # excluded or delayed
    obstacles: tuple[Obstacle, ...]
    other_queues: int
    signed_in: int
    coming: tuple[Coming, ...]


class OfferExplanation(msgspec.Struct, frozen=True, kw_only=True):
    offer: str
    contact: str
    agent: str
    agent_name: str
    state: str
    offered_at: int
    why: Choice
    runner_up_name: str
    asks_for: str
    levels: tuple[tuple[str, int], ...]  # the agent's levels in the skills asked for
    customer: CustomerRef | None
    credit: tuple[CreditPart, ...]


def explain_contact(state: State, contact_id: str, at: int) -> ContactExplanation | None:
    """The explanation of a live contact in a queue, None when there is none."""
    contact = state.contacts.get(contact_id)
    if contact is None or not contact.queue:
        return None
    standings = [
        standing(state, agent, contact, at)
        for agent in state.agents.values()
        if agent.state is not AgentState.SIGNED_OUT
    ]
    by_code = {code: [one for one in standings if one.code == code] for code in _CODES}
    kept = contact.preferred if contact.preferred_until else ()
    return ContactExplanation(
        contact=contact.id,
        state=contact.state,
        queue=contact.queue,
        customer=contact.customer,
        called=called(contact),
        arrived_at=contact.arrived_at,
        queued_at=contact.queued_at,
        waiting_since=contact.waiting_since,
        credit=contact.credit,
        asks_for=describe(contact.steps[contact.step].condition),
        step=contact.step + 1,
        steps=len(contact.steps),
        kept_for=kept,
        estimate=estimate(state, contact.id, at),
        ahead=tuple(_ahead(state, contact)),
        can_take=sum(1 for one in standings if one.code in _ABLE),
        free=tuple(by_code["free"][:NAMES]),
        busy=tuple((by_code["busy"] + by_code["leaving"])[:NAMES]),
        not_ready=tuple(by_code["not_ready"][:NAMES]),
        unreachable=tuple(by_code["unreachable"][:NAMES]),
        later=tuple((by_code["excluded"] + by_code["delayed"])[:NAMES]),
        obstacles=tuple(_obstacles(by_code["lacks"])),
        other_queues=len(by_code["other_queues"]),
        signed_in=len(standings),
        coming=tuple(sorted(_coming(state, contact, at), key=lambda one: one.at)),
    )


_CODES = (
    "free",
    "busy",
    "leaving",
    "not_ready",
    "unreachable",
    "excluded",
    "delayed",
    "other_queues",
    "lacks",
    "kept",
)
_ABLE = frozenset(_CODES) - {"other_queues", "lacks"}


def standing(state: State, agent: Agent, contact: Contact, at: int) -> Standing:
    """Where one signed-in agent stands towards one contact."""
    code, detail, until = _standing(state, agent, contact, at)
    return Standing(
        agent=agent.id, name=agent.definition.name, code=code, detail=detail, until=until
    )


def _standing(state: State, agent: Agent, contact: Contact, at: int) -> tuple[str, str, int]:
    profile = state.catalog.profiles[agent.definition.profile]
    preferred = contact.preferred_until > 0 and agent.id in contact.preferred
    term = next((term for term in profile.queues if term.queue == contact.queue), None)
    if not preferred:
        if term is None or profile.capacity.get(contact.channel, 0) < 1:
            return "other_queues", "", 0
        failed = failed_leaves(contact.steps[contact.step].condition, agent.traits)
        if failed:
            return "lacks", " and ".join(describe(leaf) for leaf in failed), 0
    if agent.state is AgentState.NOT_READY:
        return "not_ready", agent.reason, 0
    if contact.channel in agent.unreachable:
        return "unreachable", agent.unreachable[contact.channel], 0
    excluded_until = contact.excluded.get(agent.id, 0)
    if excluded_until > at:
        return "excluded", "", excluded_until if excluded_until < NEVER else 0
    if not has_room(agent, profile, contact.channel) or contact.id in agent.slots:
        return "busy", "", 0
    if agent.next_state is not None:
        return "leaving", agent.next_reason or agent.next_state, 0
    if contact.preferred_until and not preferred:
        return "kept", "", contact.preferred_until
    delayed = term is not None and term.delay > max(at - contact.waiting_since, 0)
    if term is not None and delayed and not preferred:
        return "delayed", "", contact.waiting_since + term.delay
    return "free", "", 0


def _obstacles(lacking: list[Standing]) -> Iterator[Obstacle]:
    reasons: dict[str, list[str]] = {}
    for one in lacking:
        reasons.setdefault(one.detail, []).append(one.name)
    for condition, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        yield Obstacle(condition=condition, count=len(names), agents=tuple(names[:NAMES]))


def _ahead(state: State, contact: Contact) -> Iterator[Ahead]:
    if contact.state not in WAITING:
        return
    place = (contact.waiting_since, contact.number)
    before = [c for c in state.waiting(contact.queue) if (c.waiting_since, c.number) < place]
    for other in before[-5:]:
        name = called(other)
        yield Ahead(contact=other.id, customer=name, waiting_since=other.waiting_since)


def _coming(state: State, contact: Contact, at: int) -> Iterator[Coming]:
    if contact.state not in UNANSWERED:
        return
    if contact.step_until > at:
        following = contact.steps[contact.step + 1].condition
        yield Coming(
            what="step",
            at=contact.step_until,
            detail=describe(following),
            more=could_join(state, contact, following),
        )
    if contact.preferred_until > at:
        yield Coming(what="preference_ends", at=contact.preferred_until)
    for delay in state.index.delays(contact.queue):
        if contact.waiting_since + delay > at:
            yield Coming(what="delay_ends", at=contact.waiting_since + delay)
    yield from _overflows(state, contact, at)
    if contact.callback is not None and contact.callback.not_before > at:
        yield Coming(what="callback_due", at=contact.callback.not_before)


def _overflows(state: State, contact: Contact, at: int) -> Iterator[Coming]:
    if contact.parent or contact.callback is not None:
        return  # no rule applies to them
    queue = state.catalog.queues[contact.queue]
    moments = {"wait": waits_since(contact), "unstaffed": contact.unstaffed_since}
    earliest = contact.preferred_until if contact.named else 0  # rules leave it alone till then
    for rule in queue.overflow:
        if not possible(state, contact, rule):
            continue
        since = moments.get(rule.when, 0)
        if since and max(since + rule.at, earliest) > at:
            yield Coming(what="overflow", at=max(since + rule.at, earliest), detail=rule.when)
        hours = state.catalog.hours.get(queue.hours) if rule.when == "closed" else None
        closes = hours.next_change(at) if hours is not None and hours.is_open(at) else None
        if closes is not None:
            yield Coming(what="overflow", at=max(closes, earliest), detail="closed")


def could_join(state: State, contact: Contact, condition: Condition) -> int:
    """How many signed-in agents meet ``condition`` but not the contact's present one."""
    present = contact.steps[contact.step].condition
    terms = state.index.terms(contact.queue)
    return sum(
        len(group.members)
        for group in state.index.groups()
        if group.profile.id in terms
        and group.profile.capacity.get(contact.channel, 0) > 0
        and satisfies(condition, group.traits)
        and not satisfies(present, group.traits)
    )


def explain_offer(state: State, offer_id: str) -> OfferExplanation | None:
    """Why this agent: from what was noted when the offer was made. None once it is forgotten."""
    offer = state.offers.get(offer_id)
    if offer is None:
        return None
    contact = state.contacts[offer.contact]
    agent = state.agents.get(offer.agent)
    runner_up = state.agents.get(offer.why.runner_up)
    asked = state.index.class_of(contact).asked
    return OfferExplanation(
        offer=offer.id,
        contact=contact.id,
        agent=offer.agent,
        agent_name=agent.definition.name if agent else offer.agent,
        state=offer.state,
        offered_at=offer.offered_at,
        why=offer.why,
        runner_up_name=runner_up.definition.name if runner_up else "",
        asks_for=describe(contact.steps[contact.step].condition),
        levels=tuple(pair for pair in agent.traits.skills if pair[0] in asked) if agent else (),
        customer=contact.customer,
        credit=contact.credit,
    )
