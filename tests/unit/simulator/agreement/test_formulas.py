from math import exp

import msgspec
import pytest

from router.core.catalog import HOUR, MINUTE, SECOND
from simulator.agreement.formulas import NoSteadyState, formula_of, occupancy, theory
from simulator.agreement.served import ServedQueue, served_queues
from simulator.contacts import Rate
from simulator.distributions import Constant, Exponential, Never
from simulator.scenario import Scenario
from simulator.staff import Behaviour
from simulator.theory import erlang_c, impatient_queue
from tests.unit.simulator.centres import MONDAY, centre


def served(scenario: Scenario) -> ServedQueue:
    (one,) = served_queues(scenario)
    return one


def test_customers_who_never_give_up_are_erlang_c() -> None:
    queue = served(centre(stream={"patience": Never()}))
    found = theory(queue)
    assert formula_of(queue) == "Erlang C"
    p_wait = erlang_c(3, 4)
    assert found["waited"] == pytest.approx(p_wait)
    assert found["mean_wait"] == pytest.approx(p_wait * 180)
    assert found["service_level"] == pytest.approx(1 - p_wait * exp(-20 / 180))
    assert found["abandonment"] == 0
    assert occupancy(queue) == pytest.approx(0.75)


def test_customers_who_give_up_are_erlang_a() -> None:
    queue = served(centre(per_hour=100))
    known = impatient_queue(100 / 3_600, 1 / 180, 4, 1 / 120)
    found = theory(queue)
    assert formula_of(queue) == "Erlang A"
    assert found["mean_wait"] == pytest.approx(known.mean_wait)
    assert found["mean_wait_answered"] == pytest.approx(known.mean_wait_of_served)
    assert found["abandonment"] == pytest.approx(known.p_abandon)
    assert found["service_level"] == pytest.approx(known.service_level(20, short=5))
    assert occupancy(queue) == pytest.approx(known.occupancy)


def test_stretches_of_a_day_count_by_their_contacts() -> None:
    half = MONDAY + HOUR
    rates = (
        Rate(begins=MONDAY, ends=half, per_hour=40),
        Rate(begins=half, ends=half + HOUR, per_hour=120),
    )
    found = theory(served(centre(hours=2, stream={"rates": rates})))
    quiet, busy = (impatient_queue(rate / 3_600, 1 / 180, 4, 1 / 120) for rate in (40, 120))
    expected = (40 * quiet.mean_wait + 120 * busy.mean_wait) / 160
    assert found["mean_wait"] == pytest.approx(expected)
    answered = [40 * (1 - quiet.p_abandon), 120 * (1 - busy.p_abandon)]
    waited = answered[0] * quiet.mean_wait_of_served + answered[1] * busy.mean_wait_of_served
    assert found["mean_wait_answered"] == pytest.approx(waited / sum(answered))
    assert occupancy(served(centre(hours=2, stream={"rates": rates}))) is None


def test_while_nobody_is_there_everybody_gives_up() -> None:
    scenario = centre(agents=1)
    shift = msgspec.structs.replace(scenario.staff[0].shifts[0], ends=MONDAY + 30 * MINUTE)
    staff = (msgspec.structs.replace(scenario.staff[0], shifts=(shift,)),)
    found = theory(served(msgspec.structs.replace(scenario, staff=staff)))
    there = impatient_queue(60 / 3_600, 1 / 180, 1, 1 / 120)
    assert found["abandonment"] == pytest.approx((there.p_abandon + 1) / 2)
    assert found["mean_wait"] == pytest.approx((there.mean_wait + 120) / 2)
    assert found["mean_wait_answered"] == pytest.approx(there.mean_wait_of_served)


@pytest.mark.parametrize("per_hour", [80, 100, 1_000_000])
def test_patient_customers_beyond_the_staff_have_no_steady_state(per_hour: float) -> None:
    queue = served(centre(per_hour=per_hour, stream={"patience": Never()}))
    with pytest.raises(NoSteadyState, match="4 are there"):
        theory(queue)


def test_ringing_wrap_up_and_pace_keep_agents_busy() -> None:
    scenario = centre(
        queue={"wrap_up": MINUTE, "wrap_up_limit": MINUTE},
        stream={"wrap_up": Constant(value=30 * SECOND), "patience": Exponential(average=MINUTE)},
    )
    slow = Behaviour(pace=2.0, accepts_after=Constant(value=10 * SECOND))
    staff = tuple(msgspec.structs.replace(one, behaviour=slow) for one in scenario.staff)
    found = theory(served(msgspec.structs.replace(scenario, staff=staff)))
    assert found["waited"] == pytest.approx(impatient_queue(1 / 60, 1 / 430, 4, 1 / 60).p_wait)


@pytest.mark.parametrize(
    "extreme",
    [
        {"handling": Constant(value=0)},
        {"patience": Constant(value=0)},
        {"handling": Exponential(average=900 * HOUR), "patience": Exponential(average=900 * HOUR)},
    ],
)
def test_extremes_give_numbers(extreme: dict[str, object]) -> None:
    found = theory(served(centre(per_hour=100_000, stream=extreme)))
    assert all(0 <= value < 1e9 for value in found.values())
