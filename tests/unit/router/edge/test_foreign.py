"""``router.edge.foreign``: what other programs send is plain and small, or refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.edge.foreign import (
    DEEPEST,
    LARGEST,
    LARGEST_NUMBER,
    Malformed,
    check_plain,
    read_object,
)

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - LARGEST_NUMBER, LARGEST_NUMBER - 1)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), inside, max_size=4
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("abc"), PLAIN))
def test_a_plain_object_is_read_as_it_is(found):
    payload = json.dumps(found).encode()
    assert read_object(payload) == found
    check_plain(read_object(payload))


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused_in_words(payload):
    with suppress(Malformed):
        assert isinstance(read_object(payload), dict)


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (b"", "no JSON"),
        (b"null", "no JSON object"),
        (b"[]", "no JSON object"),
        (b"{", "no JSON"),
        (b'{"a": NaN}', "no JSON"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": -9007199254740992}', "too large"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "no JSON"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'{"a": "\\ud800"}', "half of one"),
        (b'{"\\udfff": 1}', "half of one"),
        (b'{"a": "\\u0000"}', "control characters"),
        (b'{"a": "x\\u001b[2J"}', "control characters"),
        (b'{"a": "\xff"}', "no JSON"),
        (b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "no JSON"),
        (b'{"a": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", "nested"),
        (b'{"a": "' + b"x" * LARGEST + b'"}', "at most"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_means_is_refused(payload, told):
    with pytest.raises(Malformed, match=told):
        check_plain(read_object(payload))
