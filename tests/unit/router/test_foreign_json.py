"""``router.foreign_json``: read strictly, and plain texts of it."""

import json
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.foreign_json import NOTHING, Unreadable, read_json, text_of, value_at

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
DOCUMENTS = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one)
)


@given(DOCUMENTS, st.lists(st.text(max_size=3), max_size=4))
def test_a_place_has_a_value_or_nothing(document, place):
    found = read_json(json.dumps(document).encode(), "it")
    value_at(found, tuple(place))


@given(LEAVES)
def test_a_single_value_is_a_bounded_plain_text(value):
    found = read_json(json.dumps({"a": value}).encode(), "it")
    try:
        text = text_of(value_at(found, ("a",)), 25, "it")
    except Unreadable:
        assert isinstance(value, int | float)
        assert len(json.dumps(value)) > 25
        return
    assert len(text) <= 25
    assert not {category(one) for one in text} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"NaN", b'{"a":1,"a":2}', b"1 2"])
def test_what_cannot_be_read_for_certain_is_refused(body):
    with pytest.raises(Unreadable, match="it "):
        read_json(body, "it")


def test_numbers_stand_as_they_were_written():
    assert (
        text_of(read_json(b"12345678901234567890.10", "it"), 40, "it") == "12345678901234567890.10"
    )
    assert value_at({}, ("a",)) is NOTHING
