import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.headers import (
    MAX_BLOCK,
    MAX_FIELDS,
    MAX_VALUE,
    TooMuch,
    described,
    split,
    text,
)


def fields(raw):
    return split(raw, 0, len(raw))


@given(st.binary(max_size=300), st.integers(0, 300))
def test_the_body_begins_inside_the_mail(raw, start):
    start = min(start, len(raw))
    found, body = split(raw, start, len(raw))
    assert start <= body <= len(raw)
    assert all(name == name.lower() for name, _ in found.items)


def test_a_line_that_is_no_field_begins_the_body():
    found, body = fields(b"A: 1\r\nhello\r\n")
    assert found.items == (("a", b"1"),)
    assert body == 6


def test_folded_lines_are_one_value():
    assert fields(b"A: 1\r\n\t2\n  3\n\nx")[0].items == (("a", b"1\t2  3"),)


@pytest.mark.parametrize(
    "raw",
    [b"A: 1\r\n" * (MAX_FIELDS + 1), b"A: " + b"x" * MAX_BLOCK, b"A: 1\r\n" + b" x\n" * 200_000],
)
def test_a_header_above_the_limits_is_too_much(raw):
    with pytest.raises(TooMuch):
        fields(raw)


def test_a_long_value_is_cut_and_says_so():
    found, _ = fields(b"A: " + b"x" * (MAX_VALUE + 5) + b"\r\nB: 1\r\n\r\n")
    assert found.cut
    assert len(found.first("a")) == MAX_VALUE
    assert found.first("b") == b"1"


@given(st.binary(max_size=300))
def test_any_value_is_some_text_on_one_line(value):
    assert "\n" not in text(value)
    assert isinstance(described(value).value, str)
