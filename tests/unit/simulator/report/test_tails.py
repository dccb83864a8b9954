import pytest

from simulator.figures import WAIT_EDGES
from simulator.replications import replicate
from simulator.report.tails import Tail, tails_by_tier
from simulator.scenario import Plan, Scenario
from tests.unit.simulator.centres import centre

PLAN = Plan(at_most=3)


def tails(scenario: Scenario) -> list[Tail]:
    return tails_by_tier(scenario, replicate(scenario, workers=1))


def test_the_share_who_wait_longer_falls_from_those_who_wait_at_all() -> None:
    scenario = centre(per_hour=100, plan=PLAN)
    experiment = replicate(scenario, workers=1)
    (everybody,) = tails_by_tier(scenario, experiment)
    assert everybody.name == "all contacts"
    assert len(everybody.longer) == len(WAIT_EDGES)
    waited = experiment.figures["all"]["waited"].mean
    assert everybody.longer[0] == pytest.approx(waited)
    assert list(everybody.longer) == sorted(everybody.longer, reverse=True)
    assert everybody.longer[-1] == 0


def test_each_tier_has_its_own() -> None:
    found = tails(centre(stream={"tiers": {"gold": 0.5}}, plan=PLAN))
    assert [one.name for one in found] == ["gold", "no tier"]


def test_nobody_who_waited_to_an_end_has_none() -> None:
    assert tails(centre(per_hour=0, plan=PLAN)) == []
