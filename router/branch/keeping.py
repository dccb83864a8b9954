"""When the copy of the log goes to the branch's disk: a little later than it is heard, together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from router.branch.store import KEPT_RECORDS, BranchFolderUnusable, BranchStore
from router.journal.codec import encode_snapshot
from router.ports import Snapshot
from router.replica import Replica

KEEPS_EVERY: Final = 0.2  # seconds, what may be lost with the process
TRIES_AGAIN: Final = 2.0  # seconds, what the disk could not take


class Keeping:
    """``run`` it. It is told of each record with ``note``, of another state with ``begin_anew``."""

    def __init__(self, store: BranchStore, replica: Replica) -> None:
        self._store = store
        self._replica = replica
        self._image: tuple[int, bytes] | None = None  # to be kept before ``_records``
        self._records: list[tuple[int, bytes]] = []
        self._under_way = False
        self._since = 0  # records since the last image
        self._something = asyncio.Event()

    @property
    def done(self) -> bool:
        """Whether everything that was heard is on the disk."""
        return not self._records and self._image is None and not self._under_way

    def note(self, position: int, record: bytes) -> None:
        """A record of the log, sealed, which the replica holds already."""
        self._records.append((position, record))
        self._something.set()

    def begin_anew(self, position: int, body: bytes) -> None:
        """``body`` is a sealed snapshot. What was kept before is of no use any more, and may be of
        another log.
        """
        self._image, self._records, self._since = (position, body), [], 0
        self._something.set()

    def drop(self) -> None:
        """What is not on the disk yet is lost, as with the process."""
        self._image, self._records = None, []

    async def run(self, warn: Callable[[str], None]) -> None:
        """Until it is cancelled. ``warn`` gets a sentence for the operator."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(KEEPS_EVERY):
                    await self._something.wait()
            self._something.clear()
            try:
                await self.keep()
            except BranchFolderUnusable as problem:
                warn(str(problem))
                await asyncio.sleep(TRIES_AGAIN)

    async def keep(self) -> None:
        """Everything up to now, and which requests were answered; now and then as one image, so
        that a start is quick. Raises ``BranchFolderUnusable``.
        """
        self._under_way = True
        try:
            if self._since + len(self._records) >= KEPT_RECORDS:
                self._take_image()
            await self._keep_image()
            await self._keep_records()
        finally:
            self._under_way = False
        await self._store.flush()

    def _take_image(self) -> None:
        state = self._replica.state
        image = Snapshot(position=state.position, at=state.at, body=state.snapshot())
        self.begin_anew(state.position, encode_snapshot(image))

    async def _keep_image(self) -> None:
        while (image := self._image) is not None:
            await self._store.begin_anew(*image)
            if self._image is image:
                self._image = None

    async def _keep_records(self) -> None:
        records, self._records = self._records, []
        if records:
            kept, self._since = self._since, KEPT_RECORDS  # a gap, if it fails
            await self._store.keep_records(records)
            if self._image is None:
                self._since = kept + len(records)
