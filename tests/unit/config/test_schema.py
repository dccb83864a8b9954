import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from config.catalog import check_text
from config.catalog.schema import FILE, catalog_schema, schema_text
from config.problems import MAX_PROBLEMS

DEMO = Path("config/demo.yaml")


def as_editors_see_it(text: str) -> Any:
    """What a YAML 1.2 editor validates: keys are strings, dates are text."""
    return json.loads(json.dumps(_stringed(yaml.load(text, Loader=_Editor))))


class _Editor(yaml.SafeLoader):
    pass


_Editor.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":timestamp", ":bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def _stringed(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _stringed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_stringed(one) for one in value]
    return value


def valid(text: str) -> bool:
    return jsonschema.Draft202012Validator(catalog_schema()).is_valid(as_editors_see_it(text))


def test_the_published_schema_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m config.catalog.schema"


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(catalog_schema())


def test_the_demo_validates_and_names_the_schema_for_editors() -> None:
    text = DEMO.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=./catalog.schema.json\n")
    jsonschema.validate(as_editors_see_it(text), catalog_schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("service_within: 20s", "servce_within: 20s"),
        ("service_within: 20s", "service_within: 20"),
        ("service_within: 20s", "service_within: soon"),
        ("service_target: 80%", "service_target: 8"),
        ("strategy: most_skilled", "strategy: fastest"),
        ("channel: chat", "channel: pigeon"),
        ("spanish: 5, b", "spanish: 11, b"),
        ("mon-thu: 09:00-17:30", "monday: 09:00-17:30"),
        ("mon-thu: 09:00-17:30", "mon-thu: 9-17"),
        ("2026-12-24: 09", "24.12.: 09"),
        ("holidays: GB-ENG", "holidays: England"),
        ("to: callback", "to: nowhere"),
        ("{chinese: 2}", "{chinese: 0}"),
        ("name: Ann Lindqvist", "names: Ann Lindqvist"),
        ("  ann:", "  Änn:"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(old: str, new: str) -> None:
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    assert not valid(changed)
    report = check_text(changed, at=0)
    assert 0 < len(report.errors) < MAX_PROBLEMS


def test_no_word_of_the_model_itself_leaks_into_the_schema() -> None:
    text = schema_text()
    assert '"kind"' not in text
    assert "default" not in json.loads(text)["$defs"]["Queue"]["properties"]["offer_for"]
