"""The integrator, on functions whose integrals are known."""

from __future__ import annotations

from math import e, erf, exp, inf, pi, sqrt

import numpy as np
import pytest

from simulator.theory.quadrature import Points, integrate_log_concave


def bell(points: Points) -> Points:
    return -points * points / 2


def decay(points: Points) -> Points:
    return -points


def test_a_bell_is_integrated_from_any_point_on() -> None:
    for start in (-100, -1, 0, 1.5):
        found = integrate_log_concave(bell, start, inf, mode=0, finest=0.01)
        assert found == pytest.approx(sqrt(pi / 2) * (1 - erf(start / sqrt(2))), rel=1e-13)


def test_far_tails_keep_their_digits() -> None:
    found = integrate_log_concave(decay, 600, inf, mode=0, finest=1)
    assert found == pytest.approx(exp(-600), rel=1e-13)


def test_a_finite_end_cuts_the_range() -> None:
    assert integrate_log_concave(decay, 0, 1, mode=0, finest=1) == pytest.approx(1 - 1 / e)
    before_the_peak = integrate_log_concave(bell, -2, -1, mode=0, finest=0.1)
    assert before_the_peak == pytest.approx(sqrt(pi / 2) * (erf(sqrt(2)) - erf(sqrt(0.5))))


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e3])
def test_a_weight_that_changes_on_another_scale_is_seen(scale: float) -> None:
    def weight(points: Points) -> Points:
        settled: Points = -np.expm1(-points / scale)
        return settled

    found = integrate_log_concave(decay, 0, inf, mode=0, finest=scale, weight=weight)
    assert found == pytest.approx(1 / (1 + scale), rel=1e-10)


def test_an_empty_range_holds_nothing() -> None:
    assert integrate_log_concave(decay, 1, 1, mode=0, finest=1) == 0
    assert integrate_log_concave(decay, 2, 1, mode=0, finest=1) == 0
