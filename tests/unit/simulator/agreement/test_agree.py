"""Simulation and formula beside each other, on the production core."""

import msgspec

from router.core.catalog import HOUR, MINUTE, Credits
from simulator.agreement import agreements, sentence
from simulator.agreement.agree import Agreement
from simulator.distributions import Lognormal, Never
from simulator.replications import Experiment, replicate
from simulator.scenario import Plan, Scenario
from tests.unit.simulator.centres import centre


def judged(scenario: Scenario) -> tuple[Agreement, Experiment]:
    experiment = replicate(scenario, workers=1)
    (one,) = agreements(scenario, experiment)
    return one, experiment


PLAN = Plan(seed=11, at_most=8, confidence=0.99)


def test_erlang_a_is_exact_for_the_textbook_queue_and_lies_in_the_intervals() -> None:
    found, experiment = judged(centre(hours=6, per_hour=80, warm_up=HOUR, plan=PLAN))
    assert (found.fit, found.formula, found.why, found.notes) == ("exact", "Erlang A", (), ())
    assert sentence(found) == "help: Erlang A is exact here."
    assert set(found.figures) == {
        *("mean_wait", "mean_wait_answered", "waited", "abandonment", "service_level"),
        "occupancy",
    }
    assert all(one.agrees for one in found.figures.values())
    simulated = experiment.figures["queue help"]["mean_wait"]
    assert found.figures["mean_wait"].simulated == simulated


def test_erlang_c_is_exact_when_nobody_gives_up() -> None:
    scenario = centre(hours=6, warm_up=HOUR, stream={"patience": Never()}, plan=PLAN)
    found, _ = judged(scenario)
    assert (found.fit, found.formula) == ("exact", "Erlang C")
    assert all(one.agrees for one in found.figures.values())


def test_a_formula_that_is_not_exact_says_why_and_is_called_an_approximation() -> None:
    stream = {"handling": Lognormal(average=3 * MINUTE), "patience": Lognormal(average=MINUTE)}
    found, _ = judged(centre(stream=stream))
    assert found.fit == "near"
    assert sentence(found) == (
        "help: no formula is exact, because handling is lognormal and patience is lognormal;"
        " Erlang A is an approximation."
    )
    assert found.figures
    assert "warm_up" in found.notes[0]


def test_a_line_without_end_has_no_formula() -> None:
    found, _ = judged(centre(per_hour=200, stream={"patience": Never()}))
    assert (found.fit, found.figures) == ("none", {})
    assert sentence(found).endswith(
        "because nobody gives up and the line grows without end:"
        " 10.0 agents are needed and 4 are there."
    )


def test_nobody_there_has_no_formula() -> None:
    found, _ = judged(centre(agents=0))
    assert sentence(found) == (
        "help: no formula applies, because nobody of the staff can serve it."
    )


def test_one_run_neither_agrees_nor_disagrees() -> None:
    found, _ = judged(centre(plan=Plan(at_most=1)))
    assert {one.agrees for one in found.figures.values()} == {None}


def test_credits_leave_the_mean_wait_and_take_the_service_level() -> None:
    scenario = centre(stream={"tiers": {"gold": 0.3}})
    catalog = msgspec.structs.replace(scenario.catalog, credits=Credits(tiers={"gold": MINUTE}))
    found, _ = judged(msgspec.structs.replace(scenario, catalog=catalog))
    assert found.fit == "exact"
    assert {"mean_wait", "waited", "abandonment"} <= set(found.figures)
    assert not {"service_level", "mean_wait_answered"} & set(found.figures)
    assert "Credits" in found.notes[-1]


def test_nobody_coming_is_nothing_to_compare() -> None:
    scenario = centre(per_hour=0)
    assert agreements(scenario, replicate(scenario, workers=1)) == []
