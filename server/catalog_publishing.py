"""Putting a catalog in force: checked, compared, numbered, and published as one event."""

from __future__ import annotations

import asyncio

import msgspec

from config.catalog import Problem, check_text, diff
from router.core.catalog import Catalog
from router.core.commands import PublishCatalog
from router.core.state import WAITING
from router.ports import Clock, CommandSink, Outcome
from router.replica import Replica

FILE = "catalog"


class CatalogCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing a source would mean. ``changes`` are sentences, against what is in force."""

    ok: bool
    problems: tuple[Problem, ...]
    changes: tuple[str, ...]
    version: int  # in force while this was checked
    waiting: int  # contacts that are waiting and would be served by the new rules


class CatalogPublisher:
    """Checks and publishes catalogs."""

    def __init__(self, sink: CommandSink, replica: Replica, clock: Clock) -> None:
        self._sink = sink
        self._replica = replica
        self._clock = clock

    @property
    def current(self) -> Catalog:
        return self._replica.state.catalog

    async def check(self, source: str) -> tuple[CatalogCheck, Catalog | None]:
        """The verdict on ``source``, and the catalog when it has no errors."""
        # A large source takes long to read, and nobody else should wait for it.
        report = await asyncio.to_thread(check_text, source, file=FILE, at=self._clock.now())
        current = self.current
        words = diff(current, report.catalog) if report.catalog else []
        check = CatalogCheck(
            ok=report.ok,
            problems=report.problems,
            changes=tuple(words),
            version=current.version,
            waiting=sum(one.state in WAITING for one in self._replica.state.contacts.values()),
        )
        return check, report.catalog

    async def publish(
        self, catalog: Catalog, replaces: int, note: str, *, command: str, by: str
    ) -> Outcome:
        """Put ``catalog`` in force if version ``replaces`` still is."""
        numbered = msgspec.structs.replace(catalog, version=replaces + 1)
        return await self._sink.submit(
            PublishCatalog(id=command, by=by, catalog=numbered, replaces=replaces, note=note)
        )
