"""Brings in what callers left behind while nobody looked: the router was away, or cut off.

The folder is what it goes by. A file loses its ``new-`` once its contact is the router's, so that
it is brought in once, whoever told the router of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from cti_adapters.asterisk.left_behind import NEW, LeftBehind, of_file
from router.core.events import Rejected
from router.ports import Arrival, JournalUnavailable, Outcome, Overloaded

SMALLEST_FILE = 1_000  # bytes: less is a header and a click

log = logging.getLogger(__name__)


class Collecting:
    """``folder`` is None when the telephone system's files cannot be seen from here."""

    def __init__(
        self,
        folder: Path | None,
        receive: Callable[[Arrival], Awaitable[Outcome]],
        under_way: Callable[[str], bool],
    ) -> None:
        self._folder = folder
        self._receive = receive
        self._under_way = under_way  # whether a call is still on the line
        self._turned_away: set[str] = set()  # names of files
        self._brought_in: set[str] = set()  # of those that could not be marked
        self._looking = False

    async def look(self, pbx: str) -> None:
        """Bring in every file that was left in a call of ``pbx`` and is not being written to; one
        look at a time.
        """
        if self._looking:
            return
        self._looking = True
        try:
            for file in await asyncio.to_thread(_waiting, self._folder):
                left = of_file(file.name)
                if left is not None and left.call.startswith(f"{pbx}:"):
                    await self._collect(left, file)
        finally:
            self._looking = False

    async def _collect(self, left: LeftBehind, file: Path) -> None:
        if file.name in self._brought_in or self._under_way(left.call):
            return
        if await self._bring_in(left, file) and not await asyncio.to_thread(_settle, file, left):
            self._brought_in.add(file.name)  # or it would come in again and again

    async def _bring_in(self, left: LeftBehind, file: Path) -> bool:
        if not await asyncio.to_thread(has_sound, file):
            return True
        try:
            outcome = await self._receive(left.arrival())
        except (Overloaded, JournalUnavailable):
            return False
        if isinstance(outcome, Rejected) and file.name not in self._turned_away:
            self._turned_away.add(file.name)
            log.warning("%s has no way in: %s", file.name, outcome.reason)
        return not isinstance(outcome, Rejected)


def has_sound(file: Path) -> bool:
    """Whether anything was recorded or received."""
    return file.is_file() and file.stat().st_size > SMALLEST_FILE


def _waiting(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(folder.glob(f"{NEW}*"))


def _settle(file: Path, left: LeftBehind) -> bool:
    """Whether it is marked as brought in."""
    try:
        if has_sound(file):
            file.rename(file.with_name(left.file))
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        log.warning(
            "%s cannot be renamed (%s): let this service write to the folder of recordings.",
            file.name,
            error.strerror,
        )
        return False
    return True
