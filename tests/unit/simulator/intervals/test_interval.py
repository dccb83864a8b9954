"""Intervals: known ones, how often they hold the truth, and samples that say little."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isnan, nan

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.intervals import (
    Interval,
    mean_interval,
    paired_interval,
    paired_ratio_interval,
    ratio_interval,
)

numbers = st.floats(-1e6, 1e6)
samples = st.lists(numbers, min_size=2, max_size=30)


def test_ten_known_samples() -> None:
    """Mean 5.5, deviation 3.02765, t 2.26216: half width 2.16585."""
    interval = mean_interval(range(1, 11))
    assert interval.mean == 5.5
    assert interval.half_width == pytest.approx(2.16585, abs=5e-6)
    assert interval.count == 10
    assert (interval.low, interval.high) == pytest.approx((3.33415, 7.66585), abs=5e-6)


def test_more_confidence_is_wider() -> None:
    widths = [mean_interval([1, 2, 4], share).half_width for share in (0.5, 0.9, 0.95, 0.99)]
    assert widths == sorted(widths)
    assert mean_interval([1, 2, 4]) == mean_interval([1, 2, 4], 0.95)


@given(samples, numbers, st.floats(0.1, 100))
@settings(deadline=None)
def test_it_moves_and_stretches_with_its_samples(
    given_samples: list[float], shift: float, scale: float
) -> None:
    interval = mean_interval(given_samples)
    other = mean_interval([shift + scale * sample for sample in given_samples])
    assert other.mean == pytest.approx(shift + scale * interval.mean, abs=1e-3)
    assert other.half_width == pytest.approx(scale * interval.half_width, abs=1e-3)


def share_of_hits(interval_of: Callable[[np.random.Generator], Interval], truth: float) -> float:
    draws = [interval_of(np.random.default_rng(seed)).contains(truth) for seed in range(2000)]
    return sum(draws) / len(draws)


def test_ninety_five_in_a_hundred_hold_the_mean() -> None:
    def interval(rng: np.random.Generator) -> Interval:
        return mean_interval(rng.normal(7, 3, 6).tolist())

    assert share_of_hits(interval, 7) == pytest.approx(0.95, abs=0.015)


def test_ninety_five_in_a_hundred_hold_the_ratio() -> None:
    """The numerator follows the denominator, as total wait does the number of contacts."""

    def interval(rng: np.random.Generator) -> Interval:
        contacts = rng.poisson(80, 12)
        return ratio_interval([(rng.gamma(2 * n, 5), n) for n in contacts.tolist()])

    assert share_of_hits(interval, 10) == pytest.approx(0.95, abs=0.015)


@given(samples, numbers)
@settings(deadline=None)
def test_what_two_runs_share_cancels_out(before: list[float], change: float) -> None:
    interval = paired_interval(before, [sample + change for sample in before])
    assert interval.mean == pytest.approx(change, abs=1e-6)
    assert interval.half_width == pytest.approx(0, abs=1e-6)


def test_a_change_counts_from_before_to_after() -> None:
    assert paired_interval([50, 60], [9, 20]).mean == -40.5
    assert paired_ratio_interval([(50, 1), (60, 1)], [(18, 2), (40, 2)]).mean == -40.5


@given(samples)
@settings(deadline=None)
def test_where_denominators_are_alike_a_ratio_is_a_mean(given_samples: list[float]) -> None:
    mean = mean_interval(given_samples)
    ratio = ratio_interval([(sample * 4, 4) for sample in given_samples])
    assert ratio.mean == pytest.approx(mean.mean, abs=1e-6)
    assert ratio.half_width == pytest.approx(mean.half_width, abs=1e-4)


def test_a_ratio_weighs_each_contact_alike() -> None:
    interval = ratio_interval([(0, 1), (90, 9)])
    assert interval.mean == 9
    assert interval.count == 2


def test_the_jackknife_by_hand() -> None:
    """Ratio 12 ÷ 6; without each in turn 10 ÷ 5, 9 ÷ 4, 5 ÷ 3: pseudo-values 2, 1.5, 2 2/3."""
    parts = [(2.0, 1.0), (3.0, 2.0), (7.0, 3.0)]
    by_hand = mean_interval([2, 1.5, 6 - 10 / 3])
    assert ratio_interval(parts).mean == 2
    assert ratio_interval(parts).half_width == pytest.approx(by_hand.half_width)


def test_paired_ratios_that_change_together_are_known_better() -> None:
    before = [(100.0, 10), (260.0, 13), (90.0, 8), (400.0, 20)]
    after = [(above - 5 * below, below) for above, below in before]
    interval = paired_ratio_interval(before, after)
    assert interval.mean == pytest.approx(-5)
    assert interval.half_width == pytest.approx(0, abs=1e-9)
    assert ratio_interval(before).half_width > 1


def test_one_sample_has_a_mean_and_endless_width() -> None:
    for interval in (mean_interval([4]), paired_interval([1], [5]), ratio_interval([(8, 2)])):
        assert interval == Interval(4, inf, 1)
        assert (interval.low, interval.high) == (-inf, inf)
        assert interval.contains(1e300)


def test_no_sample_has_no_mean_and_contradicts_nothing() -> None:
    for interval in (
        mean_interval([]),
        paired_interval([], []),
        ratio_interval([]),
        paired_ratio_interval([], []),
    ):
        assert isnan(interval.mean)
        assert (interval.half_width, interval.count) == (inf, 0)
        assert interval.contains(0)


def test_a_ratio_that_one_replication_decides_has_endless_width() -> None:
    assert ratio_interval([(8, 2), (0, 0), (0, 0)]) == Interval(4, inf, 3)
    nothing = ratio_interval([(0, 0), (0, 0)])
    assert isnan(nothing.mean)
    assert nothing.half_width == inf
    assert paired_ratio_interval([(8, 2), (0, 0)], [(9, 3), (4, 1)]).half_width == inf


def test_equal_samples_have_no_width() -> None:
    interval = mean_interval([0.1] * 7)
    assert interval.contains(0.1)
    assert interval.half_width == pytest.approx(0, abs=1e-15)


def test_millions_of_samples() -> None:
    interval = mean_interval(np.arange(1_000_000.0))
    assert interval.mean == 499_999.5
    assert interval.half_width == pytest.approx(1.959966 * 288_675.28 / 1000, rel=1e-5)


@pytest.mark.parametrize(
    ("mean", "half_width", "text"),
    [
        (41.23, 6.04, "41.2 ± 6.0"),
        (-41.0, 6.0, "-41.0 ± 6.0"),
        (412.3, 60.3, "412 ± 60"),
        (1234.0, 603.0, "1230 ± 600"),
        (41.23, 9.96, "41 ± 10"),
        (0.0220912, 0.00041, "0.02209 ± 0.00041"),
        (3.0, 0.1, "3.00 ± 0.10"),
        (0.0, 1e-15, "0.000000000 ± 0.000000000"),
        (41.23, 0.0, "41.23 ± 0"),
        (41.23, inf, "41.23 ± unknown"),
        (nan, inf, "unknown"),
    ],
)
def test_it_reads_as_people_write_it(mean: float, half_width: float, text: str) -> None:
    assert str(Interval(mean, half_width, 10)) == text


def test_what_is_unknown_is_null_in_json() -> None:
    text = msgspec.json.encode(mean_interval([]))
    assert msgspec.json.decode(text) == {"mean": None, "half_width": None, "count": 0}


@pytest.mark.parametrize("confidence", [0, 1, 95, nan])
def test_what_is_no_confidence_is_refused(confidence: float) -> None:
    for interval in (mean_interval, ratio_interval):
        with pytest.raises(ValueError, match=r"give a share such as 0\.95"):
            interval([], confidence)


def test_samples_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="number 2 is nan; leave out replications"):
        mean_interval([1, nan])
    with pytest.raises(ValueError, match="number 3 is inf"):
        ratio_interval([(1, 1), (inf, 1)])


def test_samples_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="2 samples cannot be paired with 1"):
        paired_interval([1, 2], [1])
    with pytest.raises(ValueError, match="0 samples cannot be paired with 1"):
        paired_ratio_interval([], [(1, 1)])
