"""The figures of the day across a restart: a fold of the log, kept so that it need not be repeated.

Losing the file loses nothing: the statistics are then folded from the log again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from reporting.statistics import Statistics

log = structlog.get_logger(__name__)

SAVE_EVERY_SECONDS = 60.0


def load_statistics(file: Path, zone: str, last: int) -> Statistics:
    """The statistics in ``file``, or fresh ones when it cannot be used.

    ``last`` is the newest position of the journal; figures beyond it belong to another journal.
    """
    try:
        statistics = Statistics.restore(file.read_bytes(), zone)
    except FileNotFoundError:
        return Statistics(zone)
    except (OSError, ValueError) as problem:
        log.warning("statistics_folded_anew", reason=str(problem))
        return Statistics(zone)
    return statistics if statistics.position <= last else Statistics(zone)


def save_statistics(file: Path, body: bytes) -> None:
    """Replace the file whole, or leave it as it is: a full disk costs a longer start, no more."""
    draft = file.with_suffix(".new")
    try:
        draft.write_bytes(body)
        draft.replace(file)
    except OSError as problem:
        log.warning("statistics_not_saved", reason=str(problem))


async def keep_statistics(file: Path, statistics: Statistics) -> None:
    """Save every minute, for ever."""
    while True:
        await asyncio.sleep(SAVE_EVERY_SECONDS)
        await asyncio.to_thread(save_statistics, file, statistics.snapshot())
