"""One writer: nothing is told before it is durable, and nothing that was told is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from router.clock import ManualClock
from router.core import commands as c
from router.core.events import Entry, Rejected
from router.core.machine import RoutingCore
from router.decider import Decisions
from router.engine import Engine, EngineLimits
from router.journal.memory import MemoryJournal
from router.ports import (
    NOTHING,
    Accepted,
    EngineStopped,
    JournalUnavailable,
    Outcome,
    OutcomeUnknown,
    Overloaded,
    Snapshot,
    StoppedMidway,
)

LIMITS = EngineLimits(inbox=5, batch=3, snapshot_every=10, first_retry=0.0, longest_retry=0.0)


class Disk(MemoryJournal):
    """A journal whose commits can be held up or refused, and which counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[int]] = []
        self.refused = 0
        self.told_refused: list[dict[str, Rejected]] = []
        self.full = False
        self.loses_answers = False  # what is written is told as not known
        self.lets_through = asyncio.Event()
        self.lets_through.set()
        self.snapshots: list[Snapshot] = []

    async def append(
        self, entries: Sequence[Entry], refused: Mapping[str, Rejected] = NOTHING
    ) -> None:
        await self.lets_through.wait()
        if self.full:
            self.refused += 1
            await asyncio.sleep(0)
            raise JournalUnavailable("The disk is full.")
        await super().append(entries)
        self.told_refused.append(dict(refused))
        self.batches.append([entry.position for entry in entries])
        if self.loses_answers:
            self.full, self.loses_answers = True, False
            raise OutcomeUnknown("The answer was lost.")

    async def confirm(self, refused: Mapping[str, Rejected] = NOTHING) -> None:
        await super().confirm()
        self.told_refused.append(dict(refused))

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        if self.full:
            raise JournalUnavailable("The disk is full.")
        await super().save_snapshot(snapshot)
        self.snapshots.append(snapshot)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def engine(disk: Disk) -> AsyncIterator[Engine]:
    engine = await Engine.open(disk, ManualClock(1_000), limits=LIMITS)
    await engine.start()
    yield engine
    disk.full = False
    disk.lets_through.set()
    await engine.stop()


def arrive(number: int) -> c.Arrive:
    return c.Arrive(id=f"a{number}", contact=f"k{number}", channel="voice")


async def settle() -> None:
    """Let everything run that can run without outside help."""
    for _ in range(20):
        await asyncio.sleep(0)


async def send(engine: Engine, *commands: c.Command) -> list[asyncio.Task[Outcome]]:
    tasks = [asyncio.create_task(engine.submit(command)) for command in commands]
    await settle()
    return tasks


# -- durable first ----------------------------------------------------------------------------


async def test_an_accepted_command_is_in_journal_and_replica(engine: Engine, disk: Disk) -> None:
    outcome = await engine.submit(arrive(1))
    assert isinstance(outcome, Accepted)
    assert outcome.position == 1
    assert [entry.cause async for entry in disk.read()] == ["a1"]
    assert "k1" in engine.replica.state.contacts


async def test_nothing_leaves_before_it_is_durable(engine: Engine, disk: Disk) -> None:
    stream = engine.follow(0)
    seen = asyncio.ensure_future(anext(stream))
    disk.lets_through.clear()
    sent = await send(engine, arrive(1), c.Hold(id="h", contact="k1"))
    assert not any(task.done() for task in sent)
    assert not seen.done()
    assert engine.replica.position == 0
    disk.lets_through.set()
    first, second = await asyncio.gather(*sent)
    assert isinstance(first, Accepted)
    assert isinstance(second, Rejected)
    assert (await seen).cause == "a1"


async def test_commands_that_gather_during_a_commit_share_the_next(
    engine: Engine, disk: Disk
) -> None:
    disk.lets_through.clear()
    sent = await send(engine, arrive(1))
    sent += await send(engine, arrive(2), arrive(3), arrive(4), arrive(5))
    disk.lets_through.set()
    await asyncio.gather(*sent)
    assert disk.batches == [[1], [2, 3, 4], [5]]


async def test_what_changes_nothing_writes_nothing(engine: Engine, disk: Disk) -> None:
    assert isinstance(await engine.submit(c.Hold(id="h", contact="nobody")), Rejected)
    await engine.submit(arrive(1))
    assert await engine.submit(arrive(1)) == Accepted(position=1)
    assert disk.batches == [[1]]


async def test_the_journal_is_told_of_refusals_before_anybody_else(
    engine: Engine, disk: Disk
) -> None:
    alone = await engine.submit(c.Hold(id="h1", contact="nobody"))
    disk.lets_through.clear()
    first = await send(engine, arrive(1))
    sent = await send(engine, arrive(2), c.Hold(id="h2", contact="nobody"))
    disk.lets_through.set()
    *_, beside = await asyncio.gather(*first, *sent)
    assert disk.told_refused == [{"h1": alone}, {}, {"h2": beside}]


