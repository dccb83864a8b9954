"""How long agents were out of reach."""

from __future__ import annotations

import numpy as np
import pytest

from router.core.catalog import MINUTE, SECOND
from simulator.call_log import RecordedCall
from simulator.staffing.absences import LONG_GAP, Gap, OutOfReach, find_gaps
from simulator.staffing.work import work_of
from tests.unit.simulator.staffing.recorded import abandoned, answered, in_order


def gaps_of(*calls: RecordedCall) -> list[Gap]:
    ordered = in_order(*calls)
    work = work_of(ordered)
    return find_gaps(ordered, work, {a: [frozenset(["sales"])] * len(c) for a, c in work.items()})


def only(*calls: RecordedCall) -> tuple[float, float]:
    (gap,) = [gap for gap in gaps_of(*calls) if gap.agent == "ann"]
    return gap.least / SECOND, gap.most / SECOND


def test_when_the_next_caller_had_waited_the_time_is_known() -> None:
    assert only(answered("ann", 0, 100), answered("ann", 110, 50, waited=60)) == (10, 10)


def test_when_the_next_was_answered_at_once_it_lies_between_nothing_and_the_gap() -> None:
    assert only(answered("ann", 0, 100), answered("ann", 400, 50)) == (0, 300)


def test_whoever_waited_meanwhile_shows_that_the_agent_was_away() -> None:
    first, last = answered("ann", 0, 100), answered("ann", 400, 50)
    assert only(first, last, abandoned(80, 220)) == (200, 300)
    assert only(first, last, answered("bob", 250, 20, waited=30)) == (150, 300)


def test_who_waited_for_another_skill_or_before_shows_nothing() -> None:
    first, last = answered("ann", 0, 100), answered("ann", 400, 50)
    assert only(first, last, abandoned(80, 220, kind="help")) == (0, 300)
    assert only(first, last, abandoned(20, 81)) == (0, 300)


def test_nobody_is_at_work_through_a_long_gap() -> None:
    ends = 100 + LONG_GAP // SECOND + 1
    assert only(answered("ann", 0, 100), answered("ann", ends, 50)) == (ends - 100, ends - 100)


def test_two_conversations_that_overlap_leave_no_gap() -> None:
    assert gaps_of(answered("ann", 0, 100), answered("ann", 90, 50)) == []


def gap(least: float, most: float) -> Gap:
    return Gap(agent="", line=0, begins=0, least=int(least * SECOND), most=int(most * SECOND))


def test_the_distribution_behind_the_bounds_is_found_again() -> None:
    rng = np.random.default_rng(4)
    times = np.where(rng.random(6_000) < 0.8, 5.0, rng.exponential(600, 6_000).clip(30, 9_000))
    looks = rng.exponential(200, (2, 6_000))  # somebody looks in now and then
    least, most = np.maximum(times - looks[0], 0), times + looks[1]
    known = rng.random(6_000) < 0.4
    fitted = OutOfReach(
        [
            gap(time, time) if sure else gap(low, high)
            for time, low, high, sure in zip(times, least, most, known, strict=True)
        ]
    )
    for moment in (60, 600):
        assert fitted.share_beyond(moment * SECOND) == pytest.approx(
            np.mean(times > moment), abs=0.02
        )


def test_a_time_is_drawn_within_its_bounds_and_what_is_known_stays() -> None:
    gaps = [gap(5, 5), gap(0, 3), gap(100, 1_700), gap(70_000, 80_000), gap(4.5, 4.75)] * 40
    drawn = OutOfReach(gaps).draw(gaps, np.random.default_rng(1))
    for one, time in zip(gaps, drawn, strict=True):
        assert one.least <= time <= one.most


def test_no_gaps_are_no_error() -> None:
    nothing = OutOfReach([])
    assert nothing.draw([], np.random.default_rng(1)) == []
    assert 0 <= nothing.share_beyond(MINUTE) <= 1
