"""What simulated people will do next: one plan for each key, taken when its time has come."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Plan = TypeVar("Plan")


class Agenda(Generic[Key, Plan]):
    """A new plan for a key replaces the old one; plans of one moment come in the order made."""

    def __init__(self) -> None:
        self._plans: dict[Key, tuple[int, Plan]] = {}
        self._heap: list[tuple[int, int, Key]] = []
        self._made = 0

    def plan(self, key: Key, at: int, what: Plan) -> None:
        self._made += 1
        self._plans[key] = (self._made, what)
        heapq.heappush(self._heap, (at, self._made, key))

    def cancel(self, key: Key) -> None:
        self._plans.pop(key, None)

    def planned(self, key: Key) -> Plan | None:
        plan = self._plans.get(key)
        return None if plan is None else plan[1]

    def __iter__(self) -> Iterator[Key]:
        return iter(list(self._plans))

    def next_deadline(self) -> int | None:
        """When the next plan is due, microseconds; None when nothing is planned."""
        while self._heap and not self._is_current(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, at: int) -> list[tuple[Key, Plan]]:
        """Take the plans whose time has come by ``at``."""
        taken: list[tuple[Key, Plan]] = []
        while (deadline := self.next_deadline()) is not None and deadline <= at:
            key = heapq.heappop(self._heap)[2]
            taken.append((key, self._plans.pop(key)[1]))
        return taken

    def _is_current(self, item: tuple[int, int, Key]) -> bool:
        plan = self._plans.get(item[2])
        return plan is not None and plan[0] == item[1]
