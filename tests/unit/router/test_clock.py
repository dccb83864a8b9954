"""Time runs evenly whatever happens to the system's clock."""

from __future__ import annotations

import pytest

from router.clock import ManualClock, SystemClock
from router.core.durations import HOUR, SECOND


class System:
    """A machine's two clocks, in nanoseconds."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000 * 10**9
        self.elapsed = 5 * 10**9

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.wall, lambda: self.elapsed)

    def pass_time(self, microseconds: int) -> None:
        self.wall += microseconds * 1_000
        self.elapsed += microseconds * 1_000

    def set_wall(self, by: int) -> None:
        self.wall += by * 1_000


def test_it_begins_at_wall_time_and_runs_with_it() -> None:
    system = System()
    clock = system.clock()
    assert clock.now() == 1_700_000_000 * SECOND
    system.pass_time(20 * SECOND)
    assert clock.now() == 1_700_000_020 * SECOND


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 24 * HOUR, -24 * HOUR])
def test_setting_the_wall_clock_neither_fires_a_timer_early_nor_holds_it_up(jump: int) -> None:
    system = System()
    clock = system.clock()
    start = clock.now()
    system.set_wall(by=jump)
    readings = []
    for _ in range(200):
        system.pass_time(SECOND // 10)
        readings.append(clock.now())
    assert readings == sorted(readings)
    assert clock.now() - start == pytest.approx(20 * SECOND, abs=20_000)


def test_ordinary_time_synchronisation_is_followed() -> None:
    system = System()
    clock = system.clock()
    system.set_wall(by=50_000)
    for _ in range(100):
        system.pass_time(SECOND)
        clock.now()
    assert clock.ahead_of_wall == 0


def test_a_large_difference_is_reported() -> None:
    system = System()
    clock = system.clock()
    system.set_wall(by=-HOUR)
    assert clock.ahead_of_wall == HOUR


def test_time_goes_on_from_the_journal_when_the_machine_restarts_in_the_past() -> None:
    system = System()
    clock = system.clock()
    last = clock.now() + HOUR
    clock.start_from(last)
    assert clock.now() == last
    system.pass_time(SECOND)
    assert clock.now() - last == pytest.approx(SECOND, abs=1_001)


def test_starting_from_an_earlier_moment_changes_nothing() -> None:
    clock = System().clock()
    before = clock.now()
    clock.start_from(before - HOUR)
    assert clock.now() == before


def test_the_real_clocks_tell_microseconds() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert first > 1_600_000_000 * SECOND
    assert abs(second - first) < 60 * SECOND  # a wall clock is set back at times


def test_the_manual_clock_only_moves_by_hand() -> None:
    clock = ManualClock(at=10)
    clock.advance(5)
    assert clock.now() == 15
    clock.set(3)
    assert clock.now() == 3
