"""How long a contact stays as it waits: its step, its preferred agents, its queue.

Each function answers what ``docs/routing.md`` says by asking everybody who is signed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.core.catalog import OverflowRule, Profile, ToCallback, ToQueue
from router.core.model import Agent, AgentState, Contact
from router.core.requirements import Condition
from router.core.state import State
from simulator.judging.chooser import profile_of
from simulator.judging.conditions import meets

_TELEPHONE = re.compile(r"[+]?[0-9]{1,20}")


def signed_in(state: State) -> list[Agent]:
    return [one for one in state.agents.values() if one.state is not AgentState.SIGNED_OUT]


def able(state: State, contact: Contact, condition: Condition) -> list[Agent]:
    """Who is signed in, serves the contact's queue and channel and meets ``condition``, whatever
    they are doing.
    """
    return [
        agent
        for agent in signed_in(state)
        if _serves(profile_of(state, agent), contact) and meets(condition, agent.traits)
    ]


def _serves(profile: Profile, contact: Contact) -> bool:
    has_channel = profile.capacity.get(contact.channel, 0) > 0
    return has_channel and contact.queue in [term.queue for term in profile.queues]


def step_is_hopeless(state: State, contact: Contact) -> bool:
    """Whether the present step is skipped: nobody signed in meets it, and another follows."""
    is_last = contact.step == len(contact.steps) - 1
    return not is_last and not able(state, contact, contact.steps[contact.step].condition)


def claim_stands(state: State, contact: Contact, at: int) -> bool:
    """Whether one of the agents it is kept for may still come before their time is over."""
    if contact.preferred_until <= at:
        return False
    return any(
        agent.id in contact.preferred
        and profile_of(state, agent).capacity.get(contact.channel, 0) > 0
        and contact.excluded.get(agent.id, 0) < contact.preferred_until
        for agent in signed_in(state)
    )


# -- overflow ---------------------------------------------------------------------------------


def rules_that_apply(state: State, contact: Contact) -> list[OverflowRule]:
    """The queue's overflow rules that have somewhere to send this contact. None applies to a
    consultation or a callback.
    """
    if contact.parent or contact.callback is not None:
        return []
    rules = state.catalog.queues[contact.queue].overflow
    return [rule for rule in rules if _has_a_target(state, contact, rule)]


def _has_a_target(state: State, contact: Contact, rule: OverflowRule) -> bool:
    """Only another queue takes a mail: nobody is there to hear, to speak or to be called back."""
    if isinstance(rule.to, ToQueue):
        been = (*contact.overflowed, contact.queue)
        return rule.to.queue in state.catalog.queues and rule.to.queue not in been
    if isinstance(rule.to, ToCallback):
        has_number = _TELEPHONE.fullmatch(contact.address) is not None
        return contact.present and contact.dialable and has_number
    return contact.present


def leaves_its_queue(state: State, contact: Contact, at: int) -> bool:
    """Whether a rule holds now, so that the contact leaves as soon as it rings no longer. What a
    person gave to one agent the rules leave alone for as long as it is kept.
    """
    if left_alone_until(contact) > at:
        return False
    return any(_holds(state, contact, rule, at) for rule in rules_that_apply(state, contact))


def left_alone_until(contact: Contact) -> int:
    """Until when no rule applies, because a person gave it to one agent; 0: the rules apply."""
    return contact.preferred_until if contact.named else 0


def _holds(state: State, contact: Contact, rule: OverflowRule, at: int) -> bool:
    if rule.when == "closed":
        return is_closed(state, contact.queue, at)
    since = clock_of(contact, rule)
    return since > 0 and at >= since + rule.at


def clock_of(contact: Contact, rule: OverflowRule) -> int:
    """What a ``wait`` or ``unstaffed`` rule counts from; 0 while, or where, no clock runs."""
    if rule.when == "wait":
        return contact.queued_at + contact.in_hand
    return contact.unstaffed_since if rule.when == "unstaffed" else 0


def is_closed(state: State, queue: str, at: int) -> bool:
    hours = state.catalog.hours.get(state.catalog.queues[queue].hours)
    return hours is not None and not any(opens <= at < closes for opens, closes in hours.spans)


def closing_time(state: State, queue: str, at: int) -> int | None:
    """When the queue, open at ``at``, closes; None when it is closed or has no hours."""
    hours = state.catalog.hours.get(state.catalog.queues[queue].hours)
    spans = hours.spans if hours is not None else ()
    return next((closes for opens, closes in spans if opens <= at < closes), None)


def coming_overflows(state: State, contact: Contact, at: int) -> Iterator[tuple[int, str]]:
    """(moment, which rule) of every rule that time alone will make decide."""
    earliest = left_alone_until(contact)
    for rule in rules_that_apply(state, contact):
        since = clock_of(contact, rule)
        if since > 0 and max(since + rule.at, earliest) > at:
            yield max(since + rule.at, earliest), rule.when
        closes = closing_time(state, contact.queue, at) if rule.when == "closed" else None
        if closes is not None:
            yield max(closes, earliest), "closed"
