"""Erlang A: the classic example to its digits, identities, limits, and the chain it is made of."""

from __future__ import annotations

from math import exp, log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.theory import ImpatientQueue, erlang_b, impatient_queue, patient_queue

loads = st.floats(0.05, 40)
servers = st.integers(1, 30)
patience = st.floats(0.02, 50)


def chain(load: float, agents: int, patience_rate: float) -> NDArray[np.float64]:
    """Shares of time with so many in the system, service rate 1, summed over a long chain."""
    counts = np.arange(1, agents + 40 + int(20 * max(load, 1) / min(patience_rate, 1)))
    leaving = np.minimum(counts, agents) + np.maximum(counts - agents, 0) * patience_rate
    logs = np.append(0, np.cumsum(np.log(load / leaving)))
    shares = np.exp(logs - logs.max())
    return shares / shares.sum()


@pytest.fixture(scope="module")
def classic() -> ImpatientQueue:
    """48 calls a minute, service 1 minute, 50 agents, patience 2 minutes; times in minutes."""
    return impatient_queue(48, 1, 50, 1 / 2)


def test_the_classic_example(classic: ImpatientQueue) -> None:
    assert classic.p_wait == pytest.approx(0.46777, abs=5e-6)
    assert classic.p_abandon == pytest.approx(0.03091, abs=5e-6)
    assert classic.mean_wait * 60 == pytest.approx(3.709, abs=5e-4)
    assert classic.mean_wait_of_served * 60 == pytest.approx(3.616, abs=5e-4)
    assert classic.mean_queue == pytest.approx(2.968, abs=5e-4)
    assert classic.occupancy == pytest.approx(0.9303, abs=5e-5)


def test_its_ninetieth_percentile(classic: ImpatientQueue) -> None:
    assert classic.p_wait_longer(12.5 / 60) == pytest.approx(0.0991, abs=5e-5)
    assert classic.wait_quantile(0.9) * 60 == pytest.approx(12.5, abs=0.06)


@pytest.mark.parametrize(
    ("load", "p_wait", "p_abandon", "line"),
    [(10, 0.54207, 0.12511, 1.2511), (12, 0.757608, 0.213632, 2.56359)],
)
def test_patience_as_long_as_service(
    load: float, p_wait: float, p_abandon: float, line: float
) -> None:
    queue = impatient_queue(load, 1, 10, 1)
    assert queue.p_wait == pytest.approx(p_wait, abs=5e-6)
    assert queue.p_abandon == pytest.approx(p_abandon, abs=5e-6)
    assert queue.mean_queue == pytest.approx(line, abs=5e-5)


def test_eighty_four_erlangs_for_ninety_agents_with_five_minutes_of_patience() -> None:
    queue = impatient_queue(8.4, 0.1, 90, 0.2)
    assert queue.p_wait == pytest.approx(0.229938, abs=5e-7)
    assert queue.p_abandon == pytest.approx(0.022110, abs=5e-7)
    assert queue.mean_wait == pytest.approx(0.110548, abs=5e-7)
    assert queue.served_within(0.5) == pytest.approx(0.895699, abs=5e-7)


@given(loads, servers, patience)
@settings(deadline=None)
def test_the_measures_are_sums_over_the_states(load: float, agents: int, rate: float) -> None:
    queue, shares = impatient_queue(load, 1, agents, rate), chain(load, agents, rate)
    counts = np.arange(len(shares))
    line = shares @ np.maximum(counts - agents, 0)
    assert queue.p_wait == pytest.approx(shares[agents:].sum(), rel=1e-9, abs=1e-12)
    assert queue.mean_queue == pytest.approx(line, rel=1e-9, abs=1e-12)
    assert queue.p_abandon == pytest.approx(rate * line / load, rel=1e-9, abs=1e-12)
    assert queue.occupancy == pytest.approx(shares @ np.minimum(counts, agents) / agents)


