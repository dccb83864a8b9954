"""A contact on its way through a flow, and which version of each flow new contacts take.

What a flow asks and decides is worked out elsewhere (``ivr``); here it is put in order and made
durable: turn by turn, so that every turn has one effect, and the last together with where it leads.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

from router.core import commands as c
from router.core import events as e
from router.core import overflow
from router.core.catalog import ToMessage, ToVoicemail
from router.core.checks import (
    MAX_ID,
    MAX_TEXT,
    can_be_dialled,
    check_attributes,
    check_boost,
    check_steps,
    known_agents,
)
from router.core.model import Callback, Contact, ContactState, FlowVersions
from router.core.offers import may
from router.core.queueing import enter_queue, kept_for
from router.core.turn import Turn, refuse
from router.core.while_waiting import check_announcements

MAX_SESSION: Final = 512 * 1024  # bytes
MAX_PASSED: Final = 1_000  # nodes in one turn
MAX_SOURCE: Final = 8 * 1024 * 1024  # characters
MAX_FLOWS: Final = 1_000
MAX_ALIASES: Final = 20
CAUSE: Final = "flow"  # of what a flow decided
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def enter_flow(turn: Turn, command: c.EnterFlow) -> None:
    contact = turn.contact(command.contact)
    if not may(contact, e.FlowEntered):
        refuse("wrong_state", f"A contact that is {contact.state} cannot enter a flow.")
    turn.emit(
        e.FlowEntered(contact=contact.id, sequence=contact.sequence + 1, flow=command.flow[:MAX_ID])
    )


def advance_flow(turn: Turn, command: c.AdvanceFlow) -> None:
    """The turn after the contact's last; one that somebody else took already changes nothing."""
    contact = turn.contact(command.contact)
    if contact.state is not ContactState.IN_FLOW:
        refuse("wrong_state", "This contact is in no flow any more.")
    if command.turn != contact.flow_turn + 1:
        refuse("stale", f"The next turn of this contact is {contact.flow_turn + 1}.")
    if len(command.session) > MAX_SESSION or len(command.passed) > MAX_PASSED:
        refuse("invalid", "A turn of a flow remembers too much.")
    if len(command.node) > 2 * MAX_ID:
        refuse("invalid", "A node's name is too long.")
    _check(turn, command.leads_to)
    turn.emit(
        e.FlowAdvanced(
            contact=contact.id,
            sequence=contact.sequence + 1,
            turn=command.turn,
            node=command.node,
            passed=command.passed,
            session=command.session,
        )
    )
    if command.leads_to is not None:
        _end(turn, contact, command.leads_to)


def _check(turn: Turn, leads_to: c.FlowEnd | None) -> None:
    match leads_to:
        case c.IntoQueue():
            turn.queue_exists(leads_to.queue)
            check_steps(leads_to.steps)
            check_attributes(leads_to.attributes)
            check_boost(leads_to.boost)
            check_announcements(leads_to.announcements)
            if leads_to.call_back and not can_be_dialled(leads_to.call_back):
                refuse(
                    "invalid", "A callback needs the number to call: digits alone, or after a +."
                )
        case c.OutTo(address=address):
            if not 1 <= len(address) <= MAX_ID:
                refuse("invalid", "A transfer outside needs the number or address to go to.")
        case c.IntoVoicemail(box=box):
            if not 1 <= len(box) <= MAX_ID:
                refuse("invalid", "A message needs the box that it is for.")
        case c.SaidGoodbye() | None:
            pass
        case _:
            assert_never(leads_to)


def _end(turn: Turn, contact: Contact, leads_to: c.FlowEnd) -> None:
    match leads_to:
        case c.IntoQueue():
            _into_queue(turn, contact, leads_to)
        case c.IntoVoicemail(box=box):
            _over(turn, contact, ToVoicemail(box=box))
        case c.SaidGoodbye(text=text):
            _over(turn, contact, ToMessage(text=text[:MAX_TEXT]))
        case c.OutTo(address=address):
            turn.emit(
                e.TransferredOut(
                    contact=contact.id, sequence=contact.sequence + 1, address=address, agent=""
                )
            )
        case _:
            assert_never(leads_to)


def _over(turn: Turn, contact: Contact, to: ToVoicemail | ToMessage) -> None:
    turn.emit(
        e.Overflowed(
            contact=contact.id, sequence=contact.sequence + 1, to=to, cause=CAUSE, queue=""
        )
    )


def _into_queue(turn: Turn, contact: Contact, end: c.IntoQueue) -> None:
    enter_queue(
        turn,
        contact,
        end.queue,
        reason="arrival",
        steps=end.steps,
        boost=end.boost,
        preferred=known_agents(turn, contact.preferred + end.preferred),
        preferred_for=kept_for(turn, contact, end.queue),
        attributes=end.attributes,
        announcements=end.announcements,
        offer_callback=end.offer_callback,
    )
    if end.call_back:
        turn.emit(
            e.CallbackPromised(
                contact=contact.id,
                sequence=contact.sequence + 1,
                callback=Callback(address=end.call_back, promised_at=turn.at),
                cause=CAUSE,
            )
        )
    else:
        overflow.check(turn, contact, entering=True)


# -- versions ---------------------------------------------------------------------------------


def publish_flow(turn: Turn, command: c.PublishFlow) -> None:
    """Add a version, which nobody takes before an alias points to it."""
    known = turn.state.flows.get(command.flow)
    newest = known.newest if known is not None else 0
    if not _NAME.fullmatch(command.flow):
        refuse("invalid", "A flow's name has small letters, digits, '_', '-' and '.' only.")
    if known is None and len(turn.state.flows) >= MAX_FLOWS:
        refuse("too_many", f"There may be {MAX_FLOWS} flows at most.")
    if command.replaces != newest:
        refuse(
            "conflict",
            f"The newest version of {command.flow!r} is {newest}, not {command.replaces}: "
            "look at what changed and publish again.",
        )
    if not 1 <= len(command.source) <= MAX_SOURCE:
        refuse("invalid", f"A flow's source has 1 to {MAX_SOURCE} characters.")
    turn.emit(
        e.FlowPublished(
            flow=command.flow,
            version=newest + 1,
            source=command.source,
            note=command.note[:500],
        )
    )


def point_alias(turn: Turn, command: c.PointAlias) -> None:
    """Contacts that come from now on take this version; those in a flow stay on theirs."""
    known = turn.state.flows.get(command.flow, FlowVersions())
    if not 1 <= command.version <= known.newest:
        flow = command.flow[:MAX_ID]
        refuse("unknown_version", f"The flow {flow!r} has no version {command.version}.")
    if not _NAME.fullmatch(command.alias):
        refuse("invalid", "An alias has small letters, digits, '_', '-' and '.' only.")
    now = known.aliases.get(command.alias, 0)
    if command.replaces != now:
        refuse(
            "conflict",
            f"{command.alias!r} points to version {now}, not {command.replaces}: look at what "
            "changed and try again.",
        )
    if not now and len(known.aliases) >= MAX_ALIASES:
        refuse("too_many", f"A flow may have {MAX_ALIASES} aliases at most.")
    if command.version != now:
        turn.emit(
            e.FlowAliasPointed(flow=command.flow, alias=command.alias, version=command.version)
        )
