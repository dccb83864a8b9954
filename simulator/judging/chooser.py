"""Who takes what, chosen by looking at everybody: slow, obvious, and nothing shared with the core.

The judge of the core's decisions asks every agent about every waiting contact. It is written from
``docs/routing.md`` and reads entities and the catalog alone; it imports neither the matcher nor
anything that decides, and never asks the matching index.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from router.core.catalog import Profile, ProfileQueue
from router.core.model import Agent, AgentState, Contact, ContactState
from router.core.state import State
from simulator.judging.conditions import meets, skills_asked

BY_LOT = frozenset({"random", "weighted"})
KEPT_BAND = 0  # a contact kept for the agent comes before every band
_MILLION = 1_000_000


class Reason(StrEnum):
    """Why an agent may not take a contact now, in the order in which explanations tell it."""

    SIGNED_OUT = "signed_out"
    OTHER_QUEUES = "other_queues"
    LACKS = "lacks"
    NOT_READY = "not_ready"
    UNREACHABLE = "unreachable"
    EXCLUDED = "excluded"
    BUSY = "busy"
    LEAVING = "leaving"
    KEPT = "kept"
    DELAYED = "delayed"


class Eligibility(NamedTuple):
    agent: str
    reasons: tuple[Reason, ...]  # empty: may take it now


class Found(NamedTuple):
    contact: str
    band: int


# -- may this agent take this contact ---------------------------------------------------------


def eligible_agents(state: State, contact: Contact, at: int) -> list[Eligibility]:
    """Every agent of the catalog, each with all the reasons it may not take ``contact`` at ``at``
    (microseconds UTC). The contact must be in a queue; whether it waits is not asked.
    """
    return [
        Eligibility(agent.id, tuple(reasons_against(state, agent, contact, at)))
        for agent in state.agents.values()
    ]


def reasons_against(state: State, agent: Agent, contact: Contact, at: int) -> Iterator[Reason]:
    profile = profile_of(state, agent)
    term = terms_of(profile, contact.queue)
    is_kept = contact.preferred_until > 0
    has_claim = is_kept and agent.id in contact.preferred
    if agent.state is AgentState.SIGNED_OUT:
        yield Reason.SIGNED_OUT
    if not has_claim:
        if term is None or profile.capacity.get(contact.channel, 0) < 1:
            yield Reason.OTHER_QUEUES
        if not meets(contact.steps[contact.step].condition, agent.traits):
            yield Reason.LACKS
    if agent.state is AgentState.NOT_READY:
        yield Reason.NOT_READY
    if contact.channel in agent.unreachable:
        yield Reason.UNREACHABLE
    if contact.excluded.get(agent.id, 0) > at:
        yield Reason.EXCLUDED
    if contact.id in agent.slots or not has_room(agent, profile, contact.channel):
        yield Reason.BUSY
    if agent.next_state is not None:
        yield Reason.LEAVING
    if is_kept and not has_claim:
        yield Reason.KEPT
    if term is not None and not has_claim and is_delayed(term, contact, at):
        yield Reason.DELAYED


def may_take(state: State, agent: Agent, contact: Contact, at: int) -> bool:
    if agent.state is not AgentState.READY:
        return False  # said first because it is said of most
    return next(reasons_against(state, agent, contact, at), None) is None


def free_agents(state: State, contact: Contact, at: int) -> list[Agent]:
    return [agent for agent in state.agents.values() if may_take(state, agent, contact, at)]


def profile_of(state: State, agent: Agent) -> Profile:
    return state.catalog.profiles[agent.definition.profile]


def terms_of(profile: Profile, queue: str) -> ProfileQueue | None:
    """How the profile serves the queue; None: not at all."""
    for term in profile.queues:
        if term.queue == queue:
            return term
    return None


def is_delayed(term: ProfileQueue, contact: Contact, at: int) -> bool:
    """Whether the profile does not see the contact yet; without a delay it sees all at once, even
    one whose credit is negative.
    """
    return term.delay > 0 and at - contact.waiting_since < term.delay


def has_room(agent: Agent, profile: Profile, channel: str) -> bool:
    """Whether one more contact of ``channel`` fits beside what the agent has in hand."""
    in_hand = [slot.channel for slot in agent.slots.values()]
    if in_hand.count(channel) >= profile.capacity.get(channel, 0):
        return False
    return all(goes_beside(profile, channel, other) for other in in_hand if other != channel)


def goes_beside(profile: Profile, new: str, present: str) -> bool:
    """Whether ``new`` may be given to somebody busy with ``present``, another channel."""
    if present in profile.alone:
        return False
    return new not in profile.alone or present in profile.interruptible


# -- which contact an agent takes -------------------------------------------------------------


def waits(contact: Contact) -> bool:
    """Whether it may be given to somebody now: it waits, and is no callback that pauses."""
    if contact.state is ContactState.CALLBACK_PROMISED:
        return contact.callback is None or contact.callback.not_before == 0
    return contact.state is ContactState.QUEUED


def best_contact(state: State, agent: Agent, at: int) -> Found | None:
    """The contact this agent takes first, out of every one that waits; None: there is none."""
    mine = [
        contact
        for contact in state.contacts.values()
        if waits(contact) and may_take(state, agent, contact, at)
    ]
    return _first(state, agent, mine, at)


def best_ringing(state: State, agent: Agent, contacts: list[Contact], at: int) -> Found | None:
    """The same out of ``contacts``, which ring at others and may ring at more."""
    mine = [contact for contact in contacts if may_take(state, agent, contact, at)]
    return _first(state, agent, mine, at)


def kinds_open_to(state: State, agent: Agent, at: int) -> int:
    """How many kinds of contacts (queue, channel and demands) wait that the agent could take.
    Those kept for somebody are of no kind.
    """
    open_to_all = [one for one in state.contacts.values() if waits(one) and not one.preferred_until]
    mine = [one for one in open_to_all if may_take(state, agent, one, at)]
    return len({(one.queue, one.channel, one.steps[one.step].condition) for one in mine})


def _first(state: State, agent: Agent, contacts: list[Contact], at: int) -> Found | None:
    if not contacts:
        return None
    best = min(contacts, key=lambda contact: rank(state, agent, contact, at))
    return Found(best.id, rank(state, agent, best, at)[0])


def rank(state: State, agent: Agent, contact: Contact, at: int) -> tuple[int, Fraction, int]:
    """Lower is served first: kept for the agent, then band, then wait, then order of arrival."""
    if contact.preferred_until > 0:
        return KEPT_BAND, Fraction(contact.waiting_since - at), contact.number
    return open_rank(state, agent, contact, at)


def open_rank(state: State, agent: Agent, contact: Contact, at: int) -> tuple[int, Fraction, int]:
    """The rank of what is kept for nobody, or once it no longer is."""
    waited = at - contact.waiting_since
    if profile_of(state, agent).order == "objective":
        within = max(state.catalog.queues[contact.queue].service_within, 1)
        return band_of(state, agent, contact), Fraction(-waited, within), contact.number
    return band_of(state, agent, contact), Fraction(-waited), contact.number


def band_of(state: State, agent: Agent, contact: Contact) -> int:
    """The band in which the agent serves the contact's queue; 0 for a queue they do not serve."""
    term = terms_of(profile_of(state, agent), contact.queue)
    return term.band if term is not None else 0


