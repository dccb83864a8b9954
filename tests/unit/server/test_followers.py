from collections.abc import AsyncIterator

import pytest

from crm.database import DatabaseUnavailable
from router.core.events import Entry
from router.ports import JournalUnavailable
from server.followers import ATTEMPTS, LONGEST_PAUSE_SECONDS, Follower


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
    import asyncio

    async def handle(_one: Entry) -> None:
        raise asyncio.CancelledError

    follower = Follower("f", handle, 0)
    with pytest.raises(asyncio.CancelledError):
        await run(follower)
    assert follower.failures == 0
