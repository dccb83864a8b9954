"""The interpreter's settings, restored after each test: they hold for the whole process."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator

import pytest

from server.interpreter import (
    THRESHOLDS,
    TURN_SECONDS,
    run,
    spare_what_stays,
    take_short_turns,
)


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


async def loop_in(modules: list[str]) -> None:
    modules.append(type(asyncio.get_running_loop()).__module__.partition(".")[0])


def test_a_service_runs_on_the_quickest_loop_there_is() -> None:
    pytest.importorskip("uvloop", reason="there is no uvloop for this interpreter")
    modules: list[str] = []
    run(loop_in(modules))
    assert modules == ["uvloop"]


def test_a_service_runs_where_there_is_no_other_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    modules: list[str] = []
    run(loop_in(modules))
    assert modules == ["asyncio"]


def test_what_ends_a_service_is_raised() -> None:
    async def ends() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        run(ends())
