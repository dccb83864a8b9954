"""A small seeded generator: the core may not use the process's random module.

SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): one addition and three mixing steps a draw.
"""

from __future__ import annotations

from typing import Protocol

_MASK = (1 << 64) - 1


class Rng(Protocol):
    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""


class SplitMix64:
    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def below(self, bound: int) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) * bound) >> 64
