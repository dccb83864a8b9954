"""What a change does: the same luck before and after it, figure by figure.

Runs (or days) belong together in pairs that saw the same customers, so that what both share
cancels out of the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import msgspec

from simulator.figures import QUANTILES, RATIOS, Group, Tally
from simulator.intervals import (
    Interval,
    mean_interval,
    paired_interval,
    paired_ratio_interval,
    ratio_interval,
)
from simulator.summary import Summary


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A figure ``before`` and ``after``, nan where nobody was measured, and after - before with
    its interval.
    """

    before: float
    after: float
    difference: Interval

    @property
    def certain(self) -> bool:
        """Whether the interval excludes that nothing changed."""
        return isfinite(self.difference.half_width) and not self.difference.contains(0)


Changes = dict[str, dict[str, Change]]
"""By group, then figure."""


def compare(
    before: Sequence[Summary], after: Sequence[Summary], confidence: float = 0.95
) -> Changes:
    """The changes of every group that came before and after. ValueError when there are not as
    many of each: number n of ``before`` and number n of ``after`` are a pair.
    """
    pairs = list(zip(before, after, strict=True))
    names = dict.fromkeys(name for run, _ in pairs for name in run.groups)
    common = [name for name in names if any(name in run.groups for _, run in pairs)]
    return {name: _changes_of(name, pairs, confidence) for name in common}


def occupancy_change(
    before: Sequence[Summary], after: Sequence[Summary], confidence: float = 0.95
) -> Change:
    """The change of the share of their time that agents spend on contacts. ValueError as above."""
    pairs = zip(before, after, strict=True)
    return _mean_change([(one.occupancy, other.occupancy) for one, other in pairs], confidence)


def _changes_of(
    name: str, pairs: Sequence[tuple[Summary, Summary]], confidence: float
) -> dict[str, Change]:
    groups = [
        (one.groups.get(name, _NOBODY), other.groups.get(name, _NOBODY)) for one, other in pairs
    ]
    ratios = {figure: _ratio_change(figure, groups, confidence) for figure in RATIOS}
    quantiles = {
        figure: _mean_change(
            [(one.quantiles.get(figure), other.quantiles.get(figure)) for one, other in groups],
            confidence,
        )
        for figure in QUANTILES
    }
    return ratios | quantiles


_NOBODY = Group(tally=Tally(), quantiles={})


def _ratio_change(figure: str, groups: Sequence[tuple[Group, Group]], confidence: float) -> Change:
    before = [RATIOS[figure](one.tally) for one, _ in groups]
    after = [RATIOS[figure](other.tally) for _, other in groups]
    return Change(
        before=ratio_interval(before, confidence).mean,
        after=ratio_interval(after, confidence).mean,
        difference=paired_ratio_interval(before, after, confidence),
    )


def _mean_change(values: Sequence[tuple[float | None, float | None]], confidence: float) -> Change:
    """Of the pairs in which both are known."""
    known = [(one, other) for one, other in values if one is not None and other is not None]
    before, after = [one for one, _ in known], [other for _, other in known]
    return Change(
        before=mean_interval(before, confidence).mean,
        after=mean_interval(after, confidence).mean,
        difference=paired_interval(before, after, confidence),
    )
