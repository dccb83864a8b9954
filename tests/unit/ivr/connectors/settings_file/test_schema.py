"""The published schema says to editors what the reader says at the start."""

from pathlib import Path

import jsonschema

from ivr.connectors.settings_file.schema import FILE, connectors_schema, schema_text
from ivr.connectors.settings_file.values import KINDS, PARSERS
from tests.unit.config.test_schema import as_editors_see_it

EXAMPLE = Path("config/connectors.yaml").read_text(encoding="utf-8")


def valid(text):
    found = jsonschema.Draft202012Validator(connectors_schema())
    return found.is_valid(as_editors_see_it(text))


def test_the_published_schema_is_current():
    assert FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m ivr.connectors.settings_file.schema"
    )


def test_the_schema_is_itself_valid_and_shows_no_word_of_the_model():
    jsonschema.Draft202012Validator.check_schema(connectors_schema())
    assert '"kind"' not in schema_text()
    assert set(PARSERS) <= set(KINDS)


def test_the_example_validates_and_names_the_schema_for_editors():
    first = EXAMPLE.splitlines()[0]
    assert first == "# yaml-language-server: $schema=connectors.schema.json"
    assert valid(EXAMPLE)


def test_what_the_reader_refuses_editors_refuse():
    for before, after in (
        ("https://billing.example/v2", "ftp://billing.example/v2"),
        ("timeout: 2s", "timeout: soon"),
        ("balance_due: /account", "balance_due: account"),
        ("method: POST", "method: PUT"),
        ("env: BILLING_TOKEN", "env: a b"),
        ("answer:", "answers:"),
    ):
        assert before in EXAMPLE
        assert not valid(EXAMPLE.replace(before, after))
