"""What counts to a service objective: the waiting that lies in its hours, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.catalog import Catalog, Hours, Queue
from router.core.durations import DAY, HOUR
from router.core.objectives import counted, late_at, objective_hours

NINE_TO_FIVE = Hours(
    id="office",
    spans=tuple((day * DAY + 9 * HOUR, day * DAY + 17 * HOUR) for day in range(5)),
    until=5 * DAY,
)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """Spans on a scale that can be counted through one by one."""
    moments = sorted(draw(st.sets(st.integers(0, 60), max_size=12)))
    spans = tuple(zip(moments[::2], moments[1::2], strict=False))
    return Hours(id="some", spans=spans, until=60)


MOMENT = st.integers(-5, 70)


@given(hours(), MOMENT, MOMENT)
def test_time_counts_exactly_while_it_is_open(some: Hours, begins: int, ends: int) -> None:
    assert some.open_between(begins, ends) == sum(
        some.is_open(moment) for moment in range(begins, ends)
    )


@given(hours(), MOMENT, MOMENT, MOMENT)
def test_parts_of_a_wait_add_up(some: Hours, one: int, two: int, three: int) -> None:
    first, middle, last = sorted((one, two, three))
    parts = some.open_between(first, middle) + some.open_between(middle, last)
    assert parts == some.open_between(first, last)


@given(hours(), MOMENT, MOMENT)
def test_no_more_counts_than_was_waited(some: Hours, one: int, two: int) -> None:
    begins, ends = sorted((one, two))
    assert 0 <= counted(some, begins, ends) <= counted(None, begins, ends) == ends - begins


@given(hours(), MOMENT, st.integers(1, 70))
def test_late_is_the_first_moment_at_which_as_much_counts(
    some: Hours, since: int, within: int
) -> None:
    late = some.open_for(since, within)
    if late is None:
        assert some.open_between(since, 100) < within
    else:
        assert some.open_between(since, late) == within
        assert some.open_between(since, late - 1) == within - 1


@pytest.mark.parametrize(
    ("since", "at", "waited"),
    [
        (20 * HOUR, DAY + 9 * HOUR, 0),
        (20 * HOUR, DAY + 10 * HOUR, HOUR),
        (16 * HOUR, DAY + 10 * HOUR, 2 * HOUR),
        (10 * HOUR, 2 * DAY + 10 * HOUR, 16 * HOUR),
    ],
)
def test_a_mail_that_came_at_night_is_not_late_in_the_morning(
    since: int, at: int, waited: int
) -> None:
    assert counted(NINE_TO_FIVE, since, at) == waited


def test_lateness_comes_in_the_hours() -> None:
    assert late_at(None, 20 * HOUR, HOUR) == 21 * HOUR
    assert late_at(NINE_TO_FIVE, 20 * HOUR, HOUR) == DAY + 10 * HOUR
    assert late_at(NINE_TO_FIVE, 4 * DAY + 16 * HOUR, 2 * HOUR) == 0  # nobody knows further


def test_a_queue_without_objective_hours_counts_always() -> None:
    catalog = Catalog(hours={"office": NINE_TO_FIVE})
    assert objective_hours(catalog, Queue(id="q", label="Q")) is None
    named = Queue(id="q", label="Q", objective_hours="office")
    assert objective_hours(catalog, named) is NINE_TO_FIVE
