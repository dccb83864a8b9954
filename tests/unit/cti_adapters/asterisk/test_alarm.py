from __future__ import annotations

import asyncio

from cti_adapters.asterisk.alarm import Alarm
from router.core.durations import SECOND
from tests.asterisk.virtual_time import clock_of_loop, in_virtual_time, rest


@in_virtual_time
async def test_it_rings_at_the_moment_it_was_set_to_last_and_once():
    clock = clock_of_loop()
    began, rung = clock.now(), []
    alarm = Alarm(clock, lambda: rung.append(clock.now() - began))
    alarm.set(began + 5 * SECOND)
    alarm.set(began + 3 * SECOND)
    alarm.set(began + 3 * SECOND)
    await asyncio.sleep(10)
    assert [round(at / SECOND) for at in rung] == [3]


@in_virtual_time
async def test_a_moment_that_has_passed_rings_at_once():
    clock = clock_of_loop()
    rung = []
    alarm = Alarm(clock, lambda: rung.append(True))
    alarm.set(clock.now() - SECOND)
    assert rung == [], "not in the middle of what somebody does"
    await rest()
    assert rung == [True]


@in_virtual_time
async def test_one_that_was_stopped_does_not_ring():
    clock = clock_of_loop()
    rung = []
    alarm = Alarm(clock, lambda: rung.append(True))
    for stop in (alarm.stop, lambda: alarm.set(None)):
        alarm.set(clock.now() + SECOND)
        stop()
    await rest()
    clock.advance(2 * SECOND)
    await rest()
    assert rung == []
