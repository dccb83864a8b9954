"""Engine and SQLite journal together: a full disk, a restart, a snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.clock import SystemClock
from router.core import commands as c
from router.engine import Engine, EngineLimits
from router.journal.sqlite import SqliteJournal
from router.ports import Accepted, JournalUnavailable

LIMITS = EngineLimits(snapshot_every=100, first_retry=0.01, longest_retry=0.01)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    yield journal
    await journal.close()


def arrive(number: int) -> c.Arrive:
    return c.Arrive(id=f"a{number}", contact=f"k{number}", channel="voice", address="x" * 500)


async def test_a_full_disk_is_survived_without_loss(journal: SqliteJournal) -> None:
    engine = await Engine.open(journal, SystemClock(), limits=LIMITS)
    await engine.start()
    await engine.submit(arrive(0))
    pages = journal._writer.execute("PRAGMA page_count").fetchone()[0]
    journal._writer.execute(f"PRAGMA max_page_count = {pages}")
    sent = [asyncio.create_task(engine.submit(arrive(n))) for n in range(1, 400)]
    await asyncio.wait(sent, return_when=asyncio.FIRST_EXCEPTION)
    assert not engine.health().ready
    with pytest.raises(JournalUnavailable, match="disk is full: free some space"):
        await engine.submit(arrive(999))

    journal._writer.execute("PRAGMA max_page_count = 1000000")
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    accepted = {n for n, outcome in enumerate(outcomes, 1) if isinstance(outcome, Accepted)}
    refused = [o for o in outcomes if isinstance(o, JournalUnavailable)]
    assert len(accepted) + len(refused) == 399
    assert accepted
    assert {entry.cause async for entry in journal.read()} == {"a0"} | {f"a{n}" for n in accepted}
    await engine.stop()


async def test_a_restart_from_snapshot_and_tail_gives_the_same_state(
    journal: SqliteJournal,
) -> None:
    engine = await Engine.open(journal, SystemClock(), limits=LIMITS)
    await engine.start()
    for start in range(0, 350, 50):
        await asyncio.gather(*(engine.submit(arrive(n)) for n in range(start, start + 50)))
    snapshot = await journal.load_snapshot()
    assert snapshot is not None
    assert 100 <= snapshot.position < 350
    again = await Engine.open(journal, SystemClock(), limits=LIMITS)
    assert again.replica.position == 350
    assert again.replica.state.snapshot() == engine.replica.state.snapshot()
    await engine.stop()


async def test_a_follower_from_the_start_reads_what_is_no_longer_in_memory(
    journal: SqliteJournal,
) -> None:
    engine = await Engine.open(journal, SystemClock(), limits=LIMITS)
    await engine.start()
    for start in range(0, 5_000, 500):
        batch = (
            c.Arrive(id=f"{n}", contact=f"{n}", channel="v") for n in range(start, start + 500)
        )
        await asyncio.gather(*map(engine.submit, batch))
    stream = engine.follow(0)
    await engine.stop()
    assert [entry.position async for entry in stream] == list(range(1, 5_001))
