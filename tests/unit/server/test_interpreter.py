"""The interpreter's settings, restored after each test: they hold for the whole process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from server.interpreter import THRESHOLDS, TURN_SECONDS, spare_what_stays, take_short_turns


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    thresholds, turn = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(turn)


class Link:
    other: Link


def test_a_thread_that_waits_gets_the_interpreter_within_a_millisecond() -> None:
    take_short_turns()
    assert sys.getswitchinterval() == pytest.approx(TURN_SECONDS)
    assert TURN_SECONDS < 0.001


def test_what_is_there_is_not_collected_again_and_what_comes_later_is() -> None:
    before = gc.get_freeze_count()
    spare_what_stays()
    assert gc.get_freeze_count() > before
    assert gc.get_threshold() == THRESHOLDS
    assert gc.isenabled()
    one = Link()
    one.other = one  # a cycle, as closed connections leave
    del one
    assert gc.collect() > 0