async def test_who_asks_the_same_before_it_is_answered_gets_the_same_answer(
    engine: Engine, disk: Disk
) -> None:
    """Also when the answer would be another one by the end of the batch."""
    disk.lets_through.clear()
    first = await send(engine, arrive(9))  # in hand: what follows waits
    asked = c.Enqueue(id="same", contact="k1", queue="q")
    sent = await send(engine, asked, arrive(1), asked)
    sent[0].cancel()  # who gives up takes nothing back, from others either
    disk.lets_through.set()
    await asyncio.gather(*first, sent[1])
    assert isinstance(refused := await sent[2], Rejected)
    assert [set(told) for told in disk.told_refused] == [set(), {"same"}]
    again = await engine.submit(asked)
    assert again != refused, "who asks after the answer is decided afresh"


async def test_a_copy_of_what_is_in_hand_is_not_told_that_nothing_was_done(
    engine: Engine, disk: Disk
) -> None:
    disk.full = True
    sent = await send(engine, arrive(1))
    async with asyncio.timeout(10):
        while not disk.refused:  # noqa: ASYNC110 - until it was tried
            await asyncio.sleep(0)
    sent += await send(engine, arrive(1))
    disk.full = False
    engine.try_again()
    caused, repeated = await asyncio.gather(*sent)
    assert caused.position == repeated.position == 1
    assert caused.events
    assert not repeated.events


async def test_a_caller_who_gives_up_does_not_take_the_command_back(
    engine: Engine, disk: Disk
) -> None:
    disk.lets_through.clear()
    (sent,) = await send(engine, arrive(1))
    sent.cancel()
    disk.lets_through.set()
    assert await engine.submit(arrive(1)) == Accepted(position=1)
    assert "k1" in engine.replica.state.contacts


async def test_a_full_inbox_refuses_and_recovers(engine: Engine, disk: Disk) -> None:
    disk.lets_through.clear()
    sent = await send(engine, arrive(0))
    sent += await send(engine, *map(arrive, range(1, 6)))
    with pytest.raises(Overloaded, match="5 commands are waiting already: try again"):
        await engine.submit(arrive(6))
    assert engine.health().waiting == 6
    disk.lets_through.set()
    await asyncio.gather(*sent)
    assert isinstance(await engine.submit(arrive(6)), Accepted)


# -- a journal that cannot store --------------------------------------------------------------


async def test_a_full_disk_stops_taking_commands_and_loses_nothing(
    engine: Engine, disk: Disk
) -> None:
    stream = engine.follow(0)
    disk.full = True
    (decided,) = await send(engine, arrive(1))
    with pytest.raises(JournalUnavailable, match=r"disk is full.*Nothing was done"):
        await engine.submit(arrive(2))
    health = engine.health()
    assert not health.ready
    assert "disk is full" in health.reason
    assert disk.refused > 1
    assert engine.replica.position == 0

    disk.full = False
    assert await decided == Accepted(position=1, events=(await anext(stream)).events)
    assert engine.health().ready
    assert isinstance(await engine.submit(arrive(2)), Accepted)
    assert [entry.cause async for entry in disk.read()] == ["a1", "a2"]


async def test_whoever_knows_that_the_journal_is_back_need_not_wait_for_the_next_try(
    disk: Disk,
) -> None:
    patient = EngineLimits(first_retry=3600.0, longest_retry=3600.0)
    engine = await Engine.open(disk, ManualClock(1_000), limits=patient)
    await engine.start()
    disk.full = True
    (decided,) = await send(engine, arrive(1))
    assert not engine.health().ready
    disk.full = False
    engine.try_again()
    assert isinstance(await decided, Accepted)
    assert engine.health().ready
    await engine.stop()


async def test_commands_not_yet_decided_are_refused_when_the_journal_goes_away(
    engine: Engine, disk: Disk
) -> None:
    disk.lets_through.clear()
    decided, waiting = (await send(engine, arrive(1)))[0], (await send(engine, arrive(2)))[0]
    disk.full = True
    disk.lets_through.set()
    with pytest.raises(JournalUnavailable, match="Nothing was done"):
        await waiting
    disk.full = False
    assert isinstance(await decided, Accepted)


async def test_stopping_with_a_full_disk_says_that_nothing_was_done(
    engine: Engine, disk: Disk
) -> None:
    disk.full = True
    (decided,) = await send(engine, arrive(1))
    await engine.stop()
    with pytest.raises(EngineStopped, match="disk is full") as told:
        await decided
    assert not isinstance(told.value, OutcomeUnknown)
    disk.full = False
    again = await Engine.open(disk, ManualClock(2_000))
    assert again.replica.position == 0


async def test_stopping_when_an_answer_of_the_journal_was_lost_says_that_nobody_knows(
    engine: Engine, disk: Disk
) -> None:
    disk.loses_answers = True
    (decided,) = await send(engine, arrive(1))
    (waiting,) = await send(engine, arrive(2))
    await engine.stop()
    with pytest.raises(StoppedMidway):
        await decided
    with pytest.raises(JournalUnavailable) as told:
        await waiting
    assert not isinstance(told.value, OutcomeUnknown)
    disk.full = False
    again = await Engine.open(disk, ManualClock(2_000))
    assert again.replica.position == 1


