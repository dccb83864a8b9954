"""What every journal promises (``router.ports.Journal``)."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from router.core.events import AgentReady, Entry
from router.journal.memory import MemoryJournal
from router.journal.redis import RedisJournal
from router.journal.redis_address import connect
from router.journal.sqlite import SqliteJournal
from router.lease import Lease
from router.ports import Journal, JournalUnavailable, Snapshot
from tests.redis.fixtures import redis_server  # noqa: F401 - the fixture
from tests.redis.server import RedisServer


async def memory(_folder: Path) -> Journal:
    return MemoryJournal()


async def sqlite(folder: Path) -> Journal:
    return await SqliteJournal.open(folder / "journal.db")


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        async with connect(server.url) as redis:
            journal: Journal = await written_by_one(redis)
            yield journal
            await journal.close()
        return
    make: Callable[[Path], Awaitable[Journal]] = {"memory": memory, "sqlite": sqlite}[request.param]
    journal = await make(tmp_path)
    yield journal
    await journal.close()


async def written_by_one(redis: Redis) -> RedisJournal:
    """A journal of a tenant that nobody else has."""
    tenant = secrets.token_hex(4)
    token = await Lease(redis, tenant, "here").take()
    return await RedisJournal.open(redis, tenant, token)


def entries(first: int, last: int) -> list[Entry]:
    return [
        Entry(
            position=position,
            at=1_000 * position,
            cause=f"c{position}",
            by="",
            events=(AgentReady(agent="ann"),),
        )
        for position in range(first, last + 1)
    ]


async def positions(journal: Journal, after: int = 0, until: int | None = None) -> list[int]:
    return [entry.position async for entry in journal.read(after, until)]


async def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert await positions(journal) == []
    assert await journal.load_snapshot() is None


async def test_what_is_appended_is_read_back_in_order(journal: Journal) -> None:
    await journal.append(entries(1, 3))
    await journal.append(entries(4, 5))
    assert [entry async for entry in journal.read()] == entries(1, 5)


async def test_the_one_who_writes_is_confirmed_and_nothing_is_written_by_it(
    journal: Journal,
) -> None:
    await journal.confirm()
    await journal.append(entries(1, 2))
    await journal.confirm()
    assert await positions(journal) == [1, 2]


async def test_reading_starts_after_and_stops_at_a_position(journal: Journal) -> None:
    await journal.append(entries(1, 9))
    assert await positions(journal, after=6) == [7, 8, 9]
    assert await positions(journal, after=2, until=4) == [3, 4]
    assert await positions(journal, after=4, until=4) == []
    assert await positions(journal, after=9) == []


async def test_long_journals_are_read_whole(journal: Journal) -> None:
    await journal.append(entries(1, 2_500))
    assert await positions(journal) == list(range(1, 2_501))


async def test_entries_appended_while_reading_may_follow_but_leave_no_gap(journal: Journal) -> None:
    await journal.append(entries(1, 1_500))
    seen = []
    async for entry in journal.read():
        if entry.position == 10:
            await journal.append(entries(1_501, 1_600))
        seen.append(entry.position)
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= 1_500


@pytest.mark.parametrize("wrong", [[4], [2], [3, 5], [3, 3]])
async def test_a_gap_or_a_repetition_is_refused_and_nothing_of_it_stored(
    journal: Journal, wrong: list[int]
) -> None:
    await journal.append(entries(1, 2))
    with pytest.raises(ValueError, match="cannot be stored"):
        await journal.append([entries(position, position)[0] for position in wrong])
    assert await positions(journal) == [1, 2]
    await journal.append(entries(3, 3))
    assert await positions(journal) == [1, 2, 3]


async def test_the_newest_snapshot_is_given_back(journal: Journal) -> None:
    await journal.append(entries(1, 30))
    for position in (10, 20, 30):
        await journal.save_snapshot(Snapshot(position=position, at=position, body=b"x" * position))
    assert await journal.load_snapshot() == Snapshot(position=30, at=30, body=b"x" * 30)


async def test_a_snapshot_does_not_shorten_the_journal(journal: Journal) -> None:
    await journal.append(entries(1, 5))
    await journal.save_snapshot(Snapshot(position=5, at=5, body=b""))
    assert await positions(journal) == [1, 2, 3, 4, 5]


async def test_a_closed_journal_says_so(journal: Journal) -> None:
    await journal.append(entries(1, 1))
    await journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.append(entries(2, 2))
    with pytest.raises(JournalUnavailable, match="closed"):
        await positions(journal)


async def test_closing_twice_is_harmless(journal: Journal) -> None:
    await journal.close()
    await journal.close()
