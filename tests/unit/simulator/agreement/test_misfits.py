"""Each way in which a simulated queue differs from the formulas is said; nothing else is."""

from typing import Any

import msgspec
import pytest

from router.core.catalog import (
    HOUR,
    MINUTE,
    SECOND,
    Credits,
    OverflowRule,
    ProfileQueue,
    ToCallback,
    ToQueue,
    ValueCredit,
)
from router.core.requirements import SkillAtLeast, Step
from simulator.agreement.misfits import hopeless, misfits, one_order
from simulator.agreement.served import ServedQueue, served_queues
from simulator.contacts import Rate
from simulator.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Never,
    Uniform,
)
from simulator.scenario import Scenario
from simulator.staff import Behaviour, Member, Pause, Shift
from tests.unit.simulator.centres import MONDAY, centre

replace = msgspec.structs.replace
ENDS = MONDAY + HOUR
_TWO_STEPS = (Step(condition=SkillAtLeast(skill="x"), lasts=SECOND), Step())


def served(scenario: Scenario) -> ServedQueue:
    (one,) = served_queues(scenario)
    return one


def with_stream(**fields: Any) -> Scenario:
    return centre(stream=fields)


def with_behaviour(**fields: Any) -> Scenario:
    scenario = centre()
    first, *others = scenario.staff
    staff = (replace(first, behaviour=Behaviour(**fields)), *others)
    return replace(scenario, staff=staff)


def with_shifts(*shifts: Shift) -> Scenario:
    scenario = centre()
    return replace(scenario, staff=(replace(scenario.staff[0], shifts=shifts),))


def with_profile(**fields: Any) -> Scenario:
    scenario = centre()
    profile = replace(scenario.catalog.profiles["all"], **fields)
    return replace(scenario, catalog=replace(scenario.catalog, profiles={"all": profile}))


def with_second(**fields: Any) -> Scenario:
    """A second stream into the same queue."""
    scenario = centre()
    (first,) = scenario.streams
    second = replace(first, name="others", **fields)
    return replace(scenario, streams=(first, second))


@pytest.mark.parametrize("patience", [Never(), Exponential(average=MINUTE)])
def test_the_textbook_queue_fits(patience: Distribution) -> None:
    assert misfits(served(with_stream(patience=patience))) == []
    assert hopeless(served(with_stream(patience=patience))) == []


def test_two_alike_streams_are_one_poisson_process() -> None:
    assert misfits(served(with_second())) == []


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (with_stream(handling=Lognormal(average=MINUTE)), "handling is lognormal"),
        (with_stream(handling=Constant(value=MINUTE)), "handling is always the same"),
        (with_stream(handling=Uniform(low=0, high=MINUTE)), "handling is uniform"),
        (with_stream(patience=Empirical(values=(MINUTE,))), "patience is empirical"),
        (with_second(patience=Never()), "patience is endless for some"),
        (
            with_second(handling=Exponential(average=MINUTE)),
            "handling differs between its streams",
        ),
        (
            with_stream(
                rates=(
                    Rate(begins=MONDAY, ends=MONDAY + HOUR // 2, per_hour=9),
                    Rate(begins=MONDAY + HOUR // 2, ends=ENDS, per_hour=10),
                )
            ),
            "the rate of arrivals changes",
        ),
        (
            with_stream(rates=(Rate(begins=MONDAY, ends=ENDS - MINUTE, per_hour=9),)),
            "the rate of arrivals changes",
        ),
        (
            centre(queue={"wrap_up": MINUTE}, stream={"wrap_up": Exponential(average=MINUTE)}),
            "agents write up after each conversation",
        ),
        (with_behaviour(accepts_after=Constant(value=SECOND)), "agents take time to answer"),
        (with_behaviour(misses=0.1), "agents miss offers"),
        (with_behaviour(pace=1.1), "agents work at different paces"),
        (with_behaviour(fatigue=0.1), "agents tire"),
        (
            with_shifts(
                Shift(begins=MONDAY, ends=ENDS, pauses=(Pause(begins=MONDAY + 1, ends=ENDS - 1),))
            ),
            "agents take breaks",
        ),
        (with_shifts(Shift(begins=MONDAY + MINUTE, ends=ENDS)), "agents come and go"),
        (
            with_shifts(
                Shift(begins=MONDAY, ends=MONDAY + MINUTE), Shift(begins=ENDS - MINUTE, ends=ENDS)
            ),
            "agents come and go",
        ),
        (
            centre(
                queue={"steps": (Step(condition=SkillAtLeast(skill="x"), lasts=SECOND), Step())}
            ),
            "some agents are asked only after a while",
        ),
        (
            with_profile(queues=(ProfileQueue(queue="help", delay=SECOND),)),
            "some agents are offered its contacts only after a delay",
        ),
        (
            centre(queue={"overflow": (OverflowRule(when="wait", at=MINUTE, to=ToCallback()),)}),
            "its overflow rules take contacts away",
        ),
    ],
)
def test_what_differs_is_said(scenario: Scenario, reason: str) -> None:
    assert reason in misfits(served(scenario))
    assert hopeless(served(scenario)) == []


