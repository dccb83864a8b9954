"""Seeded chance in the shapes human behaviour comes in. Durations are microseconds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


class Chance:
    def __init__(self, seed: int | str) -> None:
        self._random = Random(seed)  # noqa: S311 -- a simulation must be repeatable

    def happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def one_of(self, items: Sequence[Item]) -> Item:
        return self._random.choice(items)

    def weighted(self, weights: Mapping[str, float]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def between(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def around(self, median: int, spread: float = 0.5) -> int:
        """Log-normal: what talk and handling times look like; ``spread`` is sigma."""
        return round(median * math.exp(self._random.gauss(0.0, spread)))

    def memoryless(self, mean: float) -> int:
        """Exponential: time between independent arrivals, and patience."""
        return round(self._random.expovariate(1.0) * mean)
