"""Every follower gets every entry in order, however slow; nobody waits for a follower."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from router.core.events import AgentReady, Entry
from router.followers import Followers
from router.journal.memory import MemoryJournal


def entries(first: int, last: int) -> list[Entry]:
    event = AgentReady(agent="ann")
    return [
        Entry(position=p, at=p, cause="", by="", events=(event,)) for p in range(first, last + 1)
    ]


class Log:
    """A journal and its followers, written together as the engine does."""

    def __init__(self, recent: int = 4) -> None:
        self.journal = MemoryJournal()
        self.followers = Followers(self.journal, position=0, recent=recent)

    async def write(self, first: int, last: int) -> None:
        await self.journal.append(entries(first, last))
        self.followers.publish(entries(first, last))


async def take(stream: AsyncIterator[Entry], count: int) -> list[int]:
    return [(await anext(stream)).position for _ in range(count)]


async def rest(stream: AsyncIterator[Entry]) -> list[int]:
    return [entry.position async for entry in stream]


async def test_a_follower_from_now_sees_only_what_comes() -> None:
    log = Log()
    await log.write(1, 2)
    stream = log.followers.follow(None)
    await log.write(3, 4)
    assert await take(stream, 2) == [3, 4]


async def test_a_follower_from_a_position_sees_all_after_it() -> None:
    log = Log()
    await log.write(1, 3)
    assert await take(log.followers.follow(1), 2) == [2, 3]


async def test_a_follower_who_waits_is_woken() -> None:
    log = Log()
    waiting = asyncio.create_task(take(log.followers.follow(0), 2))
    await asyncio.sleep(0)
    await log.write(1, 1)
    await asyncio.sleep(0)
    await log.write(2, 2)
    assert await waiting == [1, 2]


async def test_one_who_fell_far_behind_misses_nothing() -> None:
    log = Log(recent=4)
    stream = log.followers.follow(0)
    await log.write(1, 2)
    assert await take(stream, 1) == [1]
    for position in range(3, 101):
        await log.write(position, position)
    assert await take(stream, 99) == list(range(2, 101))


async def test_entries_written_while_one_catches_up_are_not_missed() -> None:
    log = Log(recent=4)
    await log.write(1, 50)
    stream = log.followers.follow(0)
    seen = []
    for position in range(51, 151):
        seen += await take(stream, 1)
        await log.write(position, position)
    log.followers.close()
    assert seen + await rest(stream) == list(range(1, 151))


async def test_memory_is_bounded_by_the_ring() -> None:
    log = Log(recent=4)
    log.followers.follow(0)
    await log.write(1, 500)
    assert len(log.followers._recent) == 4


async def test_what_is_stored_but_not_yet_published_is_not_shown() -> None:
    log = Log(recent=1)
    await log.write(1, 3)
    stream = log.followers.follow(0)
    await log.journal.append(entries(4, 4))
    assert await take(stream, 3) == [1, 2, 3]
    waiting = asyncio.create_task(take(stream, 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    log.followers.publish(entries(4, 4))
    assert await waiting == [4]


async def test_closing_ends_followers_after_the_last_entry() -> None:
    log = Log()
    stream = log.followers.follow(0)
    idle = asyncio.create_task(rest(log.followers.follow(None)))
    await asyncio.sleep(0)
    await log.write(1, 9)
    log.followers.close()
    assert await rest(stream) == list(range(1, 10))
    assert await idle == list(range(1, 10))


async def test_one_who_leaves_is_forgotten() -> None:
    log = Log()
    waiting = asyncio.create_task(rest(log.followers.follow(None)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not log.followers._waiting


@pytest.mark.parametrize("position", [-1, 3])
async def test_a_position_the_log_has_not_reached_is_refused(position: int) -> None:
    log = Log()
    await log.write(1, 2)
    with pytest.raises(ValueError, match="follow from 0 to 2"):
        log.followers.follow(position)
