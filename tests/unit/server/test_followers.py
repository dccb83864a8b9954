import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.database import DatabaseUnavailable
from router.core.events import Entry
from router.followers import Followers
from router.journal.memory import MemoryJournal
from router.ports import EntriesTrimmed, Heard, JournalUnavailable
from server import followers
from server.followers import ATTEMPTS, LONGEST_PAUSE_SECONDS, Follower, FollowerTasks, Handle


def entry(position: int) -> Entry:
    return Entry(position=position, at=position, cause="", by="", events=())


async def log_of(after: int, last: int) -> AsyncIterator[Entry]:
    for position in range(after + 1, last + 1):
        yield entry(position)


async def no_pause(_seconds: float) -> None:
    return None


async def run(follower: Follower, last: int = 5) -> None:
    await follower.run(lambda after: log_of(after, last), no_pause)


async def test_it_hears_every_entry_after_its_position_in_order():
    heard = []

    async def handle(one: Entry) -> None:
        heard.append(one.position)

    follower = Follower("f", handle, 2)
    await run(follower)
    assert heard == [3, 4, 5]
    assert follower.position == 5


async def test_an_entry_that_failed_is_tried_again_and_none_is_missed():
    heard, failures = [], [3, 3]

    async def handle(one: Entry) -> None:
        if failures and one.position == failures[0]:
            failures.pop()
            raise RuntimeError("database away")
        heard.append(one.position)

    follower = Follower("f", handle, 0)
    await run(follower)
    assert heard == [1, 2, 3, 4, 5]
    assert (follower.failures, follower.skipped) == (2, 0)


async def test_a_poisonous_entry_is_stepped_over_and_counted():
    heard = []

    async def handle(one: Entry) -> None:
        if one.position == 2:
            raise ValueError("cannot be read")
        heard.append(one.position)

    follower = Follower("f", handle, 0)
    await run(follower)
    assert heard == [1, 3, 4, 5]
    assert (follower.failures, follower.skipped) == (ATTEMPTS, 1)


@pytest.mark.parametrize("outage", [DatabaseUnavailable, JournalUnavailable])
async def test_an_outage_however_long_costs_no_entry(outage):
    heard, pauses = [], []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def handle(one: Entry) -> None:
        if one.position == 2 and len(pauses) < 10 * ATTEMPTS:
            raise outage("no space")
        heard.append(one.position)

    follower = Follower("f", handle, 0)
    await follower.run(lambda after: log_of(after, 5), pause)
    assert heard == [1, 2, 3, 4, 5]
    assert (follower.failures, follower.skipped) == (0, 0)
    assert max(pauses) == LONGEST_PAUSE_SECONDS


async def test_pauses_grow_while_it_keeps_failing():
    pauses = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def handle(_one: Entry) -> None:
        raise RuntimeError

    await Follower("f", handle, 4).run(lambda after: log_of(after, 5), pause)
    assert pauses == sorted(pauses)
    assert len(pauses) == ATTEMPTS - 1


async def test_cancelling_it_is_no_failure():
    async def handle(_one: Entry) -> None:
        raise asyncio.CancelledError

    follower = Follower("f", handle, 0)
    with pytest.raises(asyncio.CancelledError):
        await run(follower)
    assert follower.failures == 0


async def test_entries_that_are_no_longer_kept_are_missed_at_once_and_counted():
    heard = []

    async def handle(one: Entry) -> None:
        heard.append(one.position)

    async def trimmed(after: int) -> AsyncIterator[Entry]:
        if after < 3_000:
            raise EntriesTrimmed(after + 1, 3_001)
        async for one in log_of(after, 3_002):
            yield one

    follower = Follower("f", handle, 10)
    await follower.run(trimmed, no_pause)
    assert heard == [3_001, 3_002]
    assert follower.skipped == 2_990


class Log:
    """The log as an engine lets it be followed, and followers of it."""

    def __init__(self) -> None:
        self._followers = Followers(_NoJournal(), 0)
        self._last = 0
        self.tasks = FollowerTasks(self._followers.follow)

    async def grow(self, count: int = 1) -> None:
        self._followers.publish([entry(self._last + n + 1) for n in range(count)])
        self._last += count
        await turns()

    async def end(self) -> None:
        self._followers.close()
        await self.tasks.finish()


