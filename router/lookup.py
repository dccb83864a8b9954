"""Asking the customer directory without trusting it: bounded time, bounded answers, no surprises.

A directory may hang, raise, answer late or answer nonsense; the contact neither waits for it
longer than the timeout nor suffers from it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from router.core.durations import SECOND
from router.core.model import CustomerRef
from router.customers import Identification
from router.ports import CustomerDirectory
from router.tasks import Tasks

LATE_LIMIT = 60 * SECOND  # an answer later than this is not waited for
MAX_OUTSTANDING = 1_000  # while more than this hang, new contacts come in unidentified
MAX_CANDIDATES = 20
MAX_PREFERRED = 8
MAX_TEXT = 200

log = logging.getLogger(__name__)


class Lookup:
    """One question under way."""

    def __init__(self, task: asyncio.Task[Identification] | None, timeout: float) -> None:
        self._task = task
        self._timeout = timeout

    async def in_time(self) -> Identification | None:
        """The answer, empty when there is none to be had; None when it is still to come."""
        return await self._answer_within(self._timeout)

    async def later(self) -> Identification | None:
        """The late answer; None when it never came."""
        found = await self._answer_within(LATE_LIMIT / SECOND)
        self.abandon()
        return found

    def abandon(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _answer_within(self, seconds: float) -> Identification | None:
        if self._task is None:
            return Identification()
        await asyncio.wait({self._task}, timeout=seconds)
        if not self._task.done():
            return None
        return Identification() if self._task.cancelled() else self._task.result()


class Lookups:
    """``timeout`` is in microseconds."""

    def __init__(self, directory: CustomerDirectory, timeout: int) -> None:
        self._directory = directory
        self._timeout = timeout / SECOND
        self._outstanding = Tasks()

    def begin(self, channel: str, address: str) -> Lookup:
        """Start asking; nobody is asked about an empty address."""
        if not address or len(self._outstanding) >= MAX_OUTSTANDING:
            return Lookup(None, self._timeout)
        return Lookup(self._outstanding.start(self._ask(channel, address)), self._timeout)

    async def close(self) -> None:
        await self._outstanding.close()

    async def _ask(self, channel: str, address: str) -> Identification:
        try:
            return credible(await self._directory.identify(channel, address))
        except Exception:
            log.exception("the customer directory failed; the contact comes in unidentified")
            return Identification()


def credible(answer: object) -> Identification:
    """The part of a directory's answer that routing can rely on."""
    if not isinstance(answer, Identification):
        log.error("the customer directory answered a %s", type(answer).__name__)
        return Identification()
    pairs = list(zip(answer.customers, _padded(answer), strict=False))[:MAX_CANDIDATES]
    sound = [(customer, why) for customer, why in pairs if _sound(customer)]
    return Identification(
        customers=tuple(customer for customer, _ in sound),
        matched_by=tuple(str(why)[:MAX_TEXT] for _, why in sound),
        preferred_agents=tuple(_texts(answer.preferred_agents))[:MAX_PREFERRED],
    )


def _padded(answer: Identification) -> tuple[str, ...]:
    return answer.matched_by + ("",) * len(answer.customers)


def _texts(values: Iterable[object]) -> list[str]:
    return [value for value in values if isinstance(value, str) and value]


def _sound(customer: object) -> bool:
    """Structs do not check their fields when they are made in Python, so it is done here."""
    if not isinstance(customer, CustomerRef) or not customer.id:
        return False
    texts: tuple[object, ...] = (customer.id, customer.name, customer.tier)
    value: object = customer.value
    fits = all(isinstance(text, str) and len(text) <= MAX_TEXT for text in texts)
    return fits and isinstance(value, int)
