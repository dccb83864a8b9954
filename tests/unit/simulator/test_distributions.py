"""What is drawn has the mean, the spread and the shape that was asked for."""

from itertools import islice
from math import log, log1p, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.durations import MINUTE, SECOND
from simulator.distributions import (
    LONGEST,
    NEVER,
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Never,
    Times,
    Uniform,
    draws,
)

SIZE = 200_000


def drawn(distribution: Distribution, size: int = SIZE, seed: int = 11) -> Times:
    return distribution.sample(np.random.default_rng(seed), size)


@pytest.mark.parametrize(
    ("distribution", "deviation"),
    [
        (Constant(value=20 * SECOND), 0.0),
        (Uniform(low=SECOND, high=4 * SECOND), 3 * SECOND / sqrt(12)),
        (Uniform(low=7, high=7), 0.0),
        (Exponential(average=3 * MINUTE), 3 * MINUTE),
        (Lognormal(average=4 * MINUTE, variation=1.1), 1.1 * 4 * MINUTE),
        (Lognormal(average=4 * MINUTE, variation=0.0), 0.0),
        (Empirical(values=(10 * SECOND, 20 * SECOND, 60 * SECOND)), SECOND * sqrt(1400 / 3)),
    ],
    ids=str,
)
def test_mean_and_deviation_are_those_asked_for(
    distribution: Distribution, deviation: float
) -> None:
    """Within four standard errors of the mean; within 3 % for the deviation."""
    values = drawn(distribution)
    slack = 4 * deviation / sqrt(SIZE) + 1
    assert values.mean() == pytest.approx(distribution.mean(), abs=slack)
    assert values.std() == pytest.approx(deviation, rel=0.03, abs=1)


def test_the_exponential_forgets() -> None:
    values = drawn(Exponential(average=100 * SECOND))
    for limit in (20, 100, 300):
        share = (values > limit * SECOND).mean()
        assert share == pytest.approx(np.exp(-limit / 100), abs=0.005)


def test_the_logarithm_of_the_lognormal_is_normal() -> None:
    """Median and spread of the logarithm, by the formulas for mean and variation."""
    logs = np.log(drawn(Lognormal(average=100 * SECOND, variation=1.5)))
    spread = log1p(1.5**2)
    assert np.median(logs) == pytest.approx(log(100 * SECOND) - spread / 2, abs=0.01)
    assert logs.std() == pytest.approx(sqrt(spread), rel=0.01)
    assert ((logs - logs.mean()) ** 3).mean() == pytest.approx(0, abs=0.03)


def test_the_uniform_reaches_both_ends() -> None:
    values = drawn(Uniform(low=3, high=5), 1_000)
    assert set(values.tolist()) == {3, 4, 5}


def test_measured_values_are_drawn_as_often_as_each_other() -> None:
    values = drawn(Empirical(values=(1, 2, 2, 9)))
    shares = [(values == value).mean() for value in (1, 2, 9)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.005)


def test_never_is_later_than_everything() -> None:
    assert drawn(Never(), 3).tolist() == [NEVER] * 3
    assert Never().mean() == float("inf")
    assert LONGEST < NEVER


@pytest.mark.parametrize("variation", [10.0, 1e6])
def test_no_draw_is_longer_than_forty_days_whatever_the_tail(variation: float) -> None:
    values = drawn(Lognormal(average=LONGEST, variation=variation), 10_000)
    assert values.max() == LONGEST
    assert drawn(Exponential(average=LONGEST), 10_000).max() == LONGEST


ANY = st.one_of(
    st.builds(Constant, value=st.integers(0, LONGEST)),
    st.tuples(st.integers(0, LONGEST), st.integers(0, LONGEST)).map(
        lambda ends: Uniform(low=min(ends), high=max(ends))
    ),
    st.builds(Exponential, average=st.integers(0, LONGEST)),
    st.builds(Lognormal, average=st.integers(1, LONGEST), variation=st.floats(0, 10)),
    st.builds(Empirical, values=st.lists(st.integers(0, LONGEST), min_size=1).map(tuple)),
    st.builds(Never),
)


@given(ANY, st.integers(0, 50), st.integers(0, 5))
def test_draws_are_whole_never_negative_and_the_same_for_a_seed(
    distribution: Distribution, size: int, seed: int
) -> None:
    values = drawn(distribution, size, seed)
    assert values.dtype == np.int64
    assert len(values) == size
    assert (values >= 0).all()
    assert values.tolist() == drawn(distribution, size, seed).tolist()


def test_draws_one_by_one_are_those_of_the_blocks() -> None:
    distribution = Exponential(average=MINUTE)
    one_by_one = list(islice(draws(distribution, np.random.default_rng(3), block=4), 10))
    rng = np.random.default_rng(3)
    blocks = np.concatenate([distribution.sample(rng, 4) for _ in range(3)])
    assert one_by_one == blocks[:10].tolist()
