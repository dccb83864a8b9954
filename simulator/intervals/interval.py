"""The interval of a mean, of a ratio, and of what a change did to either.

Samples are one from each replication, independent of each other, in any unit; an interval is
Student's, in the same unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, fsum, inf, isfinite, isnan, log10, nan, sqrt

import msgspec

from simulator.intervals.student import student_quantile

_MOST_DECIMALS = 9

Part = tuple[float, float]
"""What one replication adds to a ratio: to the numerator and to the denominator."""


class Interval(msgspec.Struct, frozen=True):
    """A mean and the half width of its confidence interval, from ``count`` samples.

    One sample has a mean but says nothing of its spread: the half width is infinite. No sample
    has neither: the mean is not a number (nan), the half width infinite. Both become null in JSON.
    """

    mean: float
    half_width: float
    count: int

    @property
    def low(self) -> float:
        return self.mean - self.half_width if isfinite(self.half_width) else -inf

    @property
    def high(self) -> float:
        return self.mean + self.half_width if isfinite(self.half_width) else inf

    def contains(self, value: float) -> bool:
        """Whether ``value`` lies in the interval, ends included."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        """As ``41.2 ± 6.0``: two digits of the half width, and as many decimals of the mean."""
        if isnan(self.mean):
            return "unknown"
        if not isfinite(self.half_width):
            return f"{self.mean:.4g} ± unknown"
        if not self.half_width:
            return f"{self.mean:.4g} ± 0"
        rounded = float(f"{self.half_width:.1e}")
        decimals = min(1 - floor(log10(rounded)), _MOST_DECIMALS)
        return f"{_shown(self.mean, decimals)} ± {_shown(self.half_width, decimals)}"


def mean_interval(samples: Sequence[float], confidence: float = 0.95) -> Interval:
    """The interval that holds the true mean with this confidence, exactly so for normal samples.

    ValueError when a sample is not a finite number: leave such replications out.
    """
    _require_confidence(confidence)
    _require_finite(samples)
    count = len(samples)
    if not count:
        return Interval(nan, inf, 0)
    return Interval(fsum(samples) / count, _half_width(samples, confidence), count)


def paired_interval(
    before: Sequence[float], after: Sequence[float], confidence: float = 0.95
) -> Interval:
    """The mean change, after - before, of replications that ran twice on the same random numbers.

    The samples belong together in pairs, so that what two runs share cancels out (Law, Simulation
    Modeling and Analysis, 2015, section 10.2). ValueError when there are not as many of each.
    """
    _require_pairs(before, after)
    _require_finite([*before, *after])
    return mean_interval(_changes(before, after), confidence)


def ratio_interval(parts: Sequence[Part], confidence: float = 0.95) -> Interval:
    """Sum of the numerators ÷ sum of the denominators, as total wait ÷ contacts.

    Unlike a mean of each replication's ratio it weighs every contact alike. The half width is the
    jackknife's (Miller, Biometrika 61:1, 1974). It is infinite with fewer than two replications,
    and when a single one has the whole denominator; without any denominator the ratio is nan.
    """
    _require_confidence(confidence)
    _require_finite(number for part in parts for number in part)
    half_width = _half_width(_pseudo_values(parts), confidence)
    return Interval(_ratio(parts), half_width, len(parts))


def paired_ratio_interval(
    before: Sequence[Part], after: Sequence[Part], confidence: float = 0.95
) -> Interval:
    """The change of such a ratio, after - before, in replications that ran twice on the same
    random numbers. Unknown where one of the two ratios is.
    """
    _require_confidence(confidence)
    _require_pairs(before, after)
    _require_finite(number for part in (*before, *after) for number in part)
    changes = _changes(_pseudo_values(before), _pseudo_values(after))
    half_width = _half_width(changes, confidence)
    return Interval(_ratio(after) - _ratio(before), half_width, len(before))


def _changes(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [later - sooner for sooner, later in zip(before, after, strict=True)]


def _half_width(samples: Sequence[float], confidence: float) -> float:
    count = len(samples)
    if count < 2 or not all(map(isfinite, samples)):
        return inf
    mean = fsum(samples) / count
    variance = fsum((sample - mean) ** 2 for sample in samples) / (count - 1)
    return student_quantile((1 + confidence) / 2, count - 1) * sqrt(variance / count)


def _ratio(parts: Sequence[Part]) -> float:
    return _divided(*_totals(parts))


def _pseudo_values(parts: Sequence[Part]) -> list[float]:
    """What each replication makes of the ratio, compared with the ratio without it."""
    count = len(parts)
    above, below = _totals(parts)
    return [
        count * _divided(above, below) - (count - 1) * _divided(above - mine, below - my_share)
        for mine, my_share in parts
    ]


def _totals(parts: Sequence[Part]) -> Part:
    return fsum(above for above, _ in parts), fsum(below for _, below in parts)


def _divided(above: float, below: float) -> float:
    return above / below if below else nan


def _shown(number: float, decimals: int) -> str:
    return f"{round(number, decimals):.{max(decimals, 0)}f}"


def _require_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; give a share such as 0.95")


def _require_pairs(before: Sequence[object], after: Sequence[object]) -> None:
    if len(before) != len(after):
        raise ValueError(f"{len(before)} samples cannot be paired with {len(after)}; give as many")


def _require_finite(numbers: Iterable[float]) -> None:
    for place, number in enumerate(numbers, 1):
        if not isfinite(number):
            raise ValueError(
                f"number {place} is {number}; leave out replications that measured nothing"
            )
