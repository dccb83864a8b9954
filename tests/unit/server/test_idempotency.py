import asyncio

import pytest
from fastapi import Response

from router.clock import ManualClock
from server.idempotency import KEPT_FOR, OnceOnly


async def test_the_same_write_again_gets_the_first_answer_and_does_nothing():
    once, done = OnceOnly(ManualClock()), []

    async def work() -> Response:
        done.append(1)
        return Response(f"{len(done)}")

    first = await once.do("a", work)
    again = await once.do("a", work)
    assert (first.body, again.body, done) == (b"1", b"1", [1])


async def test_two_at_the_same_time_act_once():
    once, done, gate = OnceOnly(ManualClock()), [], asyncio.Event()

    async def work() -> Response:
        await gate.wait()
        done.append(1)
        return Response("done")

    both = asyncio.gather(once.do("a", work), once.do("a", work))
    await asyncio.sleep(0)
    gate.set()
    await both
    assert done == [1]


async def test_the_work_goes_on_when_the_first_asker_hangs_up():
    once, done, gate = OnceOnly(ManualClock()), [], asyncio.Event()

    async def work() -> Response:
        await gate.wait()
        done.append(1)
        return Response("done")

    first = asyncio.create_task(once.do("a", work))
    await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(once.do("a", work))
    await asyncio.sleep(0)
    gate.set()
    assert (await second).body == b"done"
    assert done == [1]


async def test_a_failure_is_not_remembered():
    once, answers = OnceOnly(ManualClock()), [RuntimeError("away"), None]

    async def work() -> Response:
        if problem := answers.pop(0):
            raise problem
        return Response("done")

    with pytest.raises(RuntimeError):
        await once.do("a", work)
    assert (await once.do("a", work)).body == b"done"


async def test_answers_are_forgotten_in_time():
    clock = ManualClock(1)
    once, done = OnceOnly(clock), []

    async def work() -> Response:
        done.append(1)
        return Response("done")

    await once.do("a", work)
    clock.advance(KEPT_FOR + 1)
    await once.do("a", work)
    assert done == [1, 1]
