"""Waits by class: published figures, conservation, and the limits between the two rules."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.theory import ageing_waits, patient_queue, strict_priority_waits

classes = st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.05, 20)), min_size=1, max_size=6).map(
    lambda pairs: ([rate for rate, _ in pairs], [age for _, age in pairs])
)
loads = st.floats(0.05, 0.97)
servers = st.integers(1, 12)


def scaled(rates: list[float], share: float, agents: int) -> list[float]:
    return [rate * share * agents / sum(rates) for rate in rates]


def conserved(rates: list[float], waits: tuple[float, ...]) -> float:
    return sum(rate * wait for rate, wait in zip(rates, waits, strict=True)) / sum(rates)


def test_two_classes_under_strict_priority() -> None:
    urgent, other = strict_priority_waits([4.5, 4.5], 1, 10)
    assert urgent == pytest.approx(0.12159, abs=5e-6)
    assert other == pytest.approx(1.21588, abs=5e-6)
    assert (urgent + other) / 2 == pytest.approx(0.66873, abs=5e-6)


def test_two_classes_that_age_one_to_four() -> None:
    slow, fast = ageing_waits([4.5, 4.5], [1, 4], 1, 10)
    assert slow == pytest.approx(1.00941, abs=5e-6)
    assert fast == pytest.approx(0.32806, abs=5e-6)


def test_three_classes_that_age_one_to_two_to_four() -> None:
    waits = ageing_waits([3, 3, 3], [1, 2, 4], 1, 10)
    assert waits == pytest.approx((1.06997, 0.59792, 0.33830), abs=5e-6)


@given(classes, loads, servers)
@settings(deadline=None)
def test_what_one_class_gains_the_others_lose(
    given_classes: tuple[list[float], list[float]], share: float, agents: int
) -> None:
    rates, ages = scaled(given_classes[0], share, agents), given_classes[1]
    first_come = patient_queue(sum(rates), 1, agents).mean_wait
    assert conserved(rates, strict_priority_waits(rates, 1, agents)) == pytest.approx(first_come)
    assert conserved(rates, ageing_waits(rates, ages, 1, agents)) == pytest.approx(first_come)


@given(classes, loads, servers)
@settings(deadline=None)
def test_who_ages_faster_waits_less_but_never_beats_the_ratio(
    given_classes: tuple[list[float], list[float]], share: float, agents: int
) -> None:
    rates, ages = scaled(given_classes[0], share, agents), given_classes[1]
    waits = ageing_waits(rates, ages, 1, agents)
    for age, wait in zip(ages, waits, strict=True):
        for other_age, other_wait in zip(ages, waits, strict=True):
            if age > other_age:
                assert wait <= other_wait * (1 + 1e-9)
                assert wait * age >= other_wait * other_age * (1 - 1e-9)


@given(classes, loads, servers)
@settings(deadline=None)
def test_under_strict_priority_each_class_waits_longer_than_the_one_before(
    given_classes: tuple[list[float], list[float]], share: float, agents: int
) -> None:
    waits = strict_priority_waits(scaled(given_classes[0], share, agents), 1, agents)
    assert list(waits) == sorted(waits)


def test_ageing_alike_is_first_come_first_served() -> None:
    first_come = patient_queue(9, 1, 10).mean_wait
    assert ageing_waits([2, 3, 4], [5, 5, 5], 1, 10) == pytest.approx([first_come] * 3)


def test_ageing_far_apart_is_strict_priority() -> None:
    slow, fast = ageing_waits([4, 5], [1, 1e9], 1, 10)
    assert (fast, slow) == pytest.approx(strict_priority_waits([5, 4], 1, 10), rel=1e-6)


def test_the_order_in_which_classes_are_given_does_not_matter_for_ageing() -> None:
    one, two, three = ageing_waits([1, 2, 3], [4, 1, 2], 1, 8)
    assert ageing_waits([2, 3, 1], [1, 2, 4], 1, 8) == pytest.approx((two, three, one))


def test_a_class_nobody_is_in_changes_nothing() -> None:
    one, _, two = strict_priority_waits([4.5, 0, 4.5], 1, 10)
    assert (one, two) == pytest.approx(strict_priority_waits([4.5, 4.5], 1, 10))
    slow, _, fast = ageing_waits([4.5, 0, 4.5], [1, 2, 4], 1, 10)
    assert (slow, fast) == pytest.approx(ageing_waits([4.5, 4.5], [1, 4], 1, 10))


def test_times_are_in_the_unit_of_the_rates() -> None:
    minutes = ageing_waits([3, 6], [1, 2], 1, 10)
    seconds = ageing_waits([3 / 60, 6 / 60], [1, 2], 1 / 60, 10)
    assert seconds == pytest.approx([60 * wait for wait in minutes])


def test_thousands_of_agents() -> None:
    urgent, other = strict_priority_waits([4_900, 5_000], 1, 10_000)
    assert 0 < urgent < other < 0.1


def test_bad_input_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="no steady state; give more than 10 servers"):
        strict_priority_waits([5, 5], 1, 10)
    with pytest.raises(ValueError, match="no steady state"):
        ageing_waits([5, 6], [1, 2], 1, 10)
    with pytest.raises(ValueError, match="arrival rate is -1"):
        strict_priority_waits([5, -1], 1, 10)
    with pytest.raises(ValueError, match="service rate is 0"):
        strict_priority_waits([5], 0, 10)
    with pytest.raises(ValueError, match="one ageing rate for each arrival rate"):
        ageing_waits([1, 2], [1], 1, 10)
    for rate in (0, inf):
        with pytest.raises(ValueError, match="ageing rate is"):
            ageing_waits([1, 2], [1, rate], 1, 10)
