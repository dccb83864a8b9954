import msgspec
import pytest

from router.core.catalog import HOUR, OverflowRule, ToMessage
from simulator.distributions import Never
from simulator.replications import Experiment, replicate
from simulator.scenario import Overload, Plan, Scenario
from simulator.wording import left_out, overload_sentences, runs_text
from tests.unit.simulator.centres import MONDAY, centre


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return replicate(centre(plan=Plan(at_most=3)), workers=1)


def overload(
    begins: float, ends: float, *streams: str, offered: float = 12.34, present: float = 10.0
) -> Overload:
    return Overload(
        begins=MONDAY + round(begins * HOUR),
        ends=MONDAY + round(ends * HOUR),
        streams=streams or ("calls",),
        offered=offered,
        present=present,
    )


def said(experiment: Experiment, *some: Overload, scenario: Scenario | None = None) -> list[str]:
    with_them = msgspec.structs.replace(experiment, overloads=some)
    return overload_sentences(with_them, scenario or centre())


def test_an_overload_is_one_sentence(experiment: Experiment) -> None:
    (sentence,) = said(experiment, overload(2, 4))
    assert sentence == (
        "Monday 10:00–12:00: calls ask for 12.3 agents, 10 are there: the line grows until"
        " customers give up."
    )


def test_patient_customers_wait_without_end_and_few_agents_are_counted_right(
    experiment: Experiment,
) -> None:
    patient = centre(stream={"patience": Never()})
    one = said(experiment, overload(2, 4, present=1.0), scenario=patient)
    none = said(experiment, overload(2, 4, present=0.0))
    assert "1 is there: the line grows without end." in one[0]
    assert "nobody is there:" in none[0]


def test_the_worst_time_of_each_set_of_streams_is_told(experiment: Experiment) -> None:
    found = said(
        experiment,
        overload(0, 1),
        overload(5, 6, offered=20),
        overload(8, 9),
        overload(0, 1, "a", "b"),
        overload(0, 1, "a", "b", "c", "d", "e"),
    )
    assert found[0].startswith("Monday 13:00–14:00: calls ask for 20.0 agents")
    assert found[0].endswith(" So too at 2 other times.")
    assert ": a and b ask for" in found[1]
    assert ": a, b, c and 2 more ask for" in found[2]


def test_long_scenarios_name_the_date_and_the_zones_clock_is_used(experiment: Experiment) -> None:
    long = centre(hours=24 * 9, zone="Europe/Madrid")
    assert said(experiment, overload(2, 4), scenario=long)[0].startswith(
        "Monday 2 March 11:00–13:00:"
    )
    assert said(experiment, overload(2, 30), scenario=long)[0].startswith(
        "Monday 2 March 11:00–Tuesday 3 March 15:00:"
    )


def test_why_it_stopped(experiment: Experiment) -> None:
    def text(**plan: object) -> str:
        found = replicate(centre(plan=Plan(**plan)), workers=1)
        return runs_text(found)

    assert runs_text(experiment) == "3 runs, as planned."
    assert text(at_most=1) == "1 run, as planned."
    assert "is known to" in text(at_most=9, at_least=2, within=1e6)
    assert ", and ± 1e+06 s was wanted" not in text(at_most=9, at_least=2, within=1e6)
    assert text(at_most=2, at_least=2, within=0.01).endswith(", not to ± 0.01 s.")


def test_nothing_is_known_of_nobody() -> None:
    found = replicate(centre(agents=0, plan=Plan(at_most=2, within=1.0)), workers=1)
    assert runs_text(found)


def test_who_is_in_no_wait_is_told_of() -> None:
    patient = centre(agents=0, stream={"patience": Never()}, plan=Plan(at_most=2))
    (waiting,) = left_out(replicate(patient, workers=1).runs)
    assert "(100.0 %) still waited at the end; they are in none of the waits." in waiting
    rule = OverflowRule(when="length", at=0, to=ToMessage(text="Later, please"))
    away = centre(agents=0, queue={"overflow": (rule,)}, plan=Plan(at_most=2))
    (sent,) = left_out(replicate(away, workers=1).runs)
    assert "sent elsewhere" in sent


def test_when_everybody_has_an_end_nothing_is_said() -> None:
    assert left_out(replicate(centre(per_hour=0, plan=Plan(at_most=1)), workers=1).runs) == []
