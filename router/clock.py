"""The time: the system's, made steady, and one that tests set by hand."""

from __future__ import annotations

import time
from collections.abc import Callable

_CORRECTION = 1_000  # at most one part in this many: 1 ms per second


def _monotonic() -> int:
    """Nanoseconds that never jump; on Linux they count while the machine sleeps, too."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if boot_time is None else time.clock_gettime_ns(boot_time)


class SystemClock:
    """Wall time at the start, then elapsed time: setting the system's clock moves no timer.

    When the wall clock is set forward by an hour, twenty-second offers still ring twenty
    seconds; when it is set back, time does not stand still. The difference is closed at one
    part in a thousand, which follows ordinary time synchronisation; a larger correction takes
    effect when Patchbay starts again.
    """

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = _monotonic,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._last = monotonic()
        self._offset = wall() - self._last

    def now(self) -> int:
        elapsed = self._monotonic()
        self._correct(elapsed)
        return (elapsed + self._offset) // 1_000

    def start_from(self, at: int) -> None:
        """Run on from ``at`` (microseconds) if the clock is behind it: time is never reversed
        over a restart, and timers are not held up until the wall clock has caught up.
        """
        self._offset += max(at - self.now(), 0) * 1_000

    @property
    def ahead_of_wall(self) -> int:
        """Microseconds by which this clock differs from the system's (negative: behind)."""
        return (self._monotonic() + self._offset - self._wall()) // 1_000

    def _correct(self, elapsed: int) -> None:
        most = (elapsed - self._last) // _CORRECTION
        if most > 0:
            error = self._wall() - elapsed - self._offset
            self._offset += max(-most, min(error, most))
            self._last = elapsed


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: int = 0) -> None:
        self._at = at

    def now(self) -> int:
        return self._at

    def set(self, at: int) -> None:
        """Jump to ``at``, backwards too: as a system clock might."""
        self._at = at

    def advance(self, by: int) -> None:
        """Move on by ``by`` microseconds."""
        self._at += by
