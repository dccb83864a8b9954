"""Putting a catalog in force: checked, compared, numbered, and published as one event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from config.catalog import Problem, check_text, diff
from router.core.catalog import Catalog
from router.core.commands import PublishCatalog
from router.core.state import WAITING
from router.ports import Clock, CommandSink, Outcome
from router.replica import Replica

FILE = "catalog"


def _nothing(_catalog: Catalog) -> Sequence[Problem]:
    return ()


class CatalogCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing a source would mean. ``changes`` are sentences, against what is in force."""

    ok: bool
    problems: tuple[Problem, ...]
    changes: tuple[str, ...]
    version: int  # in force while this was checked
    waiting: int  # contacts that are waiting and would be served by the new rules


class CatalogPublisher:
    """Checks and publishes catalogs. ``depending`` says what else would suffer from one; it is
    called in a thread.
    """

    def __init__(
        self,
        sink: CommandSink,
        replica: Replica,
        clock: Clock,
        depending: Callable[[Catalog], Sequence[Problem]] = _nothing,
    ) -> None:
        self._sink = sink
        self._replica = replica
        self._clock = clock
        self._depending = depending

    @property
    def current(self) -> Catalog:
        return self._replica.state.catalog

    async def check(self, source: str) -> tuple[CatalogCheck, Catalog | None]:
        """The verdict on ``source``, and the catalog when it has no errors."""
        # A large source takes long to read, and nobody else should wait for it.
        report = await asyncio.to_thread(check_text, source, file=FILE, at=self._clock.now())
        current, catalog = self.current, report.catalog
        words = diff(current, catalog) if catalog else []
        suffers = await asyncio.to_thread(self._depending, catalog) if catalog else ()
        ok = report.ok and not any(one.severity == "error" for one in suffers)
        check = CatalogCheck(
            ok=ok,
            problems=(*report.problems, *suffers),
            changes=tuple(words),
            version=current.version,
            waiting=sum(one.state in WAITING for one in self._replica.state.contacts.values()),
        )
        return check, catalog if ok else None

    async def compare(self, before: str, after: str) -> list[str] | None:
        """What changes between two sources, in sentences; None when one of them has errors."""
        now = self._clock.now()
        old, new = [
            (await asyncio.to_thread(check_text, source, file=FILE, at=now)).catalog
            for source in (before, after)
        ]
        return None if old is None or new is None else diff(old, new)

    async def publish(
        self, catalog: Catalog, replaces: int, note: str, *, command: str, by: str
    ) -> Outcome:
        """Put ``catalog`` in force if version ``replaces`` still is."""
        numbered = msgspec.structs.replace(catalog, version=replaces + 1)
        return await self._sink.submit(
            PublishCatalog(id=command, by=by, catalog=numbered, replaces=replaces, note=note)
        )