def test_what_changes_nothing_is_not_held_against_it() -> None:
    assert misfits(served(centre(stream={"wrap_up": Exponential(average=MINUTE)}))) == []
    assert misfits(served(centre(queue={"wrap_up": MINUTE}))) == []
    at_once = centre(queue={"auto_accept": True})
    slow = replace(
        at_once,
        staff=tuple(
            replace(one, behaviour=Behaviour(accepts_after=Constant(value=SECOND), misses=0.5))
            for one in at_once.staff
        ),
    )
    assert misfits(served(slow)) == []
    halves = with_shifts(
        Shift(begins=MONDAY, ends=MONDAY + MINUTE), Shift(begins=MONDAY + MINUTE, ends=ENDS)
    )
    assert misfits(served(halves)) == []


def test_a_pace_that_all_share_fits() -> None:
    scenario = centre()
    staff = tuple(replace(one, behaviour=Behaviour(pace=2.0)) for one in scenario.staff)
    assert misfits(served(replace(scenario, staff=staff))) == []


def test_several_channels_shared_agents_and_nobody_there_are_hopeless() -> None:
    assert hopeless(served(centre(agents=0))) == ["nobody of the staff can serve it"]
    chats = with_second(channel="chat")
    assert "contacts come by chat and voice" in hopeless(served(chats))
    scenario = two_queues()
    assert [hopeless(one) for one in served_queues(scenario)] == [
        ["its agents also serve sales"],
        ["its agents also serve help"],
    ]


def two_queues() -> Scenario:
    scenario = with_profile(queues=(ProfileQueue(queue="help"), ProfileQueue(queue="sales")))
    catalog = scenario.catalog
    queues = {**catalog.queues, "sales": replace(catalog.queues["help"], id="sales")}
    (calls,) = scenario.streams
    return replace(
        scenario,
        catalog=replace(catalog, queues=queues),
        streams=(calls, replace(calls, name="sales calls", queue="sales")),
    )


def test_contacts_that_flow_in_from_elsewhere_are_hopeless() -> None:
    scenario = two_queues()
    rule = OverflowRule(when="wait", at=MINUTE, to=ToQueue(queue="help"))
    sales = replace(scenario.catalog.queues["sales"], overflow=(rule,))
    catalog = replace(scenario.catalog, queues={**scenario.catalog.queues, "sales": sales})
    first, _ = served_queues(replace(scenario, catalog=catalog))
    assert "contacts of sales overflow into it" in hopeless(first)


def test_a_queue_nobody_comes_to_is_not_asked_about() -> None:
    assert list(served_queues(centre(per_hour=0))) == []


@pytest.mark.parametrize(
    ("stream", "ordered"),
    [
        ({}, True),
        ({"tiers": {"gold": 0.2}}, False),
        ({"tiers": {"gold": 1.0}}, True),
        ({"tiers": {"silver": 0.2}}, True),
        ({"value": 2_000}, True),
    ],
)
def test_credits_of_some_mean_another_order(stream: dict[str, Any], ordered: bool) -> None:
    scenario = centre(stream=stream)
    head_starts = Credits(
        tiers={"gold": MINUTE}, values=(ValueCredit(at_least=1_000, credit=MINUTE),)
    )
    scenario = replace(scenario, catalog=replace(scenario.catalog, credits=head_starts))
    assert one_order(served(scenario)) is ordered


def test_credits_of_different_streams_mean_another_order() -> None:
    scenario = with_second(value=2_000)
    head_starts = Credits(values=(ValueCredit(at_least=1_000, credit=MINUTE),))
    scenario = replace(scenario, catalog=replace(scenario.catalog, credits=head_starts))
    assert not one_order(served(scenario))


def test_agents_who_stand_in_for_each_other_still_come_and_go() -> None:
    scenario = centre(agents=2)
    middle = MONDAY + HOUR // 2
    staff = (
        Member(agent="agent-0", shifts=(Shift(begins=MONDAY, ends=middle),)),
        Member(agent="agent-1", shifts=(Shift(begins=middle, ends=ENDS),)),
    )
    assert misfits(served(replace(scenario, staff=staff))) == ["agents come and go"]
