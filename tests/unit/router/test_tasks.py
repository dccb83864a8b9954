"""``router.tasks``: work is kept alive, ended together, and its failure is never lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from router.tasks import Tasks, end


async def fail():
    raise ZeroDivisionError


async def test_a_failure_is_told_once_and_nothing_is_kept_of_it():
    told = []
    tasks = Tasks(lambda task: told.append(type(task.exception())))
    failing = tasks.start(fail())
    assert len(tasks) == 1
    await asyncio.wait({failing})
    await asyncio.sleep(0)
    assert told == [ZeroDivisionError]
    assert len(tasks) == 0


async def test_closing_ends_all_and_tells_of_none():
    told, ended = [], []

    async def last():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    tasks = Tasks(told.append)
    for _ in range(3):
        tasks.start(last())
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == [True] * 3
    assert told == []
    assert len(tasks) == 0


async def test_whoever_started_it_may_wait_for_the_result():
    async def add():
        return 1 + 1

    assert await Tasks().start(add()) == 2


async def test_a_lost_cancellation_is_made_up_for():
    async def deaf():
        with suppress(asyncio.CancelledError):  # as a client that takes it for its own time-out
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await end(task, again=0)
    assert task.cancelled()
