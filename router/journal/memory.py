"""A journal that lives as long as the process: for tests and for the shortest of trials."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count

from router.core.events import Entry, Rejected
from router.journal.codec import decode, encode
from router.ports import NOTHING, JournalUnavailable, Snapshot


class MemoryJournal:
    """Keeps encoded records, so that what is read back has been through the codec."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._snapshot: Snapshot | None = None
        self._closed = False

    async def append(
        self,
        entries: Sequence[Entry],
        refused: Mapping[str, Rejected] = NOTHING,  # noqa: ARG002 - no copy outlives the process
    ) -> None:
        await asyncio.sleep(0)  # gives way like a journal that waits for a disk
        self._check_open()
        records = []
        for position, entry in enumerate(entries, start=len(self._records) + 1):
            if entry.position != position:
                raise ValueError(f"entry {entry.position} cannot be stored at {position}")
            records.append(encode(entry))
        self._records.extend(records)

    async def confirm(self, refused: Mapping[str, Rejected] = NOTHING) -> None:  # noqa: ARG002
        self._check_open()

    async def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        for position in count(after):
            self._check_open()
            if position >= len(self._records) or (until is not None and position >= until):
                return
            yield decode(self._records[position])

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        self._check_open()
        self._snapshot = snapshot

    async def load_snapshot(self) -> Snapshot | None:
        return self._snapshot

    async def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise JournalUnavailable("The journal in memory is closed; start Patchbay again.")
