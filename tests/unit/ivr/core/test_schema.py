"""``ivr.core.schema``: what editors are told agrees with what is read."""

import json

import jsonschema
import pytest
from flow_world import flows
from hypothesis import given, settings

from ivr.core.document import decode, encode
from ivr.core.schema import flow_schema, schema_text

VALIDATOR = jsonschema.Draft202012Validator(flow_schema())


def document(**node):
    return {"flow": "f", "languages": ["en"], "start": "a", "nodes": {"a": node}}


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(flow_schema())


@settings(max_examples=25, deadline=None)
@given(flows())
def test_what_is_written_fits_the_schema(flow):
    assert [error.message for error in VALIDATOR.iter_errors(encode(flow))] == []


@pytest.mark.parametrize(
    "node",
    [
        {"kind": "meny"},
        {"kind": "say", "sya": "x"},
        {"kind": "say", "say": 5},
        {"kind": "menu", "answer_within": "soon"},
        {"kind": "menu", "choices": {"12": "x"}},
        {"kind": "collect", "check": "regex"},
        {"kind": "hours"},
        {"kind": "branch", "cases": [{"name": "x", "when": {"eval": "1"}}]},
        {"kind": "transfer", "number": "1&Dial"},
        {"kind": "split", "shares": {"a": 101}},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(node):
    assert not VALIDATOR.is_valid(document(**node))
    assert decode(document(**node)).flow is None


def test_no_word_of_the_model_itself_leaks_into_the_schema():
    kinds = set(json.loads(schema_text())["$defs"])
    assert {"Flow", "Menu", "Prompt", "Condition", "Demand", "Conversation"} <= kinds
    assert '"kind": "duration"' not in schema_text()
    assert '"default"' not in schema_text()
