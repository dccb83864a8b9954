"""The published schema says to editors what the reader says at the start."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from cti_adapters.email.settings_file import check_text
from cti_adapters.email.settings_file.schema import FILE, mailboxes_schema, schema_text
from cti_adapters.email.settings_file.values import KINDS, PARSERS
from tests.unit.config.test_schema import as_editors_see_it

EXAMPLE = Path("config/mailboxes.yaml").read_text(encoding="utf-8")


def valid(text):
    schema = jsonschema.Draft202012Validator(mailboxes_schema())
    return schema.is_valid(as_editors_see_it(text))


def test_the_published_schema_is_current():
    assert FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m cti_adapters.email.settings_file.schema"
    )


def test_the_schema_is_itself_valid_and_shows_no_word_of_the_model():
    jsonschema.Draft202012Validator.check_schema(mailboxes_schema())
    assert '"kind"' not in schema_text()
    assert set(PARSERS) <= set(KINDS)


def test_the_example_validates_and_names_the_schema_for_editors():
    first = EXAMPLE.splitlines()[0]
    assert first == "# yaml-language-server: $schema=../cti_adapters/email/mailboxes.schema.json"
    assert valid(EXAMPLE)
    with_oauth = EXAMPLE.replace("    # oauth:", "    oauth:")
    assert with_oauth != EXAMPLE
    jsonschema.validate(as_editors_see_it(with_oauth), mailboxes_schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("address: support@shop.example", "address: support"),
        ("name: Shop support", 'name: "Shop\\nsupport"'),
        ("password_env: SUPPORT_PASSWORD", "password: hunter2"),
        ("password_env: SUPPORT_PASSWORD", "password_env: not a name"),
        ("host: imap.shop.example", "host: 'imap shop'"),
        ("security: starttls", "security: ssl"),
        ("after: move", "after: delete"),
        ("undo: 10s", "undo: soon"),
        ("largest_mail: 40", "largest_mail: 4000"),
        ("confirm: copy", "confirm: maybe"),
        ("plus_addressing: true", "plus_addressing: often"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(old, new):
    assert old in EXAMPLE
    changed = EXAMPLE.replace(old, new, 1)
    assert not valid(changed)
    assert check_text(changed, environment={"SUPPORT_PASSWORD": "x"}).errors
