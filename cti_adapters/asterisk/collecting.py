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
        self._turned_away: set[str] = set()

    async def look(self, pbx: str) -> None:
        """Bring in every file that was left in a call of ``pbx`` and is not being written to."""
        for file in await asyncio.to_thread(_waiting, self._folder):
            left = of_file(file.name)
            if left is None or not left.call.startswith(f"{pbx}:"):
                continue
            if not self._under_way(left.call) and await self._bring_in(left, file):
                await asyncio.to_thread(_settle, file, left)

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


def _settle(file: Path, left: LeftBehind) -> None:
    try:
        if has_sound(file):
            file.rename(file.with_name(left.file))
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s could not be marked as brought in: %s", file.name, error)