# -- time -------------------------------------------------------------------------------------


async def test_a_clock_moved_by_hand_runs_timers(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(1_000)
    engine = await Engine.open(disk, clock)
    await engine.start()
    await engine.submit(arrive(1))
    ticks: list[int] = []
    real = engine._decider.decide

    def decide(commands: Sequence[c.Command]) -> Decisions:
        ticks.append(clock.now())
        return real(commands)

    monkeypatch.setattr(engine._decider, "decide", decide)
    clock.advance(5)
    engine.look_at_clock()
    await settle()
    await engine.stop()
    assert 1_005 in ticks


# -- stopping and starting --------------------------------------------------------------------


async def test_stopping_finishes_what_was_taken_and_refuses_the_rest(
    engine: Engine, disk: Disk
) -> None:
    stream = engine.follow(0)
    disk.lets_through.clear()
    sent = await send(engine, *map(arrive, range(1, 5)))
    stopping = asyncio.create_task(engine.stop())
    await settle()
    with pytest.raises(EngineStopped, match="stopping"):
        await engine.submit(arrive(9))
    disk.lets_through.set()
    await stopping
    assert all(isinstance(task.result(), Accepted) for task in sent)
    assert [entry.position async for entry in stream] == [1, 2, 3, 4]
    assert disk.snapshots[-1].position == 4


async def test_an_engine_that_was_not_started_takes_nothing(disk: Disk) -> None:
    engine = await Engine.open(disk, ManualClock())
    with pytest.raises(EngineStopped, match="not been started"):
        await engine.submit(arrive(1))
    assert not engine.health().ready
    await engine.stop()


async def test_a_new_engine_goes_on_where_the_last_one_stopped(engine: Engine, disk: Disk) -> None:
    for number in range(1, 15):
        await engine.submit(arrive(number))
    await engine.stop()
    again = await Engine.open(disk, ManualClock(2_000), limits=LIMITS)
    await again.start()
    assert again.replica.state.snapshot() == engine.replica.state.snapshot()
    assert await again.submit(arrive(3)) == Accepted(position=14)
    outcome = await again.submit(arrive(15))
    assert isinstance(outcome, Accepted)
    assert outcome.position == 15
    await again.stop()


async def test_snapshots_are_taken_every_so_many_entries(engine: Engine, disk: Disk) -> None:
    for number in range(1, 26):
        await engine.submit(arrive(number))
    await settle()
    assert [snapshot.position for snapshot in disk.snapshots] == [10, 20]


async def test_a_snapshot_that_cannot_be_stored_hurts_nothing(
    engine: Engine, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    await engine.submit(arrive(1))
    disk.full = True
    await engine.stop()
    assert "no snapshot was stored" in caplog.text


# -- faults -----------------------------------------------------------------------------------


async def test_a_fault_in_the_core_fails_one_command_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr(RoutingCore, "handle", fail)
        outcome = await engine.submit(arrive(1))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "internal_error"
    assert isinstance(await engine.submit(arrive(2)), Accepted)
    assert engine.health().ready


async def test_a_fault_past_the_commit_stops_the_engine_and_stores_no_snapshot(
    engine: Engine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = engine.follow(None)

    def fail(_: Entry) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(engine.replica, "feed", fail)
    with pytest.raises(StoppedMidway, match="fault of its own"):
        await engine.submit(arrive(1))
    with pytest.raises(EngineStopped):
        await engine.submit(arrive(2))
    assert "fault of its own" in engine.health().reason
    assert [entry async for entry in stream] == []
    await engine.stop()
    assert disk.snapshots == []


async def test_a_follower_that_fails_or_sleeps_hurts_nobody(engine: Engine) -> None:
    async def fail() -> None:
        async for _ in engine.follow(0):
            raise RuntimeError("a bug of the follower")

    async def sleep() -> None:
        async for _ in engine.follow(0):
            await asyncio.Event().wait()

    failing, sleeping = asyncio.create_task(fail()), asyncio.create_task(sleep())
    for number in range(1, 30):
        await engine.submit(arrive(number))
    assert isinstance(failing.exception(), RuntimeError)
    assert not sleeping.done()
    assert engine.health().position == 29
    sleeping.cancel()
    await asyncio.gather(sleeping, return_exceptions=True)


async def test_an_engine_whose_task_is_cancelled_answers_everyone(
    engine: Engine, disk: Disk
) -> None:
    disk.lets_through.clear()
    sent = await send(engine, arrive(1), arrive(2))
    assert engine._writer is not None
    engine._writer.cancel()
    await settle()
    for task in sent:
        with pytest.raises(EngineStopped, match="cancelled"):
            await task
    engine._writer = None
