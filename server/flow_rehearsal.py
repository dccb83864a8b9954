"""Trying a flow out on contacts of the past: mails from the mail store, chats from the history.

The mails are read as they came, the customers are who they are today. Times are microseconds UTC.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal

import msgspec

from crm.past import EndedContact
from crm.store import CustomerStore
from cti_adapters.email.model import Mail
from cti_adapters.email.ports import Became, Incoming, MailStore
from cti_adapters.email.same_address import base_of
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.taking_in import attributes_of, contact_of, said_by
from ivr.core.document import decode
from ivr.core.facts import Customer, LocalTime
from ivr.core.library import Library
from ivr.core.nodes import Flow
from ivr.core.rehearsal import MAX_CONTACTS, Led, PastContact, led_elsewhere, rehearse
from ivr.core.script import Result
from ivr.world import customer_of
from router.core.catalog import LIVE
from router.core.durations import SECOND
from router.core.requirements import describe
from router.replica import Replica
from router.text import one_line
from server.flow_publishing import FlowCheck, FlowPublisher

Channel = Literal["email", "chat"]

MOST_SECONDS: Final = 10.0  # for walking; what was not reached is not shown
AT_ONCE: Final = 10  # contacts between two looks at the clock
LONGEST_PATH: Final = 60  # nodes that are shown
SHOWN: Final = 200  # characters of what was written


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version leads a contact; see ``ivr.core.rehearsal.Led``. ``path`` has nodes of the
    flow itself. ``asks_for`` are the steps in words.
    """

    ends: Result
    at: str
    path: tuple[str, ...]
    gives: dict[str, str]
    asks_for: tuple[str, ...] = ()
    boost: int = 0
    language: str = ""
    preferred: tuple[str, ...] = ()
    because: str = ""


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """``was_in`` is the queue it ended in, when that is known; ``before`` is where the version in
    force leads it, None without one.
    """

    contact: str
    at: int
    sender: str
    subject: str
    beginning: str
    customer: str
    was_in: str
    after: Where
    before: Where | None
    elsewhere: bool


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """``found`` contacts there were to try; ``contacts`` are those that time was enough for, the
    newest first. ``in_force`` is the version they are compared with, 0: none.
    """

    found: int
    in_force: int
    contacts: tuple[Rehearsed, ...]


class _Past(msgspec.Struct, frozen=True, kw_only=True):
    contact: PastContact
    at: int
    was_in: str = ""


