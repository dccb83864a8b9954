"""Whether work of several kinds can be spread over people of several kinds, and if not, which.

A maximum flow from kinds of work to kinds of people; where it falls short, the minimum cut names
exactly the work that is too much for those who can do it, however the rest is shared out (Ford and
Fulkerson, 1956). By augmenting along shortest paths, so that it ends for any amounts (Edmonds and
Karp, 1972).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

TOLERANCE: Final = 1e-9


class Excess(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds of work that together exceed the people who can do any of them."""

    work: tuple[int, ...]
    demand: float
    supply: float


class _Flow:
    """``able[w]`` lists the kinds of people who can do work ``w``."""

    def __init__(
        self, demand: Sequence[float], supply: Sequence[float], able: Sequence[Sequence[int]]
    ) -> None:
        self.able = able
        self.wanting = list(demand)
        self.spare = list(supply)
        self.given = [[0.0] * len(demand) for _ in supply]  # people, work

    def augment(self) -> bool:
        """Move as much as fits along one shortest path; False when there is none."""
        came, end = self._search()
        if end is None:
            return False
        path = self._path(came, end)
        amount = min(
            self.wanting[path[0][0]],
            self.spare[end],
            *(self.given[people][work] for people, work in _backward(path)),
        )
        for work, people in path:
            self.given[people][work] += amount
        for people, work in _backward(path):
            self.given[people][work] -= amount
        self.wanting[path[0][0]] -= amount
        self.spare[end] -= amount
        return True

    def _search(self) -> tuple[dict[int, int], int | None]:
        """From which work each kind of people was reached, and the first with time to spare."""
        queue = deque(work for work, rest in enumerate(self.wanting) if rest > TOLERANCE)
        self.reached = set(queue)
        self.through: dict[int, int] = {}  # work that can move away: from which people
        came: dict[int, int] = {}
        while queue:
            work = queue.popleft()
            for people in self.able[work]:
                if people in came:
                    continue
                came[people] = work
                if self.spare[people] > TOLERANCE:
                    return came, people
                for other, amount in enumerate(self.given[people]):
                    if amount > TOLERANCE and other not in self.reached:
                        self.reached.add(other)
                        self.through[other] = people
                        queue.append(other)
        return came, None

    def _path(self, came: dict[int, int], end: int) -> list[tuple[int, int]]:
        """(work, people who take it over), the work that wants more first."""
        path = [(came[end], end)]
        while path[-1][0] in self.through:
            people = self.through[path[-1][0]]
            path.append((came[people], people))
        return path[::-1]


def _backward(path: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """(people, the work they hand on) along ``path``."""
    return [(people, work) for (_, people), (work, _) in pairwise(path)]


def excesses(
    demand: Sequence[float], supply: Sequence[float], able: Sequence[Sequence[int]]
) -> list[Excess]:
    """Every group of work that is too much, or none: ``able[w]`` lists who can do work ``w``.

    Amounts are in any one unit. Work that shares no people is told of apart.
    """
    flow = _Flow(demand, supply, able)
    while flow.augment():
        pass
    rest = set(flow.reached)
    found = []
    while rest:
        work, people = _connected(min(rest), rest, able)
        rest -= work
        found.append(
            Excess(
                work=tuple(sorted(work)),
                demand=sum(demand[one] for one in work),
                supply=sum(supply[one] for one in people),
            )
        )
    return found


def _connected(
    start: int, among: set[int], able: Sequence[Sequence[int]]
) -> tuple[set[int], set[int]]:
    """Work of ``among`` that shares people with ``start``, directly or through others."""
    work, people = {start}, set(able[start])
    while more := {one for one in among - work if people & set(able[one])}:
        work |= more
        people.update(*(able[one] for one in more))
    return work, people
