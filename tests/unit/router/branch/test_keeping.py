"""``router.branch.keeping``: a copy of the log without gaps, whatever the disk did."""

from __future__ import annotations

from router.branch.keeping import Keeping
from router.branch.store import KEPT_RECORDS, BranchFolderUnusable, BranchStore
from router.core.state import State
from router.journal.codec import decode_snapshot
from router.replica import Replica


class Disk(BranchStore):
    def __init__(self):
        self.full = False
        self.kept = []

    def _write(self, what):
        if self.full:
            raise BranchFolderUnusable("The branch cannot write. Make room for it.")
        self.kept.append(what)

    async def begin_anew(self, position, body):
        self._write(("image", position, decode_snapshot(body).position))

    async def keep_records(self, records):
        self._write(("records", [position for position, _ in records]))

    async def flush(self):
        pass


def keeping(position=0):
    disk, state = Disk(), State()
    state.position = position
    return Keeping(disk, Replica(state)), disk


async def fails(found):
    try:
        await found.keep()
    except BranchFolderUnusable:
        return True
    return False


async def test_records_are_kept_together_and_after_many_an_image_takes_their_place():
    found, disk = keeping(KEPT_RECORDS)
    for position in (1, 2):
        found.note(position, b"x")
    assert not found.done
    await found.keep()
    assert found.done
    for position in range(3, KEPT_RECORDS + 1):
        found.note(position, b"x")
    await found.keep()
    assert disk.kept == [("records", [1, 2]), ("image", KEPT_RECORDS, KEPT_RECORDS)]


async def test_after_what_could_not_be_kept_comes_an_image():
    found, disk = keeping(2)
    found.note(1, b"x")
    disk.full = True
    assert await fails(found)
    assert await fails(found)
    disk.full = False
    found.note(2, b"x")
    await found.keep()
    assert disk.kept[0] == ("image", 2, 2)
    assert found.done
