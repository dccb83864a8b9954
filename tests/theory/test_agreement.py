"""The production core, simulated, gives what theory says it must.

Seeds are fixed, so that a run is what it was when it was written down. Each exact value must lie
in the 99 % interval of independent runs, and the interval must be narrow enough to mean something.
"""

from __future__ import annotations

import pytest

from router.core.durations import MINUTE, SECOND
from simulator.intervals import Interval, mean_interval
from simulator.theory import (
    AgentGroup,
    ageing_waits,
    impatient_queue,
    patient_queue,
    skill_waits,
)
from tests.theory.pools import Pool, mean_wait, measured, share, share_waiting

CONFIDENCE = 0.99


def known(samples: list[float], *, within: float) -> Interval:
    """The interval, if it is narrower than ``within`` (a share of the mean)."""
    interval = mean_interval(samples, CONFIDENCE)
    assert interval.half_width < within * interval.mean, f"{interval}: too few contacts to tell"
    return interval


def test_ten_agents_with_ten_erlangs_whose_callers_wait_as_long_as_they_talk():
    """A = n = 10 and patience = handling: the number in the centre is Poisson (Erlang A)."""
    exact = impatient_queue(10, 1, 10, 1)
    assert exact.p_wait == pytest.approx(0.54207, abs=1e-5)
    pool = Pool({"q": {}}, {"g": (10, [("q", 1)])})
    runs = [
        measured(pool.run({"q": 10}, contacts=8_000, seed=seed, patience=MINUTE))
        for seed in range(8)
    ]
    assert known([share_waiting(run) for run in runs], within=0.05).contains(exact.p_wait)
    assert known([share(run, "abandoned") for run in runs], within=0.12).contains(exact.p_abandon)
    waits = known([mean_wait(run) for run in runs], within=0.12)
    assert waits.contains(exact.mean_wait)
    assert waits.contains(exact.mean_queue / 10), "Little's law"


def test_forty_eight_calls_a_minute_for_fifty_agents():
    """Garnett, Mandelbaum and Reiman's example: 3.1 % abandon, the served wait 3.6 s."""
    exact = impatient_queue(48, 1, 50, 0.5)
    pool = Pool({"q": {}}, {"g": (50, [("q", 1)])})
    runs = [
        measured(pool.run({"q": 48}, contacts=14_000, seed=seed, patience=2 * MINUTE))
        for seed in range(6)
    ]
    assert known([share_waiting(run) for run in runs], within=0.2).contains(exact.p_wait)
    assert known([share(run, "abandoned") for run in runs], within=0.4).contains(exact.p_abandon)
    served = [[one for one in run if one.result == "answered"] for run in runs]
    waits = known([mean_wait(run) for run in served], within=0.4)
    assert waits.contains(exact.mean_wait_of_served)
    assert waits.contains(3.616 / 60)


def test_ten_erlangs_and_fourteen_agents_whose_callers_never_give_up():
    """Erlang C."""
    exact = patient_queue(10, 1, 14)
    assert exact.p_wait == pytest.approx(0.174132, abs=1e-6)
    pool = Pool({"q": {}}, {"g": (14, [("q", 1)])})
    runs = [measured(pool.run({"q": 10}, contacts=10_000, seed=seed)) for seed in range(8)]
    assert known([share_waiting(run) for run in runs], within=0.2).contains(exact.p_wait)
    assert known([mean_wait(run) for run in runs], within=0.4).contains(exact.mean_wait)


def test_one_agent_knows_a_and_the_other_both():
    """The N-model, whose answer depends on who is chosen and in which order calls are served."""
    exact = skill_waits(
        {"a": 0.6, "b": 0.5},
        [
            AgentGroup(servers=1, service_rate=1, serves=frozenset("a")),
            AgentGroup(servers=1, service_rate=1, serves=frozenset("ab")),
        ],
    )
    pool = Pool({"a": {}, "b": {}}, {"one": (1, [("a", 1)]), "two": (1, [("a", 1), ("b", 1)])})
    runs = [pool.run({"a": 0.6, "b": 0.5}, contacts=10_000, seed=seed) for seed in range(8)]
    for queue, p_wait in {"a": 0.33611, "b": 0.67222}.items():
        assert exact.p_wait[queue] == pytest.approx(p_wait, abs=1e-5)
        some = [measured(run, queue) for run in runs]
        assert known([share_waiting(run) for run in some], within=0.06).contains(p_wait)
        assert known([mean_wait(run) for run in some], within=0.15).contains(exact.mean_wait[queue])


def test_waits_that_count_at_different_speeds():
    """Wait ÷ objective with objectives of 4 to 1 is Kleinrock's ageing at rates of 1 to 4."""
    slow, quick = ageing_waits([4.5, 4.5], [1, 4], 1, 10)
    assert (slow, quick) == pytest.approx((1.00941, 0.32806), abs=1e-5)
    pool = Pool(
        {"slow": {"service_within": 80 * SECOND}, "quick": {"service_within": 20 * SECOND}},
        {"g": (10, [("slow", 1), ("quick", 1)])},
        order="objective",
    )
    rates = {"slow": 4.5, "quick": 4.5}
    runs = [pool.run(rates, contacts=12_000, seed=seed) for seed in range(8)]
    slows = [mean_wait(measured(run, "slow")) for run in runs]
    quicks = [mean_wait(measured(run, "quick")) for run in runs]
    ratio = known([a / b for a, b in zip(slows, quicks, strict=True)], within=0.1)
    assert ratio.contains(slow / quick)
    together = [(a + b) / 2 for a, b in zip(slows, quicks, strict=True)]
    assert mean_interval(together, CONFIDENCE).contains(0.66873), "no order changes the mean"


def test_who_is_chosen_among_equals_changes_nothing():
    """With unequal agents, longest-idle and random leave the aggregates alike (arXiv:1305.6249)."""

    def waits(strategy: str) -> list[float]:
        pool = Pool(
            {"q": {"strategy": strategy}},
            {"brisk": (5, [("q", 1)]), "calm": (5, [("q", 1)])},
            paces={"brisk": 0.8, "calm": 1.3},
        )
        runs = [pool.run({"q": 8}, contacts=9_000, seed=seed, lines=20) for seed in range(6)]
        return [mean_wait(measured(run)) for run in runs]

    idle, lot = waits("longest_idle"), waits("random")
    changes = mean_interval([b - a for a, b in zip(idle, lot, strict=True)], CONFIDENCE)
    assert changes.contains(0)
    assert changes.half_width < 0.15 * sum(idle) / len(idle)
