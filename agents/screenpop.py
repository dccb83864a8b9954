"""The customer's record, fetched while the contact is still in the flow: a pop without a spinner.

A record store that is slow or down costs no contact anything: the pop shows what routing knows
(name, tier, value) and is filled in when the record comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeVar

import msgspec

from router.core.events import (
    Abandoned,
    Completed,
    CustomerIdentified,
    Entry,
    Overflowed,
    TransferredOut,
    WrapUpFinished,
)
from router.core.model import Contact, CustomerRef
from router.customers import (
    Candidate,
    CustomerRecord,
    Identification,
    ScreenPop,
)
from router.ports import CustomerDirectory, CustomerRecords
from router.tasks import Tasks

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")
NOBODY = ScreenPop()

# After one of these the state may have no more of the contact.
_LAST = (Abandoned, Completed, Overflowed, TransferredOut, WrapUpFinished)


class PopLimits(msgspec.Struct, frozen=True, kw_only=True):
    """``contacts`` pops are kept at most; ``timeout`` and ``pauses`` (before each further attempt)
    are seconds; ``at_once`` lookups run side by side.
    """

    contacts: int = 20_000
    timeout: float = 2.0
    pauses: tuple[float, ...] = (1.0, 5.0, 30.0)
    at_once: int = 16


class _Pop(msgspec.Struct):
    """What is known about one contact's customer. ``fetch`` is the lookup under way."""

    pop: ScreenPop
    customer: CustomerRef | None = None
    candidates: tuple[Candidate, ...] = ()
    fetch: asyncio.Task[None] | None = None


class ScreenPops:
    """Pops of live contacts, by contact id. Needs a running event loop to fetch anything.

    ``on_change`` hears the ids of contacts whose pop was filled in or replaced later.
    """

    def __init__(
        self,
        records: CustomerRecords,
        directory: CustomerDirectory,
        limits: PopLimits | None = None,
    ) -> None:
        self._records = records
        self._directory = directory
        self._limits = limits or PopLimits()
        self._gate = asyncio.Semaphore(self._limits.at_once)
        self._pops: OrderedDict[str, _Pop] = OrderedDict()
        self._tasks = Tasks()
        self.on_change: Callable[[str], None] = _ignore

    def prefetch(self, contact: str, identification: Identification) -> None:
        """Start on the record as soon as the address has been looked up."""
        candidates = tuple(
            Candidate(customer=customer, matched_by=why)
            for customer, why in zip(
                identification.customers, _padded(identification), strict=False
            )
        )
        held = self._hold(contact, NOBODY)
        held.candidates = candidates
        if identification.certain is not None or held.customer is None:
            self._settle(contact, held, identification.certain)
            self.on_change(contact)

    def pop(self, contact: Contact) -> ScreenPop:
        """What to show now, from memory. What is missing is fetched and announced later."""
        held = self._pops.get(contact.id)
        if held is None:
            held = self._recover(contact)
        elif held.customer != contact.customer and contact.customer is not None:
            self._settle(contact.id, held, contact.customer)
        return held.pop

    def identified(self, contact: str, customer: CustomerRef | None) -> None:
        """The contact's customer was set, changed or taken back."""
        held = self._hold(contact, NOBODY)
        if held.customer != customer:
            self._settle(contact, held, customer)

    def follow(self, entry: Entry, contacts: Mapping[str, Contact]) -> None:
        """Take in what ``entry`` says of customers; let go of contacts that are in no state."""
        for event in entry.events:
            if isinstance(event, CustomerIdentified):
                self.identified(event.contact, event.customer)
            if isinstance(event, _LAST) and event.contact not in contacts:
                self.release(event.contact)

    def customer_changed(self, customer: str) -> None:
        """The record was edited: fetch it again for every contact that shows it."""
        for contact, held in list(self._pops.items()):
            if held.customer is not None and held.customer.id == customer:
                self._fetch_record(contact, held, held.customer)

    def release(self, contact: str) -> None:
        """The contact is gone."""
        held = self._pops.pop(contact, None)
        if held is not None:
            _stop(held)

    def __len__(self) -> int:
        return len(self._pops)

    async def close(self) -> None:
        """Stop every lookup under way."""
        await self._tasks.close()

    def _hold(self, contact: str, pop: ScreenPop) -> _Pop:
        held = self._pops.get(contact)
        if held is None:
            held = self._pops[contact] = _Pop(pop=pop)
            if len(self._pops) > self._limits.contacts:
                _stop(self._pops.popitem(last=False)[1])
        return held

    def _settle(self, contact: str, held: _Pop, customer: CustomerRef | None) -> None:
        """Show what is known about ``customer`` at once and fetch the rest."""
        _stop(held)
        held.customer = customer
        if customer is None:
            held.pop = _of_candidates(held.candidates)
        else:
            held.pop = _of_reference(customer)
            self._fetch_record(contact, held, customer)

    def _recover(self, contact: Contact) -> _Pop:
        """A contact nobody prefetched (the service restarted): begin now."""
        held = self._hold(contact.id, NOBODY)
        if contact.customer is None and contact.address:
            held.fetch = self._tasks.start(self._identify(contact, held))
        else:
            self._settle(contact.id, held, contact.customer)
        return held

    async def _identify(self, contact: Contact, held: _Pop) -> None:
        channel, address = contact.channel, contact.address
        found = await self._persistently(lambda: self._directory.identify(channel, address))
        if found is not None and found.customers and self._pops.get(contact.id) is held:
            held.fetch = None  # this task itself: it must not be stopped by what follows
            self.prefetch(contact.id, found)

    def _fetch_record(self, contact: str, held: _Pop, customer: CustomerRef) -> None:
        _stop(held)
        held.fetch = self._tasks.start(self._fill_in(contact, held, customer))

    async def _fill_in(self, contact: str, held: _Pop, customer: CustomerRef) -> None:
        record = await self._persistently(lambda: self._records.record(customer.id))
        if record is None or self._pops.get(contact) is not held:
            return
        held.pop = _of_record(record)
        self.on_change(contact)

    async def _persistently(
        self, attempt: Callable[[], Awaitable[ResultT | None]]
    ) -> ResultT | None:
        """The first answer, None when there is none even after the last pause."""
        for pause in (*self._limits.pauses, None):
            try:
                async with self._gate, asyncio.timeout(self._limits.timeout):
                    return await attempt()
            except Exception as problem:  # noqa: BLE001 - whatever the store does, calls go on
                log.warning("customer lookup failed (%s)", type(problem).__name__)
            if pause is not None:
                await asyncio.sleep(pause)
        return None


def _ignore(_contact: str) -> None:
    return None


def _stop(held: _Pop) -> None:
    if held.fetch is not None:
        held.fetch.cancel()
        held.fetch = None


def _padded(identification: Identification) -> tuple[str, ...]:
    missing = len(identification.customers) - len(identification.matched_by)
    return identification.matched_by + ("",) * missing


def _of_candidates(candidates: tuple[Candidate, ...]) -> ScreenPop:
    case: Literal["none", "several"] = "several" if len(candidates) > 1 else "none"
    return ScreenPop(case=case, candidates=candidates)


def _of_reference(customer: CustomerRef) -> ScreenPop:
    known = CustomerRecord(
        id=customer.id, name=customer.name, tier=customer.tier, value=customer.value
    )
    return ScreenPop(case="one", customer=known)


def _of_record(record: CustomerRecord) -> ScreenPop:
    return ScreenPop(case="one", customer=record)
