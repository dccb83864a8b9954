"""Connectors at work: asked a few at a time, for a bounded time, and left alone while they fail.

What customers gave, what headers hold and what was answered is in no log.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

import msgspec

from ivr.connectors.answers import read_answer
from ivr.connectors.breaker import Breaker
from ivr.connectors.definitions import Connector
from ivr.connectors.requests import request_for
from ivr.core.scope import Signature
from ivr.core.session import LookedUp
from ivr.lookups import FAILED, Connectors
from router.core.durations import SECOND
from router.foreign_json import Unreadable
from router.outgoing.exchange import Answered, Resolve, Unanswered, Why, exchange
from router.outgoing.requests import Unaskable
from router.outgoing.resolving import Resolver
from router.ports import Clock

_Own = Literal["parameters", "resting", "busy", "timeout", "status"]
Outcome = Literal["found", "not_found", "said_failed"] | _Own | Why
"""How a look-up went; ``said_failed``: by what the answer says."""

_OVERLOADED: Final = (408, 429)

log = logging.getLogger(__name__)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One look-up that is over; ``took`` microseconds."""

    connector: str
    outcome: Outcome
    took: int


class HttpConnectors(Connectors):
    """Made where there is no event loop yet; ``close`` it. ``on_asked`` is told of each look-up.

    Raises ``OSError`` (``ssl.SSLError`` is one) when a file of certificates cannot be used.
    """

    def __init__(
        self,
        connectors: Iterable[Connector],
        clock: Clock,
        *,
        on_asked: Callable[[Asked], None] = lambda _: None,
        resolve: Resolve | None = None,
    ) -> None:
        self._resolver = Resolver()
        found = resolve or self._resolver
        self._systems = {one.id: _System(one, clock, found, on_asked) for one in connectors}

    @property
    def signatures(self) -> dict[str, Signature]:
        return {name: one.connector.signature for name, one in self._systems.items()}

    @property
    def resting(self) -> list[str]:
        """The connectors that are left alone now."""
        return [name for name, one in self._systems.items() if one.is_resting]

    async def ask(self, connector: str, parameters: Mapping[str, str]) -> LookedUp | None:
        system = self._systems.get(connector)
        return None if system is None else await system.ask(parameters)

    def close(self) -> None:
        self._resolver.close()


class _System:
    """One connector, with what is known of how it does."""

    def __init__(
        self,
        connector: Connector,
        clock: Clock,
        resolve: Resolve,
        on_asked: Callable[[Asked], None],
    ) -> None:
        self.connector = connector
        self._clock = clock
        self._resolve = resolve
        self._on_asked = on_asked
        self._destination = connector.destination
        self._trust = _trust(connector)
        self._places = asyncio.Semaphore(connector.at_once)
        self._breaker = Breaker()

    @property
    def is_resting(self) -> bool:
        return self._breaker.is_open(self._clock.now())

    async def ask(self, parameters: Mapping[str, str]) -> LookedUp:
        began = self._clock.now()
        attempt = _Attempt()
        found = FAILED
        try:
            async with asyncio.timeout(self.connector.timeout / SECOND):
                found = await self._ask(parameters, attempt)
        except TimeoutError:
            log.info("the connector %s: %s", self.connector.id, attempt.outcome)
        finally:  # a flow may end it sooner
            took = max(self._clock.now() - began, 0)
            outcome = attempt.outcome
            self._on_asked(Asked(connector=self.connector.id, outcome=outcome, took=took))
        return found

    async def _ask(self, parameters: Mapping[str, str], attempt: _Attempt) -> LookedUp:
        try:
            request = request_for(self.connector, parameters)
        except Unaskable as problem:
            return self._failed(attempt, "parameters", str(problem))
        if self.is_resting:
            return self._resting(attempt)
        async with self._places:
            if not self._breaker.enter(self._clock.now()):
                return self._resting(attempt)
            attempt.outcome = "timeout"
            works = False
            try:
                answered = await exchange(self._destination, request, self._resolve, self._trust)
                works = answered.status < 500 and answered.status not in _OVERLOADED
            except Unanswered as problem:
                works = problem.why in ("too_large", "unreadable")
                return self._failed(attempt, problem.why, problem.told)
            finally:
                self._learn(works=works)
        return self._judged(answered, attempt)

    def _judged(self, answered: Answered, attempt: _Attempt) -> LookedUp:
        reading = self.connector.reading
        if answered.status in reading.not_found_status:
            attempt.outcome = "not_found"
            return LookedUp(turn=0, result="not_found")
        if answered.status not in reading.found_status:
            return self._failed(attempt, "status", f"it answers {answered.status}")
        try:
            found = read_answer(reading, answered.content_type, answered.body)
        except Unreadable as problem:
            return self._failed(attempt, "unreadable", str(problem))
        attempt.outcome = "said_failed" if found.result == "failed" else found.result
        return found

    def _failed(self, attempt: _Attempt, outcome: Outcome, told: str) -> LookedUp:
        attempt.outcome = outcome
        log.info("the connector %s failed: %s", self.connector.id, told)
        return FAILED

    def _resting(self, attempt: _Attempt) -> LookedUp:
        attempt.outcome = "resting"
        return FAILED

    def _learn(self, *, works: bool) -> None:
        name = self.connector.id
        if not works:
            if self._breaker.failed(self._clock.now()):
                log.warning("the connector %s fails again and again: it is left alone", name)
        elif self._breaker.worked():
            log.warning("the connector %s works again", name)


def _trust(connector: Connector) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=connector.ca_file) if connector.tls else None


class _Attempt:
    """How a look-up stands, for whoever ends it."""

    def __init__(self) -> None:
        self.outcome: Outcome = "busy"
