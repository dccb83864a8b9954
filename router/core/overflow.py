"""When a contact stops waiting in a queue: the queue's overflow rules, first that holds decides."""

from __future__ import annotations

from typing import assert_never

from router.core import events as e
from router.core.catalog import (
    OverflowRule,
    Queue,
    ToCallback,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from router.core.checks import can_be_dialled
from router.core.estimates import estimate
from router.core.matching import barred_agents
from router.core.model import QUEUED, Callback, Contact
from router.core.priority import time_waited, waited_here
from router.core.queueing import enter_queue
from router.core.state import State
from router.core.turn import Turn


def check(turn: Turn, contact: Contact, *, entering: bool = False) -> None:
    """Apply the first rule that holds. ``entering`` also tries the rules of the door: length and
    estimated wait are judged once, so that nobody is thrown out of a place they were given, and
    turn nobody away for whom an agent is free.
    """
    if contact.state is not QUEUED or contact.parent:
        return
    if contact.named and contact.preferred_until:
        return  # a person gave it to one agent: the queue's rules wait until it is the queue's
    queue = turn.state.catalog.queues[contact.queue]
    if not queue.overflow:
        return
    _note_staffing(turn, contact, queue)
    for rule in queue.overflow:
        if possible(turn.state, contact, rule) and _holds(turn, contact, rule, entering=entering):
            _divert(turn, contact, rule)
            return


def is_due(turn: Turn, contact: Contact) -> bool:
    """Whether it will leave its queue by a rule as soon as it no longer rings."""
    if contact.parent or contact.callback is not None:
        return False  # no rule applies to them
    rules = turn.state.catalog.queues[contact.queue].overflow
    return any(
        possible(turn.state, contact, rule) and _holds(turn, contact, rule, entering=False)
        for rule in rules
    )


def _note_staffing(turn: Turn, contact: Contact, queue: Queue) -> None:
    if not any(rule.when == "unstaffed" for rule in queue.overflow):
        return
    staffed = _has_hope(turn.state, contact)
    if staffed == (contact.unstaffed_since != 0):
        turn.emit(
            e.StaffingChanged(contact=contact.id, sequence=contact.sequence + 1, staffed=staffed)
        )


def _has_hope(state: State, contact: Contact) -> bool:
    """Whether anybody signed in could serve it now or in a later step."""
    if contact.preferred_until and state.index.signed_in(contact.preferred):
        return True
    return contact.step + 1 < len(contact.steps) or state.index.staffed(contact)


def possible(state: State, contact: Contact, rule: OverflowRule) -> bool:
    """Whether the rule has somewhere to send this contact: no circle, no missing number,
    no announcement that nobody hears.
    """
    match rule.to:
        case ToQueue():
            target = rule.to.queue
            known = target in state.catalog.queues
            return known and target != contact.queue and target not in contact.overflowed
        case ToCallback():
            return contact.present and contact.dialable and can_be_dialled(contact.address)
        case ToVoicemail() | ToMessage():
            return contact.present
        case _:
            assert_never(rule.to)


def _holds(turn: Turn, contact: Contact, rule: OverflowRule, *, entering: bool) -> bool:
    state = turn.state
    match rule.when:
        case "wait":
            return waited_here(contact, turn.at) >= rule.at
        case "length":
            too_long = entering and state.index.length(contact.queue) > rule.at
            return too_long and not _somebody_is_free(turn, contact)
        case "estimated_wait":
            quote = estimate(state, contact.id, turn.at) if entering else None
            too_slow = quote is not None and quote.low is not None and quote.low > rule.at
            return too_slow and not _somebody_is_free(turn, contact)
        case "unstaffed":
            since = contact.unstaffed_since
            return since != 0 and turn.at - since >= rule.at
        case "closed":
            hours = state.catalog.hours.get(state.catalog.queues[contact.queue].hours)
            return hours is not None and not hours.is_open(turn.at)
        case _:
            assert_never(rule.when)


def _somebody_is_free(turn: Turn, contact: Contact) -> bool:
    index = turn.state.index
    candidates = index.candidates(
        index.class_of(contact), contact.waiting_since, barred_agents(contact), turn.at
    )
    return candidates is not None and any(True for _ in candidates.heads())


def _divert(turn: Turn, contact: Contact, rule: OverflowRule) -> None:
    match rule.to:
        case ToQueue():
            enter_queue(
                turn,
                contact,
                rule.to.queue,
                reason="overflow",
                waited=time_waited(contact, turn.at),
                boost=contact.boost,
                preferred=contact.preferred,
                excluded=contact.excluded,
            )
            check(turn, contact, entering=True)
        case ToCallback():
            callback = Callback(address=contact.address, promised_at=turn.at)
            turn.emit(
                e.CallbackPromised(
                    contact=contact.id, sequence=contact.sequence + 1, callback=callback
                )
            )
        case ToVoicemail() | ToMessage():
            turn.emit(
                e.Overflowed(
                    contact=contact.id,
                    sequence=contact.sequence + 1,
                    to=rule.to,
                    cause=rule.when,
                    queue=contact.queue,
                )
            )
        case _:
            assert_never(rule.to)
