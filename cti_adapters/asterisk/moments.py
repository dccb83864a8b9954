"""When to look at which call again, between the sweeps. Pure."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final

_SPARE: Final = 64


class Moments:
    """One moment for each name, microseconds UTC; a new one replaces it."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []  # with some that hold no longer

    def set(self, name: str, at: int | None) -> None:
        """None: there is nothing to look at."""
        if self._at.get(name) == at:
            return
        if at is None:
            del self._at[name]
            return
        self._at[name] = at
        heappush(self._heap, (at, name))
        if len(self._heap) > 2 * len(self._at) + _SPARE:
            self._heap = [(moment, one) for one, moment in self._at.items()]
            heapify(self._heap)

    @property
    def next(self) -> int | None:
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, at: int) -> list[str]:
        """The names whose moment has come; they have none any more."""
        taken: list[str] = []
        while (soonest := self.next) is not None and soonest <= at:
            _, name = heappop(self._heap)
            del self._at[name]
            taken.append(name)
        return taken
