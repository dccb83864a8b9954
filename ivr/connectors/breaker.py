"""When another system is left alone: after failures in a row nobody is asked to wait for it, until
one look-up has tried again. Time is an argument, microseconds.
"""

from __future__ import annotations

from typing import Final

from router.core.durations import SECOND

FAILURES: Final = 5
REST: Final = 30 * SECOND


class Breaker:
    """``enter`` before asking; then exactly one of ``worked`` and ``failed``."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0
        self._trying = False

    def is_open(self, at: int) -> bool:
        """Whether nobody is to ask now."""
        return self._failures >= FAILURES and (self._trying or at < self._until)

    def enter(self, at: int) -> bool:
        """Whether this one may ask. After the rest one tries, and the others wait for what it
        finds.
        """
        if self.is_open(at):
            return False
        self._trying = self._failures >= FAILURES
        return True

    def worked(self) -> bool:
        """It answered; True when it had been left alone."""
        rested = self._failures >= FAILURES
        self._failures, self._trying = 0, False
        return rested

    def failed(self, at: int) -> bool:
        """It did not; True when it is left alone from now on, after having been asked."""
        self._failures = min(self._failures + 1, FAILURES)
        self._trying = False
        opens = self._failures >= FAILURES and at >= self._until
        if self._failures >= FAILURES:
            self._until = at + REST
        return opens
