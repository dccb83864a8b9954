"""Erlang B and C to their published digits, and the waits of M/M/n."""

from __future__ import annotations

from math import exp, factorial, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.theory import erlang_b, erlang_c, patient_queue

loads = st.floats(0.01, 60)
servers = st.integers(1, 80)


@pytest.mark.parametrize(
    ("load", "lines", "lost"),
    [
        (1, 1, 0.5),
        (10, 10, 0.214582),
        (10, 15, 0.036497),
        (20, 30, 0.008457),
        (100, 117, 0.009790),
    ],
)
def test_erlang_b_has_the_digits_of_the_tables(load: float, lines: int, lost: float) -> None:
    assert erlang_b(load, lines) == pytest.approx(lost, abs=5e-7)


@pytest.mark.parametrize(
    ("load", "agents", "p_wait"),
    [
        (1, 2, 1 / 3),
        (10, 14, 0.1741319335950498),
        (84, 90, 0.411957),
        (48, 50, 0.694456),
        (100, 110, 0.237008),
    ],
)
def test_erlang_c_has_the_digits_of_the_tables(load: float, agents: int, p_wait: float) -> None:
    assert erlang_c(load, agents) == pytest.approx(p_wait, abs=5e-7)


@given(loads, st.integers(1, 60))
@settings(deadline=None)
def test_erlang_b_is_the_ratio_of_erlang_himself(load: float, lines: int) -> None:
    terms = [load**busy / factorial(busy) for busy in range(lines + 1)]
    assert erlang_b(load, lines) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)


@given(loads, servers)
@settings(deadline=None)
def test_more_servers_lose_fewer_and_more_load_loses_more(load: float, lines: int) -> None:
    assert erlang_b(load, lines + 1) < erlang_b(load, lines) < erlang_b(load * 1.1, lines)


@given(st.floats(0.01, 0.98), servers)
@settings(deadline=None)
def test_whoever_waits_is_more_often_found_than_whoever_is_lost(share: float, agents: int) -> None:
    load = share * agents
    assert erlang_b(load, agents) < erlang_c(load, agents) < 1
    assert erlang_c(load, agents + 1) < erlang_c(load, agents)


def test_one_agent_makes_everybody_wait_who_finds_work_there() -> None:
    assert erlang_c(0.7, 1) == pytest.approx(0.7)


@pytest.mark.parametrize("agents", [1_000, 10_000, 1_000_000])
def test_many_servers_overflow_nothing(agents: int) -> None:
    assert 0 < erlang_b(agents, agents) < 1
    assert 0 < erlang_c(agents - agents**0.5, agents) < 1
    assert erlang_b(1e-3, agents) == erlang_c(1e-3, agents) == 0.0
    assert erlang_b(1e12, agents) == pytest.approx(1 - agents / 1e12)


def test_a_load_of_half_a_standard_deviation_makes_the_same_share_wait_in_any_large_centre() -> (
    None
):
    assert erlang_c(10_000 - 50, 10_000) == pytest.approx(
        erlang_c(1_000_000 - 500, 1_000_000), abs=2e-3
    )


def test_without_load_nobody_is_lost_and_nobody_waits() -> None:
    assert erlang_b(0, 3) == erlang_c(0, 3) == 0
    assert patient_queue(0, 1, 3).mean_wait == 0


def test_the_half_hour_of_a_hundred_calls() -> None:
    queue = patient_queue(100 / 1800, 1 / 180, 14)
    assert queue.service_level(20) == pytest.approx(0.8883500191794669, abs=1e-12)
    assert queue.mean_wait == pytest.approx(7.836, abs=5e-4)
    assert queue.occupancy == pytest.approx(0.7143, abs=5e-5)


def test_forty_eight_calls_a_minute_for_fifty_agents() -> None:
    queue = patient_queue(48, 1, 50)
    assert queue.p_wait == pytest.approx(0.69446, abs=5e-6)
    assert queue.mean_wait * 60 == pytest.approx(20.83, abs=5e-3)
    assert queue.wait_quantile(0.9) * 60 == pytest.approx(58.1, abs=0.05)
    assert queue.mean_queue == pytest.approx(16.67, abs=5e-3)
    assert queue.occupancy == pytest.approx(0.960)


@given(st.floats(0.01, 0.99), servers, st.floats(0.001, 1000))
@settings(deadline=None)
def test_the_measures_agree_with_each_other(share: float, agents: int, rate: float) -> None:
    arrivals = share * agents * rate
    queue = patient_queue(arrivals, rate, agents)
    assert queue.mean_queue == pytest.approx(arrivals * queue.mean_wait)
    assert queue.mean_wait == pytest.approx(queue.p_wait * queue.mean_wait_of_waiting)
    assert queue.service_level(0) == pytest.approx(1 - queue.p_wait)
    assert queue.occupancy == pytest.approx(share)


@given(st.floats(0.01, 0.99), servers, st.floats(0.001, 0.999))
@settings(deadline=None)
def test_a_quantile_is_the_first_time_that_holds(share: float, agents: int, part: float) -> None:
    queue = patient_queue(share * agents, 1, agents)
    time = queue.wait_quantile(part)
    assert queue.service_level(time) >= part - 1e-12
    assert time == 0 or queue.service_level(time * 0.999) < part


def test_those_who_wait_wait_an_exponential_time() -> None:
    queue = patient_queue(8, 1, 10)
    assert queue.p_wait_longer(3) == pytest.approx(queue.p_wait * exp(-2 * 3))


@pytest.mark.parametrize(("load", "agents"), [(10, 10), (10.5, 10), (1e9, 1)])
def test_too_much_load_is_refused_with_what_to_do(load: float, agents: int) -> None:
    for compute in (lambda: erlang_c(load, agents), lambda: patient_queue(load, 1, agents)):
        with pytest.raises(ValueError, match=r"no steady state; give more than .* servers"):
            compute()


@pytest.mark.parametrize(
    ("load", "agents", "advice"),
    [
        (-1, 1, "load is -1; give zero or more"),
        (nan, 1, "load is nan; give zero"),
        (inf, 1, "load is inf; give zero"),
        (1, 0, "servers is 0; give from 1"),
        (1, -3, "servers is -3; give from 1"),
        (1, 10**12, "give from 1 to 1,000,000"),
    ],
)
def test_bad_numbers_are_refused_with_what_to_do(load: float, agents: int, advice: str) -> None:
    for formula in (erlang_b, erlang_c):
        with pytest.raises(ValueError, match=advice):
            formula(load, agents)


def test_bad_rates_times_and_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="service rate is 0; give a number above zero"):
        patient_queue(1, 0, 1)
    queue = patient_queue(1, 1, 2)
    with pytest.raises(ValueError, match="time is -1"):
        queue.service_level(-1)
    for share in (0, 1, nan):
        with pytest.raises(ValueError, match="give a share between 0 and 1"):
            queue.wait_quantile(share)
