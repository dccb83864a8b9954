"""How far a replay has come: an observer that tells each new day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from router.core import events as e
from router.core.durations import DAY, SECOND
from simulator.runner import Run, Setup

Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is, 0 to 1."""


class Course:
    """Tells ``progress`` of every virtual day that begins."""

    def __init__(self, what: str, setup: Setup, progress: Progress) -> None:
        self._what = what
        self._begins, self._ends = setup.begins, setup.ends
        self._progress = progress
        self._next = setup.begins

    def __call__(self, run: Run, events: Sequence[e.Event]) -> None:  # noqa: ARG002 - an observer
        if run.at >= self._next:
            self._next = (run.at // DAY + 1) * DAY
            share = (run.at - self._begins) / (self._ends - self._begins)
            self._progress(f"{self._what}: {date_text(run.at)}", share)


def date_text(at: int) -> str:
    """``Mon 1 Feb 1999``."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%a %-d %b %Y")