def test_waits_are_those_of_the_chain() -> None:
    """Who finds j waiting is served when j + 1 have been, or have lost patience."""
    agents, rate, time = 4, 0.6, 0.8
    found = chain(5, agents, rate)[agents : agents + 60]
    ahead = np.diag(-(agents + rate * np.arange(60)))
    ahead += np.diag(agents + rate * np.arange(1, 60), -1)
    moves = np.linalg.matrix_power(np.eye(60) + ahead * time / 2**24, 2**24)
    waiting_still = found @ moves.sum(axis=1)
    queue = impatient_queue(5, 1, agents, rate)
    assert queue.p_offered_longer(time) == pytest.approx(waiting_still, rel=1e-5)
    assert queue.p_wait_longer(time) == pytest.approx(waiting_still * exp(-rate * time), rel=1e-5)


@given(loads, servers, patience, st.floats(0.001, 1000))
@settings(deadline=None)
def test_the_identities_hold(load: float, agents: int, patience_rate: float, unit: float) -> None:
    queue = impatient_queue(load * unit, unit, agents, patience_rate * unit)
    same = impatient_queue(load, 1, agents, patience_rate)
    assert queue.p_abandon == pytest.approx(patience_rate * unit * queue.mean_wait)
    assert queue.mean_queue == pytest.approx(load * unit * queue.mean_wait)
    assert queue.occupancy * agents == pytest.approx(load * (1 - queue.p_abandon))
    assert queue.mean_wait * unit == pytest.approx(same.mean_wait)


@given(loads, servers, patience, st.floats(0, 3))
@settings(deadline=None)
def test_everybody_is_served_or_gone_or_waiting(
    load: float, agents: int, rate: float, time: float
) -> None:
    queue = impatient_queue(load, 1, agents, rate)
    parts = queue.served_within(time), queue.abandoned_within(time), queue.p_wait_longer(time)
    assert sum(parts) == pytest.approx(1)
    assert min(parts) >= 0
    assert queue.served_within(0) == pytest.approx(1 - queue.p_wait)
    assert queue.served_within(1e6) == pytest.approx(1 - queue.p_abandon)
    assert queue.abandoned_within(1e6) == pytest.approx(queue.p_abandon, abs=1e-9)


def test_mean_waits_are_integrals_of_the_tails(classic: ImpatientQueue) -> None:
    times = np.linspace(0, 3, 1001)
    tail = [classic.p_wait_longer(time) for time in times]
    assert np.trapezoid(tail, times) == pytest.approx(classic.mean_wait, rel=1e-4)
    served = 1 - classic.p_abandon
    late = [1 - classic.served_within(time) / served for time in times]
    assert np.trapezoid(late, times) == pytest.approx(classic.mean_wait_of_served, rel=1e-4)


def test_the_service_level_may_leave_out_those_who_left_at_once(classic: ImpatientQueue) -> None:
    within, short = 20 / 60, 5 / 60
    served, gone = classic.served_within(within), classic.abandoned_within(short)
    assert classic.service_level(within) == pytest.approx(served)
    assert classic.service_level(within, short=short) == pytest.approx(served / (1 - gone))


@given(loads, servers, patience, st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=30)
def test_a_quantile_is_where_that_many_have_stopped_waiting(
    load: float, agents: int, rate: float, share: float
) -> None:
    queue = impatient_queue(load, 1, agents, rate)
    time = queue.wait_quantile(share)
    if time:
        assert queue.p_wait_longer(time) == pytest.approx(1 - share)
    else:
        assert queue.p_wait <= 1 - share


@given(loads, servers, patience)
@settings(deadline=None)
def test_less_patience_leaves_sooner_and_spares_the_others(
    load: float, agents: int, rate: float
) -> None:
    queue, hasty = (
        impatient_queue(load, 1, agents, rate),
        impatient_queue(load, 1, agents, 2 * rate),
    )
    assert hasty.p_abandon >= queue.p_abandon - 1e-12
    assert hasty.mean_wait <= queue.mean_wait + 1e-12
    assert hasty.p_wait <= queue.p_wait + 1e-12


