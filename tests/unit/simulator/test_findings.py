import msgspec
import pytest

from simulator.findings import Findings, alternative, as_often_as
from simulator.replications import replicate
from simulator.scenario import Plan
from tests.unit.simulator.centres import centre


def test_the_other_scenario_runs_on_the_very_same_seeds() -> None:
    first = replicate(centre(plan=Plan(seed=5, at_least=2, at_most=9, within=1e6)), workers=1)
    other = as_often_as(centre(agents=5, plan=Plan(seed=1, at_most=40)), first)
    second = replicate(other, workers=1)
    assert [run.seed for run in second.runs] == [run.seed for run in first.runs] == [5, 6]
    assert alternative(first, second).changes["all"]["mean_wait"].difference.count == 2


def test_for_programs_there_are_names_numbers_and_nulls() -> None:
    scenario = centre(agents=0, per_hour=0, plan=Plan(at_most=2))
    found = replicate(scenario, workers=1)
    plain = Findings(scenario=scenario, experiment=found, alternative=alternative(found, found))
    read = msgspec.json.decode(msgspec.json.encode(plain.plain()))
    assert read["scenario"] == "A small centre"
    assert read["experiment"]["figures"]["all"]["mean_wait"] == {
        "mean": None,
        "half_width": None,
        "count": 2,
    }
    assert read["experiment"]["occupancy"]["mean"] is None
    assert read["theory"] is None
    assert read["alternative"]["occupancy"]["difference"]["mean"] is None
    assert "catalog" not in read


def test_runs_that_are_no_pairs_are_refused() -> None:
    one, two = (replicate(centre(plan=Plan(at_most=n)), workers=1) for n in (1, 2))
    with pytest.raises(ValueError, match="argument"):
        alternative(one, two)
