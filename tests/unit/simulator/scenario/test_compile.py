"""What is written becomes moments in UTC, streams, shifts and a plan."""

from datetime import datetime
from pathlib import Path

import pytest

from router.core.catalog import HOUR, MINUTE, SECOND
from router.core.requirements import SkillAtLeast, Step
from simulator.contacts import Rate
from simulator.distributions import Constant, Exponential, Never, Uniform
from simulator.scenario import Plan
from simulator.scenario.clock import moment
from simulator.staff import Behaviour, Pause, Shift
from tests.unit.simulator.scenario.written import SCENARIO, changed, compiled


def at(clock: str, zone: str = "UTC") -> int:
    """``clock`` on the scenario's first day, or a later ``day clock``."""
    text = clock if " " in clock else f"2026-03-02 {clock}"
    found = moment(datetime.fromisoformat(text), zone)
    assert found is not None
    return found


def test_time_is_by_the_clock_of_the_zone(tmp_path: Path) -> None:
    scenario = compiled(tmp_path, changed(("lasts: 10h", "lasts: 10h\ntime_zone: Europe/Madrid")))
    assert scenario.begins == at("07:00")
    assert scenario.ends == scenario.begins + 10 * HOUR
    assert scenario.zone == "Europe/Madrid"
    assert scenario.staff[0].shifts[0].begins == at("07:00")


def test_what_is_not_written_has_a_default(tmp_path: Path) -> None:
    scenario = compiled(tmp_path)
    (stream,) = scenario.streams
    assert (scenario.zone, scenario.warm_up, scenario.plan) == ("UTC", 0, Plan())
    assert (stream.tiers, stream.value, stream.steps, stream.attributes) == ({}, 0, (), {})
    assert scenario.staff[0].behaviour == Behaviour()


def test_a_stream_is_as_written(tmp_path: Path) -> None:
    more = (
        "value: 250\n    tiers: {gold: 10%}\n    attributes: {topic: bills}\n"
        "    wrap_up: {uniform: {from: 1s, to: 9s}}\n    steps: [{ask: {spanish: 2}}]\n    patience"
    )
    (stream,) = compiled(tmp_path, changed(("patience", more))).streams
    assert (stream.name, stream.channel, stream.queue) == ("calls", "voice", "support")
    assert stream.rates == (Rate(begins=at("08:00"), ends=at("18:00"), per_hour=10.0),)
    assert stream.handling == Exponential(average=3 * MINUTE)
    assert stream.patience == Exponential(average=2 * MINUTE)
    assert stream.wrap_up == Uniform(low=SECOND, high=9 * SECOND)
    assert (stream.tiers, stream.value, stream.attributes) == (
        {"gold": 0.1},
        250,
        {"topic": "bills"},
    )
    assert stream.steps == (Step(condition=SkillAtLeast(skill="spanish", level=2)),)


def test_wrap_up_that_is_left_out_takes_as_long_as_the_queue_gives(tmp_path: Path) -> None:
    (stream,) = compiled(tmp_path).streams
    assert stream.wrap_up == Constant(value=30 * SECOND)


def test_patience_that_is_left_out_never_ends(tmp_path: Path) -> None:
    (stream,) = compiled(tmp_path, changed(("    patience: {exponential: 2m}\n", ""))).streams
    assert stream.patience == Never()


def test_rates_by_span_come_every_day_in_order_and_none_between(tmp_path: Path) -> None:
    text = changed(
        ("lasts: 10h", "lasts: 30h"),
        ("per_hour: 10", "per_hour: {20:00-02:00: 3, 09:00-11:00: 20}"),
    )
    (stream,) = compiled(tmp_path, text).streams
    assert [(rate.begins, rate.ends, rate.per_hour) for rate in stream.rates] == [
        (at("09:00"), at("11:00"), 20.0),
        (at("20:00"), at("2026-03-03 02:00"), 3.0),
        (at("2026-03-03 09:00"), at("2026-03-03 11:00"), 20.0),
    ]
    assert stream.expected == pytest.approx(2 * 40 + 18)


