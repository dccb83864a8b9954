"""Recordings that Asterisk was asked to make: whether they are there a moment later.

Of a conversation Asterisk does not say when it cannot write the file, of a message it does; neither
when both sides see another folder. And nobody listens to a recording before it is needed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from cti_adapters.asterisk.agi import Answer
from cti_adapters.asterisk.left_behind import of_file
from router.core.durations import SECOND

THERE_WITHIN = 3 * SECOND  # the beep before a message included
UNWRITTEN = "writefile"  # what Asterisk says of a message

log = logging.getLogger(__name__)


class Expecting:
    """``look`` now and then. ``missed_at`` is when a file was last found to be missing."""

    def __init__(self, folder: Path | None, under_way: Callable[[str], bool]) -> None:
        self.missed_at: int | None = None
        self._folder = folder
        self._under_way = under_way  # whether a call is still on the line
        self._begun: dict[str, int] = {}  # names of files, and when they were asked for

    def begun(self, file: str, at: int) -> None:
        """Asterisk was asked to make ``file``; an empty name is none."""
        if file and self._folder is not None:
            self._begun.setdefault(file, at)

    def ended(self, answer: Answer, at: int) -> None:
        """Asterisk has come to the end of a message."""
        if answer.data.startswith(UNWRITTEN):
            self.missed_at = at
            log.warning("Asterisk could not write a message into %s", self._folder)

    async def look(self, at: int) -> None:
        due = [file for file, since in self._begun.items() if at - since >= THERE_WITHIN]
        for file in due:
            del self._begun[file]
        expected = [file for file in due if self._is_certain(file)]
        if not expected or self._folder is None:
            return
        for file in await asyncio.to_thread(_missing, self._folder, expected):
            self.missed_at = at
            log.warning("Asterisk was asked to record %s, which is not in %s", file, self._folder)

    def _is_certain(self, file: str) -> bool:
        """Who hangs up at the tone leaves no file; and a message that has ended may have lost its
        first name already.
        """
        left = of_file(file)
        return left is None or self._under_way(left.call)


def _missing(folder: Path, files: Iterable[str]) -> list[str]:
    return [file for file in files if not (folder / file).is_file()]