class _NoJournal(MemoryJournal):
    async def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        raise AssertionError("everything is among the last entries")
        yield


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def hearing(heard: list[int]) -> Handle:
    return lambda one: heard.append(one.position)


async def test_all_who_are_at_the_end_hear_an_entry_in_one_task():
    log, heard = Log(), []
    log.tasks.start(Follower(f"f{n}", hearing(heard), 0) for n in range(5))
    await turns()
    assert len(log.tasks._tasks) == 1
    await log.grow(2)
    assert heard == [1] * 5 + [2] * 5
    await log.end()


async def test_who_waits_holds_up_nobody_and_is_abreast_again_afterwards():
    log, heard, others, gate = Log(), [], [], asyncio.Event()

    def handle(one: Entry) -> Heard:
        heard.append(one.position)
        return asyncio.wait_for(gate.wait(), None) if one.position == 1 else None

    slow = Follower("slow", handle, 0)
    log.tasks.start([slow, Follower("other", hearing(others), 0)])
    await turns()
    await log.grow(3)
    assert (heard, others, slow.position) == ([1], [1, 2, 3], 0)
    gate.set()
    await turns()
    assert (heard, slow.position, len(log.tasks._tasks)) == ([1, 2, 3], 3, 1)
    await log.grow()
    assert (heard, others) == ([1, 2, 3, 4], [1, 2, 3, 4])
    await log.end()


async def test_who_lies_behind_catches_up_alone_without_missing_an_entry():
    log, heard, others = Log(), [], []
    await log.grow(3)
    log.tasks.start([Follower("late", hearing(heard), 0), Follower("other", hearing(others), 3)])
    await log.grow(2)
    assert (heard, others) == ([1, 2, 3, 4, 5], [4, 5])
    assert len(log.tasks._tasks) == 1
    await log.end()


async def test_who_fails_among_others_is_tried_again_alone_and_counted(monkeypatch):
    monkeypatch.setattr(followers, "FIRST_PAUSE_SECONDS", 0.0)
    log, heard, others, failures = Log(), [], [], [2, 2]

    def handle(one: Entry) -> None:
        if failures and one.position == failures[0]:
            failures.pop()
            raise RuntimeError("not now")
        heard.append(one.position)

    failing = Follower("failing", handle, 0)
    log.tasks.start([failing, Follower("other", hearing(others), 0)])
    await turns()
    await log.grow(3)
    assert others == [1, 2, 3]
    await turns()
    assert (heard, failing.failures, failing.skipped) == ([1, 2, 3], 2, 0)
    await log.end()


async def test_all_hear_the_log_to_its_end_before_they_are_finished():
    log, heard, alone, gate = Log(), [], [], asyncio.Event()

    async def wait(one: Entry) -> None:
        await gate.wait()
        alone.append(one.position)

    log.tasks.start([Follower("f", hearing(heard), 0), Follower("alone", wait, 0)])
    await turns()
    await log.grow(3)
    asyncio.get_running_loop().call_soon(gate.set)
    await log.end()
    assert (heard, alone) == ([1, 2, 3], [1, 2, 3])


async def test_what_is_no_longer_kept_is_missed_by_all_who_hear_together():
    heard = []
    follower = Follower("f", hearing(heard), 10)
    assert follower.hear(entry(14)) is None
    assert (heard, follower.position, follower.skipped) == ([14], 14, 3)


@settings(max_examples=40)
@given(
    starts=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    waits=st.sets(st.tuples(st.integers(0, 3), st.integers(1, 12))),
    grows=st.lists(st.integers(1, 3), max_size=4),
)
def test_whoever_waits_whenever_hears_each_entry_once_in_order(starts, waits, grows):
    async def follow() -> None:
        log, heard = Log(), [[] for _ in starts]

        def handle(number: int, one: Entry) -> Heard:
            heard[number].append(one.position)
            return turns() if (number, one.position) in waits else None

        await log.grow(6)
        log.tasks.start(
            Follower(f"f{n}", partial(handle, n), start) for n, start in enumerate(starts)
        )
        for count in grows:
            await log.grow(count)
        await log.end()
        last = 6 + sum(grows)
        assert heard == [list(range(start + 1, last + 1)) for start in starts]

    asyncio.run(follow())
