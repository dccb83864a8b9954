"""The page on scenarios tells the truth, and the example is a sensible day."""

import re
from pathlib import Path

import msgspec
import pytest

from config.catalog.document import Source
from config.durations import format_duration
from simulator.contacts import MAX_CONTACTS
from simulator.scenario import Plan, Scenario, check_file, check_text, load_scenario
from simulator.scenario.checks import LONGEST
from simulator.scenario.distribution import FORMS, MAX_VARIATION
from simulator.scenario.document import (
    MAX_STREAMS,
    RunsSource,
    ScenarioSource,
    StaffSource,
    StreamSource,
    UntilSource,
)
from simulator.scenario.kinds import MAX_RATE
from simulator.staff import Behaviour

PAGE = Path("docs/simulator.md").read_text(encoding="utf-8")
EXAMPLE = Path("config/simulation.yaml")


def test_the_shortest_scenario_works() -> None:
    section = PAGE.partition("## The shortest scenario that works")[2]
    example = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert example is not None
    assert check_text(example[1], folder=Path("config")).ok


@pytest.mark.parametrize(
    "model", [ScenarioSource, StreamSource, StaffSource, RunsSource, UntilSource]
)
def test_every_key_is_documented(model: type[Source]) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(model)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_every_distribution_is_documented() -> None:
    assert [name for name in FORMS if f"| `{{{name}: " not in PAGE] == []


def test_the_defaults_in_the_tables_are_those_of_the_simulator() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert rows["seed"] == str(Plan().seed)
    assert rows["confidence"] == f"{Plan().confidence:.0%}"
    assert rows["pace"] == str(Behaviour().pace)
    assert rows["misses"] == f"{Behaviour().misses:.0%}"
    assert rows["returns_after"] == format_duration(round(Behaviour().returns_after.mean()))
    assert f"`{Plan().at_least}`, `{Plan().at_most}`" in PAGE


def test_the_limits_on_the_page_are_those_of_the_reader() -> None:
    assert f"{format_duration(LONGEST).removesuffix('d')} days at most" in PAGE
    for limit in (MAX_CONTACTS, MAX_RATE, MAX_STREAMS, MAX_VARIATION):
        assert f"{limit:,}" in PAGE


def test_the_example_has_no_problems_not_even_warnings() -> None:
    assert check_file(EXAMPLE).problems == ()


def test_the_example_employs_everybody_of_the_demo_and_fills_every_queue() -> None:
    scenario = load_scenario(EXAMPLE)
    assert isinstance(scenario, Scenario)
    assert [member.agent for member in scenario.staff] == list(scenario.catalog.agents)
    assert {stream.queue for stream in scenario.streams} == set(scenario.catalog.queues)
    assert {stream.channel for stream in scenario.streams} == {"voice", "chat", "email"}
    assert 500 < sum(stream.expected for stream in scenario.streams) < 1_000
