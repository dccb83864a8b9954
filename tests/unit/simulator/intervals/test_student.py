"""Student's quantiles against the published table, the function itself, and its limits."""

from __future__ import annotations

from math import pi, sqrt, tan
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.intervals import student
from simulator.intervals.student import student_quantile


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.7062),
        (2, 4.30265),
        (3, 3.18245),
        (4, 2.77645),
        (5, 2.57058),
        (9, 2.26216),
        (19, 2.09302),
        (30, 2.04227),
        (60, 2.00030),
        (120, 1.97993),
    ],
)
def test_the_table_for_ninety_five_in_a_hundred(freedom: int, quantile: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(quantile, abs=6e-6 * quantile)


@pytest.mark.parametrize(
    ("probability", "freedom", "quantile"),
    [
        (0.95, 10, 1.81246),
        (0.995, 10, 3.16927),
        (0.9995, 10, 4.58689),
        (0.90, 5, 1.47588),
        (0.995, 1, 63.6567),
        (0.9995, 2, 31.5991),
    ],
)
def test_the_table_for_other_shares(probability: float, freedom: int, quantile: float) -> None:
    assert student_quantile(probability, freedom) == pytest.approx(quantile, abs=6e-6 * quantile)


@pytest.mark.parametrize("probability", [1e-6, 0.01, 0.4, 0.5, 0.6, 0.9, 0.975, 1 - 1e-6])
def test_one_and_two_degrees_have_formulas(probability: float) -> None:
    one, two = (
        tan(pi * (probability - 0.5)),
        (2 * probability - 1) / sqrt(2 * probability * (1 - probability)),
    )
    assert student_quantile(probability, 1) == pytest.approx(one, rel=1e-9, abs=1e-12)
    assert student_quantile(probability, 2) == pytest.approx(two, rel=1e-9, abs=1e-12)


@given(st.floats(0.001, 0.999), st.integers(1, 400))
@settings(deadline=None)
def test_the_distribution_at_the_quantile_is_the_probability(share: float, freedom: int) -> None:
    within = student._within(student_quantile((1 + share) / 2, freedom), freedom)
    assert within == pytest.approx(share, abs=1e-12)


@given(st.floats(0.501, 0.9999), st.integers(1, 300))
@settings(deadline=None)
def test_fewer_degrees_and_higher_shares_lie_further_out(share: float, freedom: int) -> None:
    quantile = student_quantile(share, freedom)
    assert quantile > student_quantile(share, freedom + 1) > NormalDist().inv_cdf(share)
    assert quantile < student_quantile((1 + share) / 2, freedom)
    assert student_quantile(1 - share, freedom) == pytest.approx(-quantile, rel=1e-9)


@pytest.mark.parametrize("probability", [0.6, 0.975, 0.9999, 1 - 1e-6])
def test_sum_and_expansion_meet(probability: float) -> None:
    edge = student._NORMAL_FROM
    exact = student_quantile(probability, edge)
    assert student._expanded(NormalDist().inv_cdf(probability), edge) == pytest.approx(
        exact, rel=1e-9
    )
    assert student_quantile(probability, edge + 1) == pytest.approx(exact, rel=1e-6)


def test_endless_degrees_are_normal() -> None:
    assert student_quantile(0.975, 10**15) == pytest.approx(1.959963984540054, abs=1e-12)


@pytest.mark.parametrize("probability", [0, 1, -0.1, float("nan")])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="give one between 0 and 1"):
        student_quantile(probability, 3)


def test_no_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="0 degrees of freedom have no quantile; give 1 or more"):
        student_quantile(0.9, 0)