# -- which agent a contact goes to ------------------------------------------------------------


def best_agents(state: State, contact: Contact, at: int) -> set[str]:
    """Who may be offered the contact now: exactly one agent, or everybody with a chance where it
    goes by lot; nobody when nobody is free for it. Under ``ring_all`` the one who rings next.

    Preferred agents are asked first, in their order, also when they no longer have it to
    themselves; not any more once it rings.
    """
    free = free_agents(state, contact, at)
    favourites = [one for one in contact.preferred if one in {agent.id for agent in free}]
    if favourites and contact.state is not ContactState.OFFERED:
        return {favourites[0]}
    strategy = state.catalog.queues[contact.queue].strategy
    if strategy == "random":
        return {agent.id for agent in free}
    if strategy == "weighted":
        return {agent.id for agent in free if agent.definition.weight > 0}
    return {agent.id for agent in in_order(strategy, free, contact)[:1]}


def in_order(strategy: str, free: list[Agent], contact: Contact) -> list[Agent]:
    """Free agents as a strategy without lots prefers them."""
    return sorted(free, key=lambda agent: preference(strategy, agent, contact))


def preference(strategy: str, agent: Agent, contact: Contact) -> tuple[int, ...]:
    """Lower is chosen first. Ties go to who is idle longest, then by place in the catalog."""
    load = len(agent.slots)
    longest_idle = (load, agent.idle_since, agent.number)
    match strategy:
        case "longest_idle" | "ring_all":
            return longest_idle
        case "least_occupied":
            return (load, occupancy(agent), agent.idle_since, agent.number)
        case "fewest_contacts":
            return (load, agent.handled, agent.idle_since, agent.number)
        case "round_robin":
            return (load, agent.turn, agent.number)
        case "linear":
            return (agent.definition.order, agent.number)
        case "most_skilled":
            return (-level_in(agent, contact), *longest_idle)
        case "least_skilled":
            every_level = sum(level for _, level in agent.traits.skills)
            return (level_in(agent, contact), every_level, *longest_idle)
        case _:
            raise ValueError(f"no order is known for the strategy {strategy!r}")


def occupancy(agent: Agent) -> int:
    """Busy time per million of the time signed in, as it was when the agent's work last changed."""
    signed_in_for = agent.idle_since - agent.signed_in_at
    return agent.busy_total * _MILLION // max(signed_in_for, 1)


def level_in(agent: Agent, contact: Contact) -> int:
    """Sum of the agent's levels in the skills asked for; in all skills when none is."""
    asked = skills_asked(contact.steps[contact.step].condition)
    return sum(level for skill, level in agent.traits.skills if skill in asked or not asked)
