"""Whether work of several kinds can be spread over people of several kinds, and if not, which.

A maximum flow from kinds of work to kinds of people; where it falls short, the minimum cut names
exactly the work that is too much for those who can do it, however the rest is shared out (Ford and
Fulkerson, 1956). By augmenting along shortest paths, so that it ends for any amounts (Edmonds and
Karp, 1972).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

TOLERANCE: Final = 1e-9  # of the largest amount, or of 1: less than this is rounding


class Excess(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds of work that together exceed the people who can do any of them."""

    work: tuple[int, ...]
    demand: float
    supply: float


def excesses(
    demand: Sequence[float], supply: Sequence[float], able: Sequence[Sequence[int]]
) -> list[Excess]:
    """Every group of work that is too much, or none: ``able[w]`` lists who can do work ``w``.

    Amounts are in any one unit. Work that shares no people is told of apart.
    """
    flow = _Flow(demand, supply, able)
    flow.share_out()
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


class _Flow:
    """``able[w]`` lists the kinds of people who can do work ``w``."""

    def __init__(
        self, demand: Sequence[float], supply: Sequence[float], able: Sequence[Sequence[int]]
    ) -> None:
        self.able = able
        self.wanting = list(demand)
        self.spare = list(supply)
        self.given: list[dict[int, float]] = [{} for _ in supply]  # people: work to amount
        self.least = TOLERANCE * max(1.0, *demand, *supply)
        self.reached: dict[int, None] = {}  # work that could use more people, when none is left

    def share_out(self) -> None:
        """What fits without moving anything, the work with the fewest people first: little is
        left to be moved then.
        """
        for work in sorted(range(len(self.able)), key=lambda one: len(self.able[one])):
            for people in self.able[work]:
                self._give(work, people, min(self.wanting[work], self.spare[people]))

    def _give(self, work: int, people: int, amount: float) -> None:
        if amount > 0:
            self.given[people][work] = self.given[people].get(work, 0.0) + amount
            self.wanting[work] -= amount
            self.spare[people] -= amount

    def _take(self, work: int, people: int, amount: float) -> None:
        self.given[people][work] -= amount
        self.wanting[work] += amount
        self.spare[people] += amount
        if self.given[people][work] <= self.least:
            del self.given[people][work]

    def augment(self) -> bool:
        """Move as much as fits along one shortest path; False when there is none."""
        taker: dict[int, int] = {}  # people: the work that would take them over
        giver: dict[int, int] = {}  # work that would lose people: those people
        end = self._search(taker, giver)
        if end is None:
            return False
        moves = [(taker[end], end)]  # work and the people it takes over, from the end backwards
        while (work := moves[-1][0]) in giver:
            moves.append((taker[giver[work]], giver[work]))
        losses = [(work, giver[work]) for work, _ in moves[:-1]]
        amount = min(
            self.wanting[moves[-1][0]],
            self.spare[end],
            *(self.given[people][work] for work, people in losses),
        )
        for work, people in losses:
            self._take(work, people, amount)
        for work, people in moves:
            self._give(work, people, amount)
        return True

    def _search(self, taker: dict[int, int], giver: dict[int, int]) -> int | None:
        """The nearest people with time to spare whom unmet work can reach, directly or by taking
        over people whose present work then goes to others.
        """
        queue = deque(work for work, rest in enumerate(self.wanting) if rest > self.least)
        self.reached = dict.fromkeys(queue)
        while queue:
            work = queue.popleft()
            for people in self.able[work]:
                if people in taker:
                    continue
                taker[people] = work
                if self.spare[people] > self.least:
                    return people
                for other in self.given[people]:
                    if other not in self.reached:
                        self.reached[other] = None
                        giver[other] = people
                        queue.append(other)
        return None


def _connected(
    start: int, among: set[int], able: Sequence[Sequence[int]]
) -> tuple[set[int], set[int]]:
    """Work of ``among`` that shares people with ``start``, directly or through others."""
    work, people = {start}, set(able[start])
    while more := {one for one in among - work if not people.isdisjoint(able[one])}:
        work |= more
        people.update(*(able[one] for one in more))
    return work, people
