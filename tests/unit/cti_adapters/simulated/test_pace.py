"""``simulated.pace``: one task that survives a failing step and ends when told."""

import asyncio
import logging

from cti_adapters.simulated.pace import Pace
from router.clock import ManualClock


async def until(condition):
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


async def test_it_steps_when_due_and_when_woken():
    clock, steps = ManualClock(0), []

    async def step():
        steps.append(clock.now())

    pace = Pace(clock, step, lambda: None)
    pace.start()
    await until(lambda: len(steps) == 1)
    pace.wake()
    await until(lambda: len(steps) == 2)
    await pace.stop()
    await pace.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_step_that_fails_does_not_end_it(monkeypatch, caplog):
    monkeypatch.setattr("cti_adapters.simulated.pace.AFTER_FAILURE", 0)
    clock, steps = ManualClock(0), []

    async def step():
        steps.append(None)
        if len(steps) == 1:
            raise RuntimeError("once")

    pace = Pace(clock, step, lambda: 0)
    with caplog.at_level(logging.ERROR):
        pace.start()
        await until(lambda: len(steps) > 1)
    await pace.stop()
    assert "goes on" in caplog.text
