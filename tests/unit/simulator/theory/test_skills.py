"""Skill pools: the N-model's figures, the chain that keeps every order, and one pool for all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from simulator.theory import AgentGroup, SkillWaits, patient_queue, skill_waits
from simulator.theory.skills import MOST_STATES

Rates = dict[str, float]
State = tuple[str, tuple[int, ...]]
"""Whoever waits, in order of arrival, and the idle agents, the longest idle first."""

N_MODEL: Rates = {"a": 0.6, "b": 0.5}


def group(serves: str, servers: int = 1, rate: float = 1.0) -> AgentGroup:
    return AgentGroup(servers=servers, service_rate=rate, serves=frozenset(serves))


def moves(
    state: State, arrivals: Rates, agents: list[AgentGroup], longest: int
) -> Iterator[tuple[float, State]]:
    waiting, idle = state
    for kind, rate in arrivals.items():
        taker = next((agent for agent in idle if kind in agents[agent].serves), None)
        if taker is not None:
            yield rate, (waiting, tuple(agent for agent in idle if agent != taker))
        elif len(waiting) < longest:
            yield rate, (waiting + kind, idle)
    for number, agent in enumerate(agents):
        if number in idle:
            continue
        at = next((at for at, kind in enumerate(waiting) if kind in agent.serves), None)
        after = (
            (waiting, (*idle, number)) if at is None else (waiting[:at] + waiting[at + 1 :], idle)
        )
        yield agent.service_rate, after


def by_the_chain(arrivals: Rates, agents: list[AgentGroup], longest: int) -> SkillWaits:
    """The steady state of every order, ``longest`` waiting at most, from its balance equations."""
    states: list[State] = [("", tuple(range(len(agents))))]
    numbers = {states[0]: 0}
    found: list[tuple[int, int, float]] = []
    for state in states:
        for rate, after in moves(state, arrivals, agents, longest):
            if after not in numbers:
                numbers[after] = len(states)
                states.append(after)
            found.append((numbers[state], numbers[after], rate))
    balance = np.zeros((len(states), len(states)))
    for start, end, rate in found:
        balance[end, start] += rate
        balance[start, start] -= rate
    balance[0] = 1
    shares = np.linalg.solve(balance, np.eye(len(states))[0])
    must_wait = {
        kind: [all(kind not in agents[agent].serves for agent in idle) for _, idle in states]
        for kind in arrivals
    }
    lines = {kind: [waiting.count(kind) for waiting, _ in states] for kind in arrivals}
    return SkillWaits(
        p_wait={kind: float(shares @ found) for kind, found in must_wait.items()},
        mean_wait={kind: float(shares @ line) / arrivals[kind] for kind, line in lines.items()},
        mean_queue={kind: float(shares @ line) for kind, line in lines.items()},
        occupancy=tuple(
            float(shares @ [number not in idle for _, idle in states])
            for number in range(len(agents))
        ),
    )


def test_the_n_model() -> None:
    found = skill_waits(N_MODEL, [group("a"), group("ab")])
    assert found.p_wait["a"] == pytest.approx(0.33611, abs=5e-6)
    assert found.p_wait["b"] == pytest.approx(0.67222, abs=5e-6)
    assert found.occupancy == pytest.approx((0.42778, 0.67222), abs=5e-6)
    assert found.mean_wait["a"] == pytest.approx(0.3735, abs=1.5e-4)
    assert found.mean_wait["b"] == pytest.approx(1.4939, abs=1.5e-4)


def test_the_n_model_in_fractions() -> None:
    """Small enough to be summed by hand: the weights are 2.34, 0.91, 3.33 and 3.33."""
    found = skill_waits(N_MODEL, [group("a"), group("ab")])
    assert found.p_wait == pytest.approx({"a": 121 / 360, "b": 121 / 180})
    assert found.mean_wait == pytest.approx({"a": 121 / 324, "b": 121 / 81})


@pytest.mark.parametrize(
    ("arrivals", "agents"),
    [
        ({"a": 0.2, "b": 0.15}, [group("a", rate=1.3), group("ab", rate=0.8)]),
        ({"a": 0.3, "b": 0.3}, [group("a", rate=0.9), group("ab", rate=1.4), group("b")]),
        ({"a": 0.05, "b": 0.4}, [group("ab", rate=0.7), group("ab"), group("b", rate=2)]),
        ({"a": 0.2, "b": 0.2}, [group("a"), group("b", rate=1.5)]),
    ],
)
def test_the_sum_over_orders_is_the_steady_state_of_the_chain_that_keeps_them(
    arrivals: Rates, agents: list[AgentGroup]
) -> None:
    found, chain = skill_waits(arrivals, agents), by_the_chain(arrivals, agents, longest=8)
    assert found.p_wait == pytest.approx(chain.p_wait, rel=2e-3)
    assert found.mean_wait == pytest.approx(chain.mean_wait, rel=1e-2)
    assert found.occupancy == pytest.approx(chain.occupancy, rel=1e-3)


def test_the_chain_comes_closer_the_longer_its_line() -> None:
    agents = [group("a"), group("ab")]
    arrivals = {"a": 0.2, "b": 0.1}
    exact = skill_waits(arrivals, agents).mean_wait["b"]
    errors = [
        abs(by_the_chain(arrivals, agents, longest).mean_wait["b"] - exact) for longest in (3, 6, 9)
    ]
    assert errors[0] > 10 * errors[1] > 100 * errors[2]
    assert errors[2] < 1e-6


def test_a_group_is_so_many_single_agents() -> None:
    arrivals = {"a": 1.1, "b": 1.3}
    together = skill_waits(arrivals, [group("a", 2), group("ab", 2)])
    apart = skill_waits(arrivals, [group("a"), group("ab"), group("a"), group("ab")])
    assert together.p_wait == pytest.approx(apart.p_wait)
    assert together.mean_wait == pytest.approx(apart.mean_wait)
    assert together.occupancy == pytest.approx(apart.occupancy[:2])


@pytest.mark.parametrize("groups", [[group("ab", 10)], [group("ab", 3), group("ab", 7)]])
def test_where_all_can_do_all_it_is_erlang_c(groups: list[AgentGroup]) -> None:
    found, pool = skill_waits({"a": 5, "b": 3.5}, groups), patient_queue(8.5, 1, 10)
    for kind in "ab":
        assert found.p_wait[kind] == pytest.approx(pool.p_wait)
        assert found.mean_wait[kind] == pytest.approx(pool.mean_wait)
    assert found.occupancy == pytest.approx([0.85] * len(groups))


def test_where_nobody_shares_each_group_is_erlang_c() -> None:
    found = skill_waits({"a": 5, "b": 30}, [group("a", 7), group("b", 17, 2)])
    for kind, pool in (("a", patient_queue(5, 1, 7)), ("b", patient_queue(30, 2, 17))):
        assert found.p_wait[kind] == pytest.approx(pool.p_wait)
        assert found.mean_wait[kind] == pytest.approx(pool.mean_wait)
        assert found.mean_queue[kind] == pytest.approx(pool.mean_queue)


def test_all_work_that_comes_is_done() -> None:
    groups = [group("a", 20, 1.2), group("ab", 25), group("bc", 20, 0.9)]
    found = skill_waits({"a": 22, "b": 18, "c": 15}, groups)
    done = zip(found.occupancy, groups, strict=True)
    rate = sum(share * each.servers * each.service_rate for share, each in done)
    assert rate == pytest.approx(55)


def test_a_second_skill_helps_those_who_had_one_agent() -> None:
    arrivals = {"a": 0.7, "b": 0.7}
    alone = skill_waits(arrivals, [group("a"), group("b")])
    helped = skill_waits(arrivals, [group("ab"), group("b")])
    assert helped.mean_wait["b"] < alone.mean_wait["b"]


def test_times_are_in_the_unit_of_the_rates() -> None:
    minutes = skill_waits(N_MODEL, [group("a"), group("ab")])
    microseconds = skill_waits(
        {kind: rate / 6e7 for kind, rate in N_MODEL.items()},
        [group("a", rate=1 / 6e7), group("ab", rate=1 / 6e7)],
    )
    assert microseconds.mean_wait["b"] == pytest.approx(6e7 * minutes.mean_wait["b"])
    assert microseconds.mean_queue == pytest.approx(minutes.mean_queue)


@pytest.mark.parametrize(
    ("arrivals", "groups", "advice"),
    [
        ({"a": 0.2, "b": 1.0}, [group("a"), group("ab")], "more of b comes than can be served"),
        ({"a": 1.5, "b": 0.7}, [group("a"), group("ab")], "more of a, b comes than can be served"),
        ({"a": 0.5, "b": 0.1}, [group("a")], "no group serves b; give one the skill"),
        ({"a": 0.5}, [group("a"), group("b")], "a group serves none of the types; leave it out"),
        ({}, [group("a")], "no types of customer are given"),
        ({"a": 0}, [group("a")], "arrival rate is 0; give a number above zero"),
        ({"a": 0.5}, [group("a", 0)], "servers is 0; give from 1"),
        ({"a": 0.5}, [group("a", rate=0)], "service rate is 0; give a number above zero"),
        ({"a": 0.5}, [group("a", MOST_STATES)], "give fewer or smaller groups"),
        ({"a": 9_000}, [group("a", 10_000)], "too large for this sum; give fewer agents"),
    ],
)
def test_bad_pools_are_refused_with_what_to_do(
    arrivals: Rates, groups: list[AgentGroup], advice: str
) -> None:
    with pytest.raises(ValueError, match=advice):
        skill_waits(arrivals, groups)
