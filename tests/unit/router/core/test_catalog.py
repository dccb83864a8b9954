"""Hours as the core reads them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.catalog import Hours

DAY = Hours(id="day", spans=((10, 20), (30, 40), (40, 50)), until=100)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (0, False),
        (9, False),
        (10, True),
        (19, True),
        (20, False),
        (29, False),
        (30, True),
        (40, True),
        (49, True),
        (50, False),
        (99, False),
        (1_000, False),
    ],
)
def test_a_span_is_open_from_its_beginning_up_to_its_end(at: int, is_open: bool):
    assert DAY.is_open(at) is is_open


@pytest.mark.parametrize(
    ("at", "change"),
    [(0, 10), (9, 10), (10, 20), (19, 20), (20, 30), (35, 40), (45, 50), (50, None), (70, None)],
)
def test_the_next_change_is_the_first_opening_or_closing_after_now(at: int, change: int | None):
    assert DAY.next_change(at) == change


def test_hours_without_a_span_are_always_closed():
    never = Hours(id="never", spans=(), until=100)
    assert not never.is_open(5)
    assert never.next_change(5) is None


@given(
    edges=st.lists(st.integers(0, 200), unique=True, max_size=12).map(sorted),
    at=st.integers(-5, 205),
)
def test_hours_agree_with_looking_at_every_moment(edges: list[int], at: int):
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    hours = Hours(id="h", spans=spans, until=300)

    def open_at(moment: int) -> bool:
        return any(opens <= moment < closes for opens, closes in spans)

    assert hours.is_open(at) == open_at(at)
    changes = [m for m in range(at + 1, 210) if open_at(m) != open_at(m - 1)]
    assert hours.next_change(at) == next(iter(changes), None)


@given(
    edges=st.lists(st.integers(0, 200), unique=True, max_size=12).map(sorted),
    days=st.lists(st.integers(0, 9), unique=True).map(sorted),
    at=st.integers(-5, 205),
)
def test_a_holiday_is_a_closed_moment_of_such_a_day(edges: list[int], days: list[int], at: int):
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    holidays = tuple((day * 20, day * 20 + 20) for day in days)
    hours = Hours(id="h", spans=spans, until=300, holidays=holidays)
    assert hours.is_holiday(at) == (at // 20 in days and not hours.is_open(at))


def test_hours_of_an_old_journal_know_of_no_holidays():
    old = msgspec.msgpack.encode({"id": "day", "spans": [[10, 20]], "until": 100})
    read = msgspec.msgpack.decode(old, type=Hours)
    assert read == Hours(id="day", spans=((10, 20),), until=100)
    assert not read.is_holiday(5)