def test_shifts_have_their_breaks(tmp_path: Path) -> None:
    ann, ben = compiled(tmp_path).staff
    pause = Pause(begins=at("10:00"), ends=at("10:15"))
    assert ann.shifts == (
        Shift(begins=at("08:00"), ends=at("12:30"), pauses=(pause,)),
        Shift(begins=at("13:00"), ends=at("18:00")),
    )
    assert (ann.agent, ben.agent, ben.shifts) == ("ann", "ben", ann.shifts)


def test_shifts_are_cut_to_the_scenario_and_one_may_be_going_on_when_it_begins(
    tmp_path: Path,
) -> None:
    text = changed(
        ("08:00\n", "02:00\n"),
        ("[08:00-12:30, 13:00-18:00]", "22:00-06:00"),
        ("10:00-10:15", "01:50-02:20"),
    )
    (ann, _) = compiled(tmp_path, text).staff
    assert ann.shifts == (Shift(begins=at("02:20"), ends=at("06:00")),)


def test_a_break_at_the_edge_of_a_shift_makes_it_shorter(tmp_path: Path) -> None:
    text = changed(("10:00-10:15", "[08:00-08:10, 12:00-12:30, 13:00-18:00]"))
    (ann, _) = compiled(tmp_path, text).staff
    assert ann.shifts == (Shift(begins=at("08:10"), ends=at("12:00")),)


def test_without_shifts_people_are_there_all_the_time(tmp_path: Path) -> None:
    text = changed(("    shifts: [08:00-12:30, 13:00-18:00]\n", ""), ("lasts: 10h", "lasts: 3d"))
    (ann, _) = compiled(tmp_path, text).staff
    (shift,) = ann.shifts
    assert (shift.begins, shift.ends) == (at("08:00"), at("2026-03-05 08:00"))
    assert len(shift.pauses) == 3


def test_everybody_is_one_member_in_the_catalogs_order(tmp_path: Path) -> None:
    late = "  late:\n    agents: all\n    shifts: 18:00-22:00\n"
    text = changed(("[ann, ben]", "[ben, ann]"), ("lasts: 10h", "lasts: 1d"), text=SCENARIO + late)
    ann, ben, cat = compiled(tmp_path, text).staff
    assert (ann.agent, ben.agent, cat.agent) == ("ann", "ben", "cat")
    assert [shift.begins for shift in ben.shifts] == [at("08:00"), at("13:00"), at("18:00")]
    assert [shift.begins for shift in cat.shifts] == [at("18:00")]


def test_people_behave_as_written(tmp_path: Path) -> None:
    more = (
        "accepts_after: 4s\n    misses: 2%\n    returns_after: 90s\n"
        "    pace: 1.1\n    fatigue: 3%\n    breaks"
    )
    (ann, _) = compiled(tmp_path, changed(("breaks", more))).staff
    assert ann.behaviour == Behaviour(
        accepts_after=Constant(value=4 * SECOND),
        misses=0.02,
        returns_after=Constant(value=90 * SECOND),
        pace=1.1,
        fatigue=0.03,
    )


@pytest.mark.parametrize(
    ("runs", "plan"),
    [
        ("{seed: 7}", Plan(seed=7)),
        ("{at_most: 3}", Plan(at_least=3, at_most=3)),
        ("{at_least: 1}", Plan(at_least=1)),
        ("{confidence: 99%}", Plan(confidence=0.99)),
        ("{until: {within: 2s}}", Plan(within=2.0)),
        ("{at_least: 1, until: {within: 2s}}", Plan(at_least=2, within=2.0)),
        ("{until: {figure: abandonment, within: 0.5%}}", Plan(figure="abandonment", within=0.005)),
    ],
)
def test_the_plan_is_as_written(runs: str, plan: Plan, tmp_path: Path) -> None:
    assert compiled(tmp_path, changed(("staff:", f"runs: {runs}\nstaff:"))).plan == plan


def test_the_scenario_may_have_a_name(tmp_path: Path) -> None:
    assert compiled(tmp_path).name == "x"
    assert compiled(tmp_path, f"name: Lundi à Lyon\n{SCENARIO}").name == "Lundi à Lyon"
