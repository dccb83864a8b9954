"""M/M/n/K against its published figures, its limits, and sums over its states."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.theory import bounded_queue, erlang_b, patient_queue

rates = st.floats(0.01, 50)
servers = st.integers(1, 20)
waiting = st.integers(0, 40)


def test_ninety_agents_with_thirty_extra_spaces() -> None:
    queue = bounded_queue(8.4, 0.1, 90, 120)
    assert queue.p_block == pytest.approx(0.003643, abs=5e-7)
    assert queue.mean_wait == pytest.approx(0.4500, abs=5e-5)
    assert queue.service_level(0.5) == pytest.approx(0.7329, abs=5e-5)


def test_the_same_with_less_and_more_load() -> None:
    assert bounded_queue(7.74, 0.1, 90, 120).p_block == pytest.approx(0.000168, abs=5e-7)
    assert bounded_queue(9.0, 0.1, 90, 120).p_block == pytest.approx(0.023492, abs=5e-7)


@given(rates, servers, waiting)
@settings(deadline=None)
def test_the_measures_are_sums_over_the_states(load: float, agents: int, extra: int) -> None:
    queue = bounded_queue(load, 1, agents, agents + extra)
    counts = np.arange(agents + extra + 1)
    logs = np.append(0, np.cumsum(np.log(load / np.minimum(counts[1:], agents))))
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    entering = 1 - shares[-1]
    line = shares @ np.maximum(counts - agents, 0)
    assert queue.p_block == pytest.approx(shares[-1], rel=1e-9)
    assert queue.p_wait * entering == pytest.approx(shares[agents:-1].sum(), rel=1e-9)
    assert queue.mean_queue == pytest.approx(line, rel=1e-9)
    assert queue.mean_wait == pytest.approx(line / load / entering, rel=1e-9)
    assert queue.occupancy == pytest.approx(shares @ np.minimum(counts, agents) / agents)


def test_waits_are_sums_of_services() -> None:
    queue = bounded_queue(3, 1, 2, 4)
    found = np.array([1, 3, 4.5, 6.75, 10.125])
    found /= found[:-1].sum()
    time = 0.7
    longer = [
        exp(-2 * time) * sum((2 * time) ** done / factorial(done) for done in range(ahead + 1))
        for ahead in range(2)
    ]
    assert queue.p_wait_longer(time) == pytest.approx(found[2] * longer[0] + found[3] * longer[1])


@given(st.floats(0.1, 30), servers, waiting, st.floats(0, 5))
@settings(deadline=None)
def test_time_only_serves_more(load: float, agents: int, extra: int, time: float) -> None:
    queue = bounded_queue(load, 1, agents, agents + extra)
    assert queue.service_level(0) == pytest.approx(1 - queue.p_wait)
    assert queue.service_level(time) <= queue.service_level(time + 0.5) + 1e-12
    assert -1e-12 <= queue.p_wait_longer(time) <= 1 + 1e-12


@given(rates, servers, waiting)
@settings(deadline=None)
def test_a_further_place_turns_fewer_away(load: float, agents: int, extra: int) -> None:
    fewer = bounded_queue(load, 1, agents, agents + extra)
    more = bounded_queue(load, 1, agents, agents + extra + 1)
    assert more.p_block <= fewer.p_block * (1 + 1e-12)
    assert more.mean_wait >= fewer.mean_wait * (1 - 1e-12)


@given(rates, servers)
@settings(deadline=None)
def test_without_waiting_places_it_is_erlang_b(load: float, agents: int) -> None:
    queue = bounded_queue(load, 1, agents, agents)
    assert queue.p_block == pytest.approx(erlang_b(load, agents))
    assert (queue.p_wait, queue.mean_wait, queue.mean_queue) == (0, 0, 0)
    assert queue.service_level(0) == 1


def test_with_places_without_end_it_is_erlang_c() -> None:
    endless, queue = patient_queue(48, 1, 50), bounded_queue(48, 1, 50, 2_000)
    assert queue.p_block == pytest.approx(0, abs=1e-30)
    assert queue.mean_wait == pytest.approx(endless.mean_wait)
    assert queue.service_level(0.4) == pytest.approx(endless.service_level(0.4))


def test_overload_and_many_places_overflow_nothing() -> None:
    queue = bounded_queue(1e6, 1, 1_000, 50_000)
    assert queue.p_block == pytest.approx(0.999)
    assert queue.occupancy == pytest.approx(1)
    assert queue.mean_wait == pytest.approx(49, rel=1e-3)
    assert queue.service_level(48) < 1e-4 < 0.999 < queue.service_level(50)


@pytest.mark.parametrize("places", [9, -1, 10**9])
def test_impossible_places_are_refused_with_what_to_do(places: int) -> None:
    with pytest.raises(ValueError, match="give from 10 to 1000010 places"):
        bounded_queue(1, 1, 10, places)


def test_bad_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="arrival rate is 0; give a number above zero"):
        bounded_queue(0, 1, 1, 2)
    with pytest.raises(ValueError, match="servers is 0"):
        bounded_queue(1, 1, 0, 2)
