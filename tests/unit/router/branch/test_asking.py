"""``router.branch.asking``: a request counts when it is on the disk, and is answered once."""

from __future__ import annotations

import asyncio

import pytest

from router.branch.asking import Asking
from router.branch.messages import Answer, Arrived, Replied
from router.branch.store import BranchFolderUnusable
from router.clock import ManualClock
from router.core.events import Rejected
from router.ports import Accepted, JournalUnavailable

ARRIVED = Arrived(contact="lee:1", channel="voice", address="+44", entry_point="line")


class Disk:
    """``kept`` are numbers on it; nothing is written while it is not ``ready``."""

    def __init__(self):
        self.kept = []
        self.full = False
        self.ready = asyncio.Event()
        self.ready.set()

    async def keep(self, number, _request, _since):
        await self.ready.wait()
        if self.full:
            raise BranchFolderUnusable("The branch cannot write. Make room for it.")
        self.kept.append(number)

    def forget(self, number):
        self.kept.remove(number)


class World:
    def __init__(self):
        self.disk = Disk()
        self.warned = []
        self.asking = Asking(
            self.disk, ManualClock(0), on_news=lambda: None, warn=self.warned.append
        )


async def test_the_same_again_has_the_number_it_had():
    world = World()
    world.disk.ready.clear()
    both = asyncio.gather(world.asking.put(ARRIVED), world.asking.put(ARRIVED))
    await asyncio.sleep(0)
    world.disk.ready.set()
    assert await both == [1, 1]
    assert await world.asking.put(ARRIVED) == 1
    assert world.disk.kept == [1]


async def test_what_is_not_on_the_disk_is_not_sent_and_the_operator_hears_why():
    world = World()
    world.disk.full = True
    with pytest.raises(JournalUnavailable, match="Make room"):
        await world.asking.put(ARRIVED)
    assert world.asking.outbox.due(0) == []
    assert len(world.warned) == 1


async def test_what_the_centre_could_not_read_is_left_out():
    world = World()
    long = Replied(contact="lee:1", turn=1, outcome="answered", text="x" * 1_000_000)
    with pytest.raises(JournalUnavailable, match="could not read"):
        await world.asking.put(long)
    assert world.disk.kept == []


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Answer(session=5, number=1, position=7), Accepted(position=7)),
        (
            Answer(session=5, number=1, code="closed", reason="No."),
            Rejected(code="closed", reason="No."),
        ),
    ],
)
async def test_whoever_asks_gets_the_answer_and_the_disk_forgets_it(said, outcome):
    world = World()
    waiting = asyncio.gather(world.asking.ask(ARRIVED))
    for _ in range(10):
        await asyncio.sleep(0)
    world.asking.answered(said)
    world.asking.answered(said)
    assert await waiting == [outcome]
    assert world.disk.kept == []
    assert world.asking.outbox.floor == 2