@given(loads, servers, patience)
@settings(deadline=None)
def test_more_agents_and_fewer_calls_lose_fewer(load: float, agents: int, rate: float) -> None:
    queue = impatient_queue(load, 1, agents, rate)
    assert impatient_queue(load, 1, agents + 1, rate).p_abandon <= queue.p_abandon + 1e-12
    assert impatient_queue(load * 0.9, 1, agents, rate).p_abandon <= queue.p_abandon + 1e-12


@pytest.mark.parametrize(("load", "agents"), [(48, 50), (0.5, 1), (9_900, 10_000)])
def test_endless_patience_is_erlang_c(load: float, agents: int) -> None:
    endless, queue = patient_queue(load, 1, agents), impatient_queue(load, 1, agents, 1e-10)
    assert queue.p_wait == pytest.approx(endless.p_wait, rel=1e-6)
    assert queue.mean_wait == pytest.approx(endless.mean_wait, rel=1e-6)
    assert queue.mean_wait_of_served == pytest.approx(endless.mean_wait, rel=1e-6)
    assert queue.wait_quantile(0.9) == pytest.approx(endless.wait_quantile(0.9), rel=1e-6)


@pytest.mark.parametrize(("load", "agents"), [(48, 50), (60, 50), (3, 1), (10_500, 10_000)])
def test_no_patience_is_erlang_b(load: float, agents: int) -> None:
    queue = impatient_queue(load, 1, agents, 1e12)
    assert queue.p_wait == pytest.approx(erlang_b(load, agents), rel=1e-6)
    assert queue.p_abandon == pytest.approx(erlang_b(load, agents), rel=1e-6)
    assert queue.mean_wait == pytest.approx(0, abs=1e-11)


@pytest.mark.parametrize("agents", [1_000, 10_000])
@pytest.mark.parametrize("share", [0.5, 0.99, 1.0, 1.01, 3.0])
@pytest.mark.parametrize("rate", [1e-6, 0.5, 1e4])
def test_large_centres_overflow_nothing(agents: int, share: float, rate: float) -> None:
    queue = impatient_queue(share * agents, 1, agents, rate)
    assert 0 <= queue.p_abandon <= queue.p_wait <= 1
    assert queue.p_abandon >= 1 - 1 / share - 1e-12
    assert 0 <= queue.occupancy <= 1


def test_what_cannot_be_served_leaves() -> None:
    """In overload the wait of a large centre is that which just enough callers outlast."""
    queue = impatient_queue(20_000, 1, 10_000, 0.25)
    assert queue.p_abandon == pytest.approx(0.5, abs=1e-6)
    assert queue.wait_quantile(0.4) == pytest.approx(-log(0.6) / 0.25, rel=1e-3)
    assert queue.mean_wait_of_served == pytest.approx(log(2) / 0.25, rel=1e-3)


def test_a_single_agent_nobody_calls() -> None:
    queue = impatient_queue(0, 1, 1, 1)
    assert (queue.p_wait, queue.p_abandon, queue.mean_wait, queue.occupancy) == (0, 0, 0, 0)
    assert queue.service_level(0) == 1


def test_times_beyond_all_waits_leave_nobody(classic: ImpatientQueue) -> None:
    assert classic.p_wait_longer(1e300) == 0
    assert classic.p_offered_longer(1e5) == 0


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ((-1, 1, 1, 1), "arrival rate is -1; give zero or more"),
        ((1, 0, 1, 1), "service rate is 0; give a number above zero"),
        ((1, 1, 0, 1), "servers is 0; give from 1"),
        ((1, 1, 1, 0), "patience rate is 0; give a number above zero"),
        ((1, 1, 1, nan), "patience rate is nan"),
    ],
)
def test_bad_numbers_are_refused_with_what_to_do(
    arguments: tuple[float, float, int, float], advice: str
) -> None:
    with pytest.raises(ValueError, match=advice):
        impatient_queue(*arguments)


def test_bad_times_and_shares_are_refused(classic: ImpatientQueue) -> None:
    for measure in (classic.served_within, classic.p_wait_longer, classic.p_offered_longer):
        with pytest.raises(ValueError, match="time is -1"):
            measure(-1)
    with pytest.raises(ValueError, match=r"share is 1\.5"):
        classic.wait_quantile(1.5)
