"""A flow tried out on contacts of the past: where it would have led each, on which way, and why.

The way is the interpreter's own, in a world that is given: queues and hours as they are now, or as
they were; whom looking for a customer finds is who the contact's customer was. Contacts who were
there (chats) are taken to have answered nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from ivr.core.conversation import Ran, result_of, run
from ivr.core.facts import Customer, LocalTime
from ivr.core.library import Library
from ivr.core.nodes import Flow
from ivr.core.script import Act, Caller, Conversation, Given, Result
from ivr.core.session import Because, Line, Passed, Queued
from router.core.requirements import Step

MAX_CONTACTS: Final = 500
MAX_SILENCES: Final = 60  # of one contact who was there
_SILENT: Final = (Act(silence=True),) * MAX_SILENCES


class PastContact(msgspec.Struct, frozen=True, kw_only=True):
    """``address`` is the sender's; ``said`` what the customer had written when it came, ``time``
    when that was on the centre's wall; None: as the world says.
    """

    id: str
    channel: str
    address: str = ""
    subject: str = ""
    said: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    customer: Customer | None = None
    language: str = ""
    time: LocalTime | None = None


class Led(msgspec.Struct, frozen=True, kw_only=True):
    """Where the flow leads ``contact``: how it ``ends`` and ``at`` which queue, box or number.

    ``path`` has the nodes of flows that it calls as well; ``says`` is all that it says; ``gives``
    are the attributes with which the contact goes on that it did not come with. ``boost`` is
    microseconds. ``because`` is set when the flow cannot go on.
    """

    contact: str
    ends: Result
    at: str
    path: tuple[Passed, ...]
    says: tuple[Line, ...] = ()
    gives: dict[str, str] = {}
    language: str = ""
    steps: tuple[Step, ...] = ()
    boost: int = 0
    preferred: tuple[str, ...] = ()
    because: Because = ""


class LedElsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that another version would have led somewhere else, or otherwise."""

    contact: str
    before: Led
    after: Led


def rehearse(
    flow: Flow,
    contacts: Iterable[PastContact],
    library: Library | None = None,
    given: Given | None = None,
) -> tuple[Led, ...]:
    """Where ``flow`` leads each of the first 500 ``contacts``. ``library`` has the flows it calls,
    ``given`` is the world: without one, queues are staffed and empty, and hours open.
    """
    world = given or Given()
    return tuple(
        _led(one, run(_script(one, world), flow, library)) for one in islice(contacts, MAX_CONTACTS)
    )


def led_elsewhere(before: Iterable[Led], after: Iterable[Led]) -> tuple[LedElsewhere, ...]:
    """The contacts whose end, demands, credit or attributes differ; the way there may as well."""
    known = {one.contact: one for one in before}
    return tuple(
        LedElsewhere(contact=one.contact, before=known[one.contact], after=one)
        for one in after
        if one.contact in known and _end(known[one.contact]) != _end(one)
    )


def _end(led: Led) -> Led:
    """Without how it came there."""
    return replace(led, path=(), says=())


def _script(contact: PastContact, world: Given) -> Conversation:
    found = (contact.customer,) if contact.customer is not None else ()
    return Conversation(
        name=contact.id[:80] or "contact",
        caller=Caller(
            channel=contact.channel,
            address=contact.address,
            contact=contact.id,
            language=contact.language or None,
            customer=contact.customer,
            attributes=contact.attributes,
            subject=contact.subject,
            said=contact.said,
        ),
        given=replace(world, time=contact.time or world.time, identified=found),
        acts=_SILENT,
    )


def _led(contact: PastContact, ran: Ran) -> Led:
    session, outcome = ran.session, ran.session.outcome
    ends, at = result_of(outcome)
    came_with = {**contact.attributes, "subject": contact.subject}
    return Led(
        contact=contact.id,
        ends=ends,
        at=at if outcome is not None else session.node,
        path=ran.path,
        says=ran.heard,
        gives={
            name: value
            for name, value in session.attributes.items()
            if value and came_with.get(name) != value
        },
        language=session.language,
        steps=outcome.steps if isinstance(outcome, Queued) else session.steps,
        boost=session.boost,
        preferred=session.preferred,
        because=outcome.because if outcome is not None else "",
    )
