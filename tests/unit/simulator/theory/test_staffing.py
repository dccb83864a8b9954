"""Agents needed, and the approximations for large centres."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.theory import (
    agents_for,
    erlang_c,
    halfin_whitt_p_wait,
    impatient_queue,
    patient_queue,
    qed_p_wait,
    square_root_agents,
)

shares = st.floats(0.05, 0.995)


def test_a_hundred_calls_in_half_an_hour_need_fourteen_agents_for_eighty_in_twenty() -> None:
    assert agents_for(100 / 1800, 1 / 180, service_level=0.8, within=20) == 14


@given(st.floats(0.01, 300), shares, st.floats(0, 2))
@settings(deadline=None)
def test_one_agent_less_is_not_enough(load: float, share: float, within: float) -> None:
    agents = agents_for(load, 1, service_level=share, within=within)
    assert patient_queue(load, 1, agents).service_level(within) >= share
    if agents - 1 > load:
        assert patient_queue(load, 1, agents - 1).service_level(within) < share


@given(st.floats(0.01, 300), shares, st.floats(0, 2), st.floats(0.05, 20))
@settings(deadline=None, max_examples=50)
def test_one_agent_less_is_not_enough_for_the_impatient_either(
    load: float, share: float, within: float, patience_rate: float
) -> None:
    agents = agents_for(load, 1, service_level=share, within=within, patience_rate=patience_rate)
    assert impatient_queue(load, 1, agents, patience_rate).served_within(within) >= share
    if agents > 1:
        fewer = impatient_queue(load, 1, agents - 1, patience_rate)
        assert fewer.served_within(within) < share


def test_those_who_leave_make_fewer_agents_enough() -> None:
    patient = agents_for(48, 1, service_level=0.8, within=1 / 3)
    assert agents_for(48, 1, service_level=0.8, within=1 / 3, patience_rate=0.5) < patient


def test_a_hundred_thousand_agents() -> None:
    agents = agents_for(100_000, 1, service_level=0.9, within=0.001)
    assert 100_000 < agents < 101_000


def test_nobody_calling_needs_one_agent() -> None:
    assert agents_for(0, 1, service_level=0.9, within=0) == 1


def test_the_classic_example_in_the_limit() -> None:
    assert halfin_whitt_p_wait(48, 50) == pytest.approx(0.6836, abs=5e-5)
    assert qed_p_wait(48, 50, 2) == pytest.approx(0.4508, abs=5e-5)


@pytest.mark.parametrize("spare", [0.1, 0.5, 1, 2])
def test_the_limits_come_closer_the_larger_the_centre(spare: float) -> None:
    errors, impatient_errors = [], []
    for load in (100.0, 10_000.0):
        agents = round(load + spare * load**0.5)
        errors.append(abs(halfin_whitt_p_wait(load, agents) - erlang_c(load, agents)))
        exact = impatient_queue(load, 1, agents, 0.5).p_wait
        impatient_errors.append(abs(qed_p_wait(load, agents, 2) - exact))
    assert errors[1] < errors[0] / 5
    assert errors[1] < 0.002
    assert impatient_errors[1] < max(impatient_errors[0] / 5, 1e-4)
    assert impatient_errors[1] < 0.005


def test_the_impatient_limit_holds_in_overload_too() -> None:
    exact = impatient_queue(10_100, 1, 10_000, 0.5).p_wait
    assert qed_p_wait(10_100, 10_000, 2) == pytest.approx(exact, abs=0.005)


def test_endless_patience_has_the_patient_limit() -> None:
    assert qed_p_wait(48, 50, 1e9) == pytest.approx(halfin_whitt_p_wait(48, 50), rel=1e-6)


@pytest.mark.parametrize(
    ("load", "agents", "low", "high"),
    [(1, 1_000_000, 0, 1e-300), (1, 1_500, 0, 1e-300), (9_999.999, 10_000, 0.99, 1)],
)
def test_the_limits_overflow_nothing(load: float, agents: int, low: float, high: float) -> None:
    assert low <= halfin_whitt_p_wait(load, agents) <= high
    assert low <= qed_p_wait(load, agents, 1e9) <= high
    assert qed_p_wait(1e9, 1, 1) == pytest.approx(1)


@pytest.mark.parametrize("p_wait", [0.001, 0.2, 0.5, 0.9, 0.999])
def test_the_square_root_rule_is_the_limit_turned_around(p_wait: float) -> None:
    agents = round(square_root_agents(900_000, p_wait))
    assert halfin_whitt_p_wait(900_000, agents) == pytest.approx(p_wait, abs=1e-3)


@pytest.mark.parametrize("load", [50, 1_000, 20_000])
def test_the_square_root_rule_is_right_within_an_agent(load: int) -> None:
    agents = square_root_agents(load, 0.3)
    assert erlang_c(load, int(agents) - 1) > 0.3 > erlang_c(load, int(agents) + 2)


def test_bad_input_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="service level is 1; give a share"):
        agents_for(1, 1, service_level=1, within=20)
    with pytest.raises(ValueError, match="within is -1; give zero"):
        agents_for(1, 1, service_level=0.8, within=-1)
    with pytest.raises(ValueError, match="service rate is nan"):
        agents_for(1, nan, service_level=0.8, within=1)
    with pytest.raises(ValueError, match="no steady state"):
        halfin_whitt_p_wait(50, 50)
    with pytest.raises(ValueError, match="patience is 0"):
        qed_p_wait(48, 50, 0)
    with pytest.raises(ValueError, match="p wait is 0; give a share"):
        square_root_agents(48, 0)


@pytest.mark.parametrize("patience_rate", [0.0, 1.0])
def test_more_work_than_can_be_staffed_is_refused(patience_rate: float) -> None:
    with pytest.raises(ValueError, match=r"servers is|ask for less"):
        agents_for(1e12, 1, service_level=0.8, within=1, patience_rate=patience_rate)
