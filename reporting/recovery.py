"""Bringing the folds up to the log at start: statistics from their last snapshot, timelines from
the journal's tail.

The snapshot is a cache: without it (lost, damaged, of another version) the figures are folded
from the whole journal, which costs time and nothing else. Folding only the tail since midnight
was not chosen, because finding midnight means reading the journal from its beginning anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

from reporting.statistics import Statistics
from reporting.timeline import Timelines
from router.ports import Journal

log = logging.getLogger(__name__)

TAIL = 20_000  # entries read for timelines
BREATHE = 500  # entries between two chances for other work


class StatisticsFile:
    """The statistics' snapshot in a file; ``path`` None keeps none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self, zone: str) -> Statistics:
        """What was saved last; empty statistics when that cannot be used."""
        if self._path is None:
            return Statistics(zone)
        try:
            return Statistics.restore(self._path.read_bytes(), zone)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as problem:
            log.warning("the statistics are folded from the journal anew: %s", problem)
        return Statistics(zone)

    async def save(self, statistics: Statistics) -> None:
        """Replace the file at once or not at all; a full disk costs a longer start, no more."""
        body = statistics.snapshot()
        if self._path is not None:
            try:
                await asyncio.to_thread(_replace, self._path, body)
            except OSError as problem:
                log.warning("the statistics snapshot could not be saved: %s", problem)


async def catch_up(
    journal: Journal, position: int, statistics: Statistics, timelines: Timelines
) -> Statistics:
    """Fold the journal up to ``position`` into both; the statistics to go on with.

    Statistics from a journal that is not this one (ahead of it) are begun anew.
    """
    if statistics.position > position:
        statistics = Statistics(statistics.zone)
    tail = max(position - TAIL, 0)
    timelines.position = max(timelines.position, tail)
    read = 0
    async for entry in journal.read(min(statistics.position, tail)):
        if entry.position > position:
            break
        statistics.handle(entry)
        timelines.handle(entry)
        read += 1
        if read % BREATHE == 0:
            await asyncio.sleep(0)
    return statistics


def _replace(path: Path, body: bytes) -> None:
    draft = path.with_suffix(path.suffix + ".new")
    try:
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
