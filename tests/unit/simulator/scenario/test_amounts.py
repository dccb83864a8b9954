"""Offered load and people present, hour by hour."""

import numpy as np
import pytest

from router.core.catalog import HOUR, MINUTE, SECOND, Catalog, Queue
from simulator.contacts import Rate, Stream
from simulator.distributions import (
    NEVER,
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Uniform,
)
from simulator.scenario.amounts import mean_up_to, offered_load, people_present
from simulator.staff import Member, Pause, Shift

START = 1_772_438_400 * SECOND
EDGES = np.array([START, START + HOUR, START + 2 * HOUR, START + 150 * MINUTE])


def rate(begins: int, ends: int, per_hour: float) -> Rate:
    """Times in minutes from the start."""
    return Rate(begins=START + begins * MINUTE, ends=START + ends * MINUTE, per_hour=per_hour)


def catalog(**rules: int) -> Catalog:
    return Catalog(queues={"q": Queue(id="q", label="Q", **rules)})


def stream(*rates: Rate, wrap_up: int = 0) -> Stream:
    return Stream(
        name="s",
        channel="voice",
        queue="q",
        rates=rates,
        handling=Exponential(average=3 * MINUTE),
        wrap_up=Constant(value=wrap_up),
    )


def test_the_load_is_the_rate_times_what_a_contact_takes() -> None:
    """20 an hour for 3 minutes each: one agent is always busy."""
    assert offered_load(catalog(), stream(rate(0, 150, 20)), EDGES) == pytest.approx([1, 1, 1])


def test_a_rate_counts_for_its_part_of_an_hour() -> None:
    found = offered_load(catalog(), stream(rate(0, 30, 20), rate(90, 135, 40)), EDGES)
    assert found == pytest.approx([0.5, 1.0, 1.0])


def test_no_arrivals_are_no_load() -> None:
    assert offered_load(catalog(), stream(), EDGES) == pytest.approx([0, 0, 0])


@pytest.mark.parametrize(
    ("rules", "minutes"),
    [({}, 5), ({"wrap_up": 0}, 3), ({"wrap_up": MINUTE, "wrap_up_limit": MINUTE}, 4)],
)
def test_wrap_up_counts_as_far_as_the_queue_allows_it(rules: dict[str, int], minutes: int) -> None:
    load = offered_load(catalog(**rules), stream(rate(0, 150, 60), wrap_up=2 * MINUTE), EDGES)
    assert load == pytest.approx([minutes] * 3)


@pytest.mark.parametrize(
    "distribution",
    [
        Constant(value=90),
        Empirical(values=(10, 50, 300)),
        Exponential(average=90),
        Exponential(average=0),
        Uniform(low=200, high=220),
    ],
)
def test_the_mean_of_what_is_cut_is_that_of_the_draws(distribution: Distribution) -> None:
    drawn = distribution.sample(np.random.default_rng(5), 200_000)
    for limit in (0, 60, 100, 10_000):
        assert mean_up_to(distribution, limit) == pytest.approx(
            np.minimum(drawn, limit).mean(), rel=0.01, abs=0.01
        )


def test_for_long_tails_the_mean_of_what_is_cut_is_not_underrated() -> None:
    distribution = Lognormal(average=90, variation=1.5)
    drawn = distribution.sample(np.random.default_rng(5), 100_000)
    assert np.minimum(drawn, 100).mean() < mean_up_to(distribution, 100) == 90


def test_a_huge_mean_is_a_number() -> None:
    assert mean_up_to(Constant(value=NEVER), 5) == 5


def shift(begins: int, ends: int, *pauses: tuple[int, int]) -> Shift:
    return Shift(
        begins=START + begins * MINUTE,
        ends=START + ends * MINUTE,
        pauses=tuple(Pause(begins=START + a * MINUTE, ends=START + b * MINUTE) for a, b in pauses),
    )


def test_people_count_for_the_time_they_are_there() -> None:
    ann = Member(agent="ann", shifts=(shift(0, 150),))
    ben = Member(agent="ben", shifts=(shift(0, 60, (15, 30)), shift(90, 150)))
    assert people_present([ann], EDGES) == pytest.approx([1, 1, 1])
    assert people_present([ann, ben], EDGES) == pytest.approx([1.75, 1.5, 2])


def test_nobody_is_present_without_staff() -> None:
    assert people_present([], EDGES) == pytest.approx([0, 0, 0])
