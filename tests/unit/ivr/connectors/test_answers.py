"""``ivr.connectors.answers``: an answer is foreign, and of it only what was agreed is taken."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.connectors.answers import read_answer
from ivr.connectors.definitions import MAX_VALUE, Reading, Sign
from router.foreign_json import Unreadable

JSON = "application/json; charset=utf-8"
READING = Reading(fields={"debt": ("data", "debt"), "first": ("items", "0", "name")})
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("data"), inner),
)


def read(document, reading=READING, kind=JSON):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_answer(reading, kind, body)


def test_fields_are_taken_from_where_they_stand():
    found = read({"data": {"debt": 12.50}, "items": [{"name": "Ann"}, {"name": "Ben"}]})
    assert found.result == "found"
    assert found.answer == {"debt": "12.5", "first": "Ann"}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("12.50", "12.50"),
        ("-1e400", "-1e400"),
        ("99999999999999999999999999", "99999999999999999999999999"),
        ("true", "true"),
        ('"a\\u0000b\\u202ec\\nd"', "abc d"),
        ('"\\ud800x"', "x"),
        ('"<b>&amp;"', "<b>&amp;"),
        ('"' + "x" * 9_999 + '"', "x" * MAX_VALUE),
    ],
)
def test_values_are_bounded_clean_texts_and_numbers_as_they_were_written(written, text):
    assert read(f'{{"data": {{"debt": {written}}}}}'.encode()).answer == {"debt": text}


@pytest.mark.parametrize(
    "document", [{}, [], {"data": None}, {"data": {"debt": None}}, {"items": []}, "x", None, 1]
)
def test_what_is_not_there_is_not_taken(document):
    found = read(document)
    assert (found.result, found.answer) == ("found", {})


@pytest.mark.parametrize("value", [[], {}, ["12"], {"amount": 12}])
def test_several_values_where_one_was_agreed_are_refused(value):
    with pytest.raises(Unreadable, match="several values"):
        read({"data": {"debt": value}})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"<html>",
        b'{"a": 1, "a": 2}',
        b'{"data": {"debt": 1, "debt": 2}}',
        b"NaN",
        b'{"x": Infinity}',
        b'{"data": {"debt": ' + b"9" * 5_000 + b"}}",
        b"[" * 60_000,
        b'{"a":' * 60_000,
        b"{} {}",
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_is_no_plain_json_is_refused(body):
    with pytest.raises(Unreadable) as told:
        read(body)
    assert len(str(told.value)) < 80


@pytest.mark.parametrize("kind", ["text/html", "", "application/xml", "image/json", "json"])
def test_what_does_not_say_that_it_is_json_is_refused(kind):
    with pytest.raises(Unreadable, match="not JSON"):
        read({}, kind=kind)


@pytest.mark.parametrize("kind", ["APPLICATION/JSON", "application/problem+json", "text/json"])
def test_every_kind_of_json_is_read(kind):
    assert read({}, kind=kind).result == "found"


@pytest.mark.parametrize(
    ("signs", "result"),
    [
        ({"failed": Sign(at=("error",))}, "found"),
        ({"failed": Sign(at=("data",))}, "failed"),
        ({"failed": Sign(at=("data", "state"), values=("gone",))}, "failed"),
        ({"not_found": Sign(at=("data", "state"), values=("gone", "x"))}, "not_found"),
        ({"found": Sign(at=("data", "n"), values=("3",))}, "found"),
        ({"found": Sign(at=("data", "ok"), values=("true",))}, "not_found"),
        ({"found": Sign(at=("items",))}, "not_found"),
        ({"found": Sign(at=("items", "0"))}, "not_found"),
        ({"found": Sign(at=("data",))}, "found"),
        ({"found": Sign(at=("data",), values=("x",))}, "not_found"),
        ({"failed": Sign(at=("data",)), "not_found": Sign(at=("data",))}, "failed"),
    ],
)
def test_signs_in_the_answer_decide(signs, result):
    document = {"data": {"state": "gone", "n": 3, "ok": False}, "items": [], "error": None}
    assert read(document, Reading(**signs)).result == result


@given(VALUES)
def test_any_json_is_read_or_refused(document):
    reading = Reading(fields={"a": ("data",), "b": ("data", "0")}, found=Sign(at=("data",)))
    try:
        found = read(document, reading)
    except Unreadable:
        return
    assert all(0 < len(value) <= MAX_VALUE and "\n" not in value for value in found.answer.values())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    with contextlib.suppress(Unreadable):
        read(body)
