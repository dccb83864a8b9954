"""A scenario that asks for more than its staff can do is told so, hour by hour."""

from pathlib import Path

import pytest

from router.core.catalog import HOUR
from simulator.scenario import Overload, overloads
from simulator.scenario.clock import clock_text
from tests.unit.simulator.scenario.written import CATALOG, SCENARIO, changed, compiled


def hours(one: Overload) -> tuple[str, str]:
    return clock_text(one.begins, "UTC")[-5:], clock_text(one.ends, "UTC")[-5:]


def test_a_scenario_with_enough_people_has_no_overload(tmp_path: Path) -> None:
    assert overloads(compiled(tmp_path)) == []


def test_load_above_the_people_there_is_named_with_its_hours(tmp_path: Path) -> None:
    """42 an hour, 3 minutes and 30 s each: 2.45 agents busy, and two are there; in the hours
    with a pause, fewer.
    """
    text = changed(("per_hour: 10", "per_hour: {09:00-11:00: 42, 14:00-15:00: 42}"))
    morning, afternoon = overloads(compiled(tmp_path, text))
    assert (hours(morning), hours(afternoon)) == (("09:00", "11:00"), ("14:00", "15:00"))
    assert (morning.streams, morning.offered) == (("calls",), pytest.approx(2.45))
    assert morning.present == pytest.approx(1.5)  # ten o'clock is the worse of the two
    assert afternoon.present == pytest.approx(2.0)


def test_exactly_as_much_as_can_be_done_is_no_overload(tmp_path: Path) -> None:
    """10 agents and 200 an hour of 3 minutes: the textbook case A = n."""
    text = changed(
        ("per_hour: 10", "per_hour: 40\n    wrap_up: 0"),
        ("    shifts: [08:00-12:30, 13:00-18:00]\n    breaks: 10:00-10:15\n", ""),
    )
    assert overloads(compiled(tmp_path, text)) == []
    assert overloads(compiled(tmp_path, changed(("per_hour: 40", "per_hour: 40.1"), text=text)))


def test_people_on_their_way_out_count_for_the_part_of_the_hour(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: 20"))  # 1.17 agents; at noon, one on average
    (noon,) = overloads(compiled(tmp_path, text))
    assert (hours(noon), noon.present) == (("12:00", "13:00"), pytest.approx(1.0))


def test_two_streams_may_be_too_much_only_together(tmp_path: Path) -> None:
    both = "  more: {channel: voice, queue: support, per_hour: 20, handling: 3m}\n"
    text = changed(("per_hour: 10", "per_hour: 20"), ("staff:", f"{both}staff:"))
    found = overloads(compiled(tmp_path, text))
    assert {one.streams for one in found} == {("calls", "more")}


def test_a_few_who_speak_spanish_are_seen_among_many_who_do_not(tmp_path: Path) -> None:
    spanish = "  spanish: {channel: voice, queue: spanish, per_hour: 20, handling: 5m}\n"
    text = changed(("staff:", f"{spanish}staff:"))
    found = overloads(compiled(tmp_path, text))
    assert {one.streams for one in found} >= {("spanish",)}
    assert all(one.present <= 1 for one in found if one.streams == ("spanish",))


def test_a_chat_takes_a_part_of_an_agent_and_the_place_of_a_call(tmp_path: Path) -> None:
    chats = "  chats: {channel: chat, queue: support, per_hour: 40, handling: 6m, wrap_up: 0}\n"
    text = changed(
        ("staff:", f"{chats}staff:"),
        ("    shifts: [08:00-12:30, 13:00-18:00]\n    breaks: 10:00-10:15\n", ""),
    )
    assert overloads(compiled(tmp_path, text)) == []  # 4 chats: 1.33 agents; calls: 0.58
    (together,) = overloads(
        compiled(tmp_path, changed(("per_hour: 10", "per_hour: 12"), text=text))
    )
    assert together.streams == ("calls", "chats")
    assert together.offered == pytest.approx(4 / 3 + 0.7)


def test_mails_that_a_call_may_interrupt_do_not_take_its_place(tmp_path: Path) -> None:
    mails = "  mails: {channel: email, queue: support, per_hour: 70, handling: 6m, wrap_up: 0}\n"
    text = changed(
        ("staff:", f"{mails}staff:"),
        ("    shifts: [08:00-12:30, 13:00-18:00]\n    breaks: 10:00-10:15\n", ""),
    )
    catalog = CATALOG.replace("chat: 3", "email: 4")
    assert overloads(compiled(tmp_path, text, catalog=catalog)) == []


def test_who_works_slowly_does_less(tmp_path: Path) -> None:
    text = changed(
        ("per_hour: 10", "per_hour: 20"),
        ("    shifts: [08:00-12:30, 13:00-18:00]\n    breaks: 10:00-10:15\n", ""),
    )
    assert overloads(compiled(tmp_path, text)) == []
    slow = changed(("[ann, ben]", "[ann, ben]\n    pace: 2"), text=text)
    (found,) = overloads(compiled(tmp_path, slow))
    assert found.offered == pytest.approx(2 * 20 * 3.5 / 60)


def test_without_staff_everything_is_too_much(tmp_path: Path) -> None:
    scenario = compiled(tmp_path, SCENARIO.partition("staff:")[0])
    (found,) = overloads(scenario)
    assert (found.begins, found.ends, found.present) == (scenario.begins, scenario.ends, 0)


def test_without_arrivals_nothing_is(tmp_path: Path) -> None:
    text = SCENARIO.partition("arrivals:")[0]
    assert overloads(compiled(tmp_path, text)) == []


def test_a_last_piece_shorter_than_an_hour_is_judged_by_its_own_length(tmp_path: Path) -> None:
    text = changed(("lasts: 10h", "lasts: 1h20m"), ("per_hour: 10", "per_hour: {09:00-18:00: 60}"))
    scenario = compiled(tmp_path, text)
    (found,) = overloads(scenario)
    assert (found.begins - scenario.begins, found.ends) == (HOUR, scenario.ends)
    assert (found.offered, found.present) == (pytest.approx(3.5), pytest.approx(2.0))
