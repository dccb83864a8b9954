"""Rules between fields, and warnings about contacts nobody could serve."""

import time

import pytest

from config.catalog import check_text
from config.catalog.checks import find_cycles
from config.problems import Problem

BASE = """\
skills: {spanish: , billing: }
queues:
  a: {QUEUE}
  b: {}
profiles:
  p: {queues: [a, b], capacity: {voice: 1}}
agents:
  ann: {name: Ann, profile: p, skills: {spanish: 3}}
"""


def problems(queue: str = "", *, text: str = BASE) -> tuple[Problem, ...]:
    return check_text(text.replace("QUEUE", queue), at=0).problems


def brief(found: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(one.severity, one.path) for one in found]


def test_a_sound_catalog_has_no_problems() -> None:
    assert problems() == ()


@pytest.mark.parametrize(
    ("queue", "path"),
    [
        ("steps: [{ask: spanish, for: 30s}]", "queues.a.steps[0].for"),
        ("steps: [{ask: spanish}, {}]", "queues.a.steps[0]"),
        ("steps: [{ask: spanish, for: 0}, {}]", "queues.a.steps[0].for"),
        ("wrap_up: 20m", "queues.a.wrap_up"),
        ("wrap_up: 1m, wrap_up_limit: 30s", "queues.a.wrap_up_limit"),
        ("offer_for: 0", "queues.a.offer_for"),
        ("reoffer_after: 0", "queues.a.reoffer_after"),
        ("announcements: [{text: Hi, every: 1us}]", "queues.a.announcements[0].every"),
        ("steps: [" + "{for: 9s}, " * 20 + "{}]", "queues.a.steps"),
        ("dispositions: [Solved, Sold, Solved]", "queues.a.dispositions[2]"),
        ("hours: office", "queues.a.hours"),
        ("overflow: [{when: wait, to: callback}]", "queues.a.overflow[0]"),
        ("overflow: [{when: length, to: callback}]", "queues.a.overflow[0]"),
        ("overflow: [{when: length, at: 5m, to: callback}]", "queues.a.overflow[0].at"),
        ("overflow: [{when: wait, at: 20, to: callback}]", "queues.a.overflow[0].at"),
        ("overflow: [{when: wait, at: 5m, to: {}}]", "queues.a.overflow[0].to"),
        ("overflow: [{when: wait, at: 5m, to: nowhere}]", "queues.a.overflow[0].to"),
        (
            "overflow: [{when: wait, at: 5m, to: {queue: b, message: Bye}}]",
            "queues.a.overflow[0].to",
        ),
        ("overflow: [{when: wait, at: 5m, to: {queue: a}}]", "queues.a.overflow[0].to.queue"),
        ("overflow: [{when: wait, at: 5m, to: {queue: z}}]", "queues.a.overflow[0].to.queue"),
        ("overflow: [{when: full, at: 5m, to: callback}]", "queues.a.overflow[0].when"),
    ],
)
def test_rules_that_contradict_themselves_are_errors(queue: str, path: str) -> None:
    assert brief(problems(queue)) == [("error", path)]


@pytest.mark.parametrize(
    "queue",
    [
        "steps: [{ask: spanish, for: 30s}, {}]",
        "wrap_up: 0",
        "overflow: [{when: unstaffed, to: callback}]",
        "overflow: [{when: unstaffed, at: 1m, to: {queue: b}}]",
        "overflow: [{when: length, at: 20, to: {message: Sorry}}]",
        "callback: true",
        "callback: {after: 1m, attempts: 2}",
        "service_target: 0.8",
    ],
)
def test_sound_rules_pass(queue: str) -> None:
    assert problems(queue) == ()


def test_a_rule_for_closing_time_without_hours_is_a_warning() -> None:
    found = problems("overflow: [{when: closed, to: callback}]")
    assert brief(found) == [("warning", "queues.a.overflow[0]")]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("voicemail", []), ("voice", [("warning", "queues.a.overflow[0].to")])],
)
def test_a_voicemail_box_needs_an_entry_point_for_its_messages(
    channel: str, expected: list[tuple[str, str]]
) -> None:
    rule = "overflow: [{when: length, at: 20, to: {voicemail: main}}]"
    entry = f"\nentry_points: {{main: {{label: Box, channel: {channel}, queue: a}}}}\n"
    found = problems(rule, text=BASE + entry)
    assert [one for one in brief(found) if "overflow" in one[1]] == expected


def test_overflow_in_a_circle_is_a_warning_that_names_it() -> None:
    text = BASE.replace("b: {}", "b: {overflow: [{when: wait, at: 5m, to: {queue: a}}]}")
    found = problems("overflow: [{when: wait, at: 5m, to: {queue: b}}]", text=text)
    assert brief(found) == [("warning", "queues.a.overflow")]
    assert "a -> b -> a" in found[0].what


def test_a_circle_is_found_once_and_only_where_it_is() -> None:
    assert find_cycles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["a"]}) == [["b", "c"]]
    assert find_cycles({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}) == []


def test_a_long_chain_of_queues_is_searched_without_recursion() -> None:
    chain = {f"q{n}": [f"q{n + 1}"] for n in range(20_000)}
    assert find_cycles(chain) == []


