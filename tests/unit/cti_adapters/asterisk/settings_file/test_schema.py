"""The published schema says to editors what the reader says at the start."""

import json
from pathlib import Path

import jsonschema
import pytest

from cti_adapters.asterisk.settings_file import check_text
from cti_adapters.asterisk.settings_file.schema import FILE, pbxs_schema, schema_text
from cti_adapters.asterisk.settings_file.values import KINDS, PARSERS
from tests.unit.config.test_schema import as_editors_see_it

EXAMPLE = Path("config/asterisk.yaml").read_text(encoding="utf-8")


def valid(text):
    return jsonschema.Draft202012Validator(pbxs_schema()).is_valid(as_editors_see_it(text))


def test_the_published_schema_is_current():
    assert FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m cti_adapters.asterisk.settings_file.schema"
    )


def test_the_schema_is_itself_valid_and_shows_no_word_of_the_model():
    jsonschema.Draft202012Validator.check_schema(pbxs_schema())
    assert '"kind"' not in schema_text()
    assert set(PARSERS) <= set(KINDS)


def test_the_example_validates_and_names_the_schema_for_editors():
    first = EXAMPLE.splitlines()[0]
    assert first == (
        "# yaml-language-server: $schema=../cti_adapters/asterisk/asterisk.schema.json"
    )
    assert valid(EXAMPLE)
    uncommented = EXAMPLE.replace("    # phones:", "    phones:").replace(
        "    # softphone:", "    softphone:"
    )
    jsonschema.validate(as_editors_see_it(uncommented), pbxs_schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("host: 127.0.0.1", "hst: 127.0.0.1"),
        ("port: 5038", "port: 99999"),
        ("phone: PJSIP/{agent}", "phone: PJSIP/ann"),
        ("phone: PJSIP/{agent}", "phone: 'PJSIP/{agent}&PJSIP/all'"),
        ("trunk: PJSIP/{number}@trunk", "trunk: PJSIP/trunk"),
        ("country: GB", "country: England"),
        ('allow: ["+44"]', 'allow: ["0044"]'),
        ("per: 1h", "per: 3600"),
        ("premium: false", "premium: nope"),
        ("language: en", "language: English"),
        ("context: patchbay", "context: 'a,b'"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(old, new):
    assert old in EXAMPLE
    changed = EXAMPLE.replace(old, new, 1)
    assert not valid(changed)
    assert check_text(changed, environment={"ASTERISK_SECRET": "x"}).errors


def test_every_parser_has_a_pattern_for_editors():
    patterns = json.loads(schema_text())["$defs"]
    assert patterns["Pbx"]["properties"]["trunk"]["anyOf"][0]["pattern"]
