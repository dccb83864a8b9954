"""Editors are told the same as the reader."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from simulator.scenario import check_text
from simulator.scenario.schema import FILE, scenario_schema, schema_text
from tests.unit.config.test_schema import as_editors_see_it

EXAMPLE = Path("config/simulation.yaml")


def valid(text: str) -> bool:
    return jsonschema.Draft202012Validator(scenario_schema()).is_valid(as_editors_see_it(text))


def test_the_published_schema_is_current() -> None:
    fresh = FILE.read_text(encoding="utf-8") == schema_text()
    assert fresh, "run: python -m simulator.scenario.schema"


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


def test_the_example_validates_and_names_the_schema_for_editors() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../simulator/scenario.schema.json\n")
    assert (EXAMPLE.parent / "../simulator/scenario.schema.json").resolve() == FILE
    jsonschema.validate(as_editors_see_it(text), scenario_schema())


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    schema = scenario_schema()
    used: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            used.add(part.get("$ref", ""))
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            for one in part:
                walk(one)

    walk(schema)
    names = {ref.removeprefix("#/$defs/") for ref in used} - {""}
    assert names == set(schema["$defs"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("catalog: demo.yaml", "catalogue: demo.yaml"),
        ("starts: 2026-03-02 07:30", "starts: Monday"),
        ("lasts: 12h30m", "lasts: 12.5"),
        ("channel: chat", "channel: pigeon"),
        ("{08:30-16:00: 3}", "{8-16: 3}"),
        ("{08:30-16:00: 3}", "-3"),
        ("{08:30-16:00: 3}", "1000001"),
        ("handling: {lognormal: {mean: 9m", "handling: {lognormal: {average: 9m"),
        ("variation: 1.1", "variation: 11"),
        ("{exponential: 10m}", "{exponentail: 10m}"),
        ("{exponential: 10m}", "10"),
        ("{uniform: {from: 30s, to: 3m}}", "{uniform: {from: 30s}}"),
        ("{uniform: {from: 30s, to: 3m}}", "{empirical: []}"),
        ("{uniform: {from: 30s, to: 3m}}", "never"),
        ("{gold: 15%, silver: 30%}", "{gold: 15, silver: 30}"),
        ("value: 300", "value: -1"),
        ("agents: [gus", "agents: [{gus: 1}"),
        ("agents: [eli, hana, kay, leo]", "agents: everybody"),
        ("shifts: 09:00-17:30", "shifts: 9-17"),
        ("misses: 2%", "misses: 2"),
        ("pace: 1.1", "pace: 0"),
        ("at_most: 40", "at_most: 0"),
        ("figure: mean_wait", "figure: waits"),
        ("within: 2s", "within: soon"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(old: str, new: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    assert not valid(changed)
    assert check_text(changed, folder=EXAMPLE.parent).errors


@pytest.mark.parametrize(
    "handling",
    ["20s", "0", "{exponential: 3m}", "{lognormal: {mean: 4m}}", "{uniform: {from: 1s, to: 4s}}",
     "{empirical: [10s, 20s]}"],
)  # fmt: skip
def test_what_the_reader_accepts_the_schema_accepts_too(handling: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    changed = text.replace("{lognormal: {mean: 9m, variation: 0.7}}", handling)
    changed = changed.replace("patience: {exponential: 10m}", "patience: never")
    changed = changed.replace("within: 2s", "within: 1%").replace("mean_wait", "abandonment")
    assert valid(changed)
    assert check_text(changed, folder=EXAMPLE.parent).ok


def test_no_word_of_the_model_itself_leaks_into_the_schema() -> None:
    text = schema_text()
    assert '"kind"' not in text
    assert "Source" not in text
    assert "default" not in json.loads(text)["$defs"]["Stream"]["properties"]["patience"]