class Rehearsals:
    """``mailboxes`` are those that are read; ``zone`` is where the centre's clock hangs."""

    def __init__(
        self,
        mails: MailStore,
        customers: CustomerStore,
        publisher: FlowPublisher,
        library: Library,
        replica: Replica,
        *,
        mailboxes: Callable[[], Mapping[str, MailboxSettings]],
        zone: tzinfo,
    ) -> None:
        self._mails = mails
        self._customers = customers
        self._publisher = publisher
        self._library = library
        self._replica = replica
        self._mailboxes = mailboxes
        self._zone = zone
        self._walking = asyncio.Lock()  # one at a time: it takes a whole core

    async def rehearse(
        self, flow: str, document: object, channel: Channel, most: int
    ) -> Rehearsal | FlowCheck:
        """The problems when the document cannot be read. Raises ``StoreUnavailable`` and
        ``DatabaseUnavailable``.
        """
        reading = await asyncio.to_thread(decode, document)
        if reading.flow is None:
            return (await self._publisher.check(document))[0]
        number = self._in_force(flow)
        before = await self._publisher.version(flow, number) if number else None
        found = await self._past(flow, channel, min(most, MAX_CONTACTS))
        async with self._walking:
            told = await asyncio.to_thread(_walk, reading.flow, before, found, self._library)
        return Rehearsal(
            found=len(found), in_force=number if before is not None else 0, contacts=told
        )

    def _in_force(self, flow: str) -> int:
        known = self._replica.state.flows.get(flow)
        return known.aliases.get(LIVE, known.newest) if known is not None else 0

    # -- contacts of the past -----------------------------------------------------------------

    async def _past(self, flow: str, channel: Channel, most: int) -> list[_Past]:
        match channel:
            case "email":
                return await self._past_mails(flow, most)
            case "chat":
                ended = await self._customers.latest_of(channel, most)
                known = await self._known(channel, [one.address for one in ended])
                return [self._chat(one, known.get(one.address)) for one in ended]

    async def _past_mails(self, flow: str, most: int) -> list[_Past]:
        boxes = self._mailboxes()
        wanted = self._boxes_into(flow, boxes) or boxes.keys()
        own = frozenset(base_of(one) for box in boxes.values() for one in box.addresses)
        came = await self._mails.that_became(Became.CONTACT, most)
        mails = [
            (one, one.mail)
            for one in came
            if isinstance(one.mail, Mail) and (one.mailbox in wanted or not boxes)
        ]
        known = await self._known("email", [mail.sender.address for _, mail in mails])
        return [
            self._mail(one, mail, boxes.get(one.mailbox), own, known.get(mail.sender.address))
            for one, mail in mails
        ]

    def _boxes_into(self, flow: str, boxes: Mapping[str, MailboxSettings]) -> set[str]:
        """Mailboxes whose mails go into this flow today."""
        points = self._replica.state.catalog.entry_points
        into = {key for key, one in points.items() if one.flow == flow}
        return {key for key, box in boxes.items() if box.entry_point in into}

    async def _known(self, channel: str, addresses: Iterable[str]) -> dict[str, Customer | None]:
        """Who an address certainly belongs to, each asked for once."""
        found: dict[str, Customer | None] = {}
        for address in dict.fromkeys(addresses):
            who = await self._customers.identify(channel, address)
            found[address] = customer_of(who.certain)
        return found

    def _mail(
        self,
        incoming: Incoming,
        mail: Mail,
        box: MailboxSettings | None,
        own: Collection[str],
        customer: Customer | None,
    ) -> _Past:
        attributes = attributes_of(mail, mail_to=box.address if box is not None else "", own=own)
        live = self._replica.state.contacts.get(contact_of(incoming))
        return _Past(
            contact=PastContact(
                id=contact_of(incoming),
                channel="email",
                address=mail.sender.address,
                subject=mail.subject,
                said=(said_by(incoming, mail).text,),
                attributes=attributes,
                customer=customer,
                time=self._wall_clock(incoming.at),
            ),
            at=incoming.at,
            was_in=live.queue if live is not None else "",
        )

    def _chat(self, ended: EndedContact, customer: Customer | None) -> _Past:
        first = next((one.text for one in ended.transcript if one.author == "customer"), "")
        return _Past(
            contact=PastContact(
                id=ended.contact,
                channel=ended.channel,
                address=ended.address,
                said=(first,) if first else (),
                customer=customer,
                time=self._wall_clock(ended.arrived_at),
            ),
            at=ended.arrived_at,
            was_in=ended.queue,
        )

    def _wall_clock(self, at: int) -> LocalTime:
        then = datetime.fromtimestamp(at // SECOND, UTC).astimezone(self._zone)
        return LocalTime(weekday=then.isoweekday(), minute=then.hour * 60 + then.minute)


# -- walking, in a thread ---------------------------------------------------------------------


def _walk(
    flow: Flow, before: Flow | None, found: list[_Past], library: Library
) -> tuple[Rehearsed, ...]:
    """As many as time is enough for, a few at a time."""
    until = time.monotonic() + MOST_SECONDS
    told: list[Rehearsed] = []
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        contacts = [one.contact for one in part]
        after = rehearse(flow, contacts, library)
        old = rehearse(before, contacts, library) if before is not None else ()
        told += _compared(part, old, after, flow.id)
        if time.monotonic() > until:
            break
    return tuple(told)


def _compared(
    part: list[_Past], old: tuple[Led, ...], after: tuple[Led, ...], flow: str
) -> Iterable[Rehearsed]:
    elsewhere = {one.contact for one in led_elsewhere(old, after)}
    before = {one.contact: one for one in old}
    for past, led in zip(part, after, strict=True):
        known = before.get(led.contact)
        yield Rehearsed(
            contact=led.contact,
            at=past.at,
            sender=past.contact.address,
            subject=past.contact.subject[:SHOWN],
            beginning=one_line(" ".join(past.contact.said)[: 2 * SHOWN])[:SHOWN],
            customer=past.contact.customer.name if past.contact.customer is not None else "",
            was_in=past.was_in,
            after=_where(led, flow),
            before=_where(known, flow) if known is not None else None,
            elsewhere=led.contact in elsewhere,
        )


def _where(led: Led, flow: str) -> Where:
    own = [one.node for one in led.path if one.flow == flow and one.depth == 1]
    return Where(
        ends=led.ends,
        at=led.at,
        path=tuple(own[:LONGEST_PATH]),
        gives=led.gives,
        asks_for=tuple(describe(step.condition) for step in led.steps),
        boost=led.boost,
        language=led.language,
        preferred=led.preferred,
        because=led.because,
    )