@pytest.mark.parametrize(
    ("hours", "path"),
    [
        ("open: {mon: open}", "hours.office"),
        ("time_zone: UTC, open: {mon-fri: open, fri: closed}", "hours.office.open"),
        ("time_zone: UTC, open: {mon: [09:00-12:00, 11:00-13:00]}", "hours.office.open.mon"),
        ("time_zone: UTC, open: {mon: 9-17}", "hours.office.open.mon"),
        ("time_zone: UTC, open: {mon: [09:00-12:00, x]}", "hours.office.open.mon[1]"),
        ("time_zone: UTC, open: {monday: open}", "hours.office.open.monday"),
        ("time_zone: Mars, open: {mon: open}", "hours.office.time_zone"),
        ("time_zone: UTC, holidays: XX, open: {mon: open}", "hours.office.holidays"),
        ("time_zone: UTC, open: {mon: open}, dates: {12-24: closed}", "hours.office.dates.12-24"),
        (
            "time_zone: UTC, open: {mon: open}, dates: {2026-12-24: shut}",
            "hours.office.dates.2026-12-24",
        ),
        ("time_zone: UTC", "hours.office"),
    ],
)
def test_hours_must_be_complete_and_readable(hours: str, path: str) -> None:
    text = f"{BASE}hours: {{office: {{{hours}}}}}\n"
    assert brief(problems(text=text)) == [("error", path)]


def test_hours_take_the_time_zone_of_the_centre() -> None:
    text = f"time_zone: Europe/Madrid\n{BASE}hours: {{office: {{open: {{mon: open}}}}}}\n"
    assert problems("hours: office", text=text) == ()


def test_hours_that_never_open_are_a_warning() -> None:
    text = f"{BASE}hours: {{office: {{time_zone: UTC, open: {{mon: closed}}}}}}\n"
    assert brief(problems(text=text)) == [("warning", "hours.office.open")]


def test_a_profile_without_capacity_is_a_warning() -> None:
    text = BASE.replace("capacity: {voice: 1}", "capacity: {voice: 0}")
    assert brief(problems(text=text)) == [("warning", "profiles.p.capacity")]


def test_a_queue_twice_in_a_profile_is_an_error() -> None:
    text = BASE.replace("queues: [a, b]", "queues: [a, b, {queue: a, band: 2}]")
    assert brief(problems(text=text)) == [("error", "profiles.p.queues[2]")]


def test_credits_name_each_value_once_and_are_sorted() -> None:
    credits_text = "credits: {values: [{at_least: 9, credit: 2s}, {at_least: 5, credit: 1s}]}\n"
    catalog = check_text(BASE.replace("QUEUE", "") + credits_text, at=0).catalog
    assert catalog is not None
    assert [one.at_least for one in catalog.credits.values] == [5, 9]
    twice = credits_text.replace("5", "9")
    assert brief(problems(text=BASE + twice)) == [("error", "credits.values[1]")]


def test_a_queue_nobody_serves_is_a_warning() -> None:
    assert brief(problems(text=BASE.replace("queues: [a, b]", "queues: [a]"))) == [
        ("warning", "queues.b")
    ]


def test_a_step_nobody_meets_is_a_warning_with_the_best_there_is() -> None:
    found = problems("steps: [{ask: {spanish: 9}, for: 30s}, {}]")
    assert brief(found) == [("warning", "queues.a.steps[0]")]
    assert found[0].fix == "their best level of spanish is 3"


def test_a_skill_nobody_has_is_a_warning() -> None:
    found = problems("steps: [{ask: billing, for: 30s}, {}]")
    assert brief(found) == [("warning", "queues.a.steps[0]")]
    assert found[0].fix == "nobody has billing"


def test_an_entry_point_whose_channel_nobody_takes_is_a_warning() -> None:
    entry = "entry_points: {chat: {channel: chat, queue: a, choices: {x: b}}}\n"
    assert brief(problems(text=BASE + entry)) == [
        ("warning", "entry_points.chat.queue"),
        ("warning", "entry_points.chat.choices.x"),
    ]


def test_a_large_catalog_is_checked_in_seconds() -> None:
    """2,000 agents of different skills, 500 queues with demands nobody meets."""
    skills = [f"s{n}" for n in range(200)]
    agents = "\n".join(
        f"  a{n}: {{name: A, profile: p, skills: {{s{n % 100}: {n % 9 + 1}, s{100 + n % 97}: 3}}}}"
        for n in range(2_000)
    )
    ask = ", ".join(f"{{{skill}: 10}}" for skill in skills[:60])
    queues = "\n".join(f"  q{n}: {{steps: [{{ask: {{any: [{ask}]}}}}]}}" for n in range(500))
    names = ", ".join(f"q{n}" for n in range(500))
    text = (
        f"skills: {{{', '.join(f'{skill}: ' for skill in skills)}}}\nqueues:\n{queues}\n"
        f"profiles: {{p: {{queues: [{names}], capacity: {{voice: 1}}}}}}\nagents:\n{agents}\n"
    )
    started = time.process_time()
    report = check_text(text, at=0)
    assert time.process_time() - started < 10
    assert report.ok
    assert {one.severity for one in report.problems} == {"warning"}
