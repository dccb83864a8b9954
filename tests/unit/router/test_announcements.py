"""``announcements``: each repetition is due at one moment, whoever says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.announcements import is_sound, next_repetition, repetition
from router.core.catalog import Announcement
from router.core.durations import SECOND


@pytest.mark.parametrize(
    ("every", "waited", "number"),
    [(0, 29, None), (0, 30, 0), (0, 9_999, 0), (10, 39, 0), (10, 40, 1), (10, 65, 3)],
)
def test_which_repetition_is_due(every, waited, number):
    said = Announcement(text="x", after=30 * SECOND, every=every * SECOND)
    assert repetition(said, waited * SECOND) == number


@pytest.mark.parametrize(
    ("every", "waited", "due"),
    [(0, 0, 30), (0, 30, None), (10, 29, 30), (10, 30, 40), (10, 39, 40), (10, 40, 50)],
)
def test_when_the_next_one_is_due(every, waited, due):
    said = Announcement(text="x", after=30 * SECOND, every=every * SECOND)
    assert next_repetition(said, waited * SECOND) == (None if due is None else due * SECOND)


@given(st.integers(0, 1_000), st.integers(0, 100), st.integers(0, 5_000))
def test_the_next_one_is_the_first_moment_at_which_another_number_is_due(after, every, waited):
    said = Announcement(text="x", after=after, every=every)
    due = next_repetition(said, waited)
    if due is not None:
        assert due > waited
        assert repetition(said, due) != repetition(said, waited) == repetition(said, due - 1)


def test_a_sound_is_told_from_words():
    assert is_sound("file:custom/welcome")
    assert not is_sound("Your file: it is on its way")
