"""How long to wait before the next attempt. Durations are microseconds."""

from __future__ import annotations

import random


class Backoff:
    """Doubles from ``first`` to ``longest``; each wait is a random one between half and whole, so
    that many clients do not come back at the same moment.
    """

    def __init__(self, first: int, longest: int, chance: random.Random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._next = first

    def wait(self) -> int:
        wait, self._next = self._next, min(2 * self._next, self._longest)
        return self._jittered(wait)

    def longest(self) -> int:
        """For when it is pointless to try again soon."""
        return self._jittered(self._longest)

    def reset(self) -> None:
        self._next = self._first

    def _jittered(self, wait: int) -> int:
        return self._chance.randint(wait // 2, wait)
