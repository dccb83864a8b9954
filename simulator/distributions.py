"""Where durations come from: patience, handling, wrap-up, the time an agent takes to answer.

All of them are microseconds, what is drawn in whole ones.

Every distribution draws a whole array at once from a numpy generator. One stream of numbers for
each purpose, one number for each contact: so that two configurations of the same traffic see the
same customers ("common random numbers"), and their differences are not blurred by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, log1p, sqrt
from typing import Final
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from router.core.catalog import HOUR

LONGEST: Final = 1_000 * HOUR
"""Where a tail without end is cut: forty days are for ever in a contact centre."""

NEVER: Final = 1 << 62
"""A patience that nothing exhausts: later than any time of a run, and no overflow when added."""

Times = NDArray[np.int64]


class Constant(msgspec.Struct, frozen=True, kw_only=True, tag="constant"):
    value: int

    def mean(self) -> float:
        return float(self.value)

    def sample(self, rng: np.random.Generator, size: int) -> Times:  # noqa: ARG002 - one signature
        return np.full(size, self.value, dtype=np.int64)


class Uniform(msgspec.Struct, frozen=True, kw_only=True, tag="uniform"):
    """From ``low`` to ``high``, both included."""

    low: int
    high: int

    def mean(self) -> float:
        return (self.low + self.high) / 2

    def sample(self, rng: np.random.Generator, size: int) -> Times:
        return rng.integers(self.low, self.high, size=size, endpoint=True, dtype=np.int64)


class Exponential(msgspec.Struct, frozen=True, kw_only=True, tag="exponential"):
    """By its mean."""

    average: int

    def mean(self) -> float:
        return float(self.average)

    def sample(self, rng: np.random.Generator, size: int) -> Times:
        return _whole(rng.exponential(self.average, size))


class Lognormal(msgspec.Struct, frozen=True, kw_only=True, tag="lognormal"):
    """By its mean and coefficient of variation (standard deviation ÷ mean): how handling times
    of calls are distributed in practice (Brown et al., JASA 100:36, 2005).
    """

    average: int
    variation: float = 1.0

    def mean(self) -> float:
        return float(self.average)

    def sample(self, rng: np.random.Generator, size: int) -> Times:
        spread = log1p(self.variation**2)
        return _whole(rng.lognormal(log(self.average) - spread / 2, sqrt(spread), size))


class Empirical(msgspec.Struct, frozen=True, kw_only=True, tag="empirical"):
    """One of ``values``, each as likely as any other."""

    values: tuple[int, ...]

    def mean(self) -> float:
        return sum(self.values) / len(self.values)

    def sample(self, rng: np.random.Generator, size: int) -> Times:
        return rng.choice(np.asarray(self.values, dtype=np.int64), size)


class Never(msgspec.Struct, frozen=True, kw_only=True, tag="never"):
    """It does not happen: a customer who waits for ever."""

    def mean(self) -> float:
        return float("inf")

    def sample(self, rng: np.random.Generator, size: int) -> Times:  # noqa: ARG002 - one signature
        return np.full(size, NEVER, dtype=np.int64)


Distribution = Constant | Uniform | Exponential | Lognormal | Empirical | Never

NOTHING: Final = Constant(value=0)


def _whole(values: NDArray[np.float64]) -> Times:
    return np.minimum(np.rint(values), LONGEST).astype(np.int64)


def luck(seed: int, kind: str, name: str) -> np.random.SeedSequence:
    """Where the numbers of one stream or agent come from: its name, so that others who come or go
    leave its luck alone.
    """
    return np.random.SeedSequence(seed, spawn_key=(crc32(kind.encode()), crc32(name.encode())))


def draws(distribution: Distribution, rng: np.random.Generator, block: int = 256) -> Iterator[int]:
    """Draw after draw, without end; drawn in blocks, which is what makes it cheap."""
    while True:
        yield from distribution.sample(rng, block).tolist()
