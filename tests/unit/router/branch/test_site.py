"""``router.branch.site``: neither the line nor a full disk keeps calls from being looked after."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from router.branch.messages import Have, Hello, Piece, Welcome, write
from router.branch.site import BranchSite
from router.branch.store import BranchFolderUnusable, BranchStore
from router.clock import ManualClock
from router.core.commands import Accept
from router.core.durations import SECOND
from router.core.state import State
from router.edge.settings import EdgeSettings
from router.journal.codec import encode_snapshot
from router.ports import Snapshot
from tests.mqtt.centre import comes


def image(position):
    state = State()
    state.position, state.at = position, 5
    return encode_snapshot(Snapshot(position=position, at=5, body=state.snapshot()))


class FullDisk(BranchStore):
    full = False

    async def _in_thread(self, work):
        if self.full:
            raise BranchFolderUnusable("The branch cannot write: no space left. Make room for it.")
        await super()._in_thread(work)


class Heard:
    """A site without a broker."""

    def __init__(self, folder):
        self.anew = []
        self.store = FullDisk(folder)
        settings = EdgeSettings(host="nowhere", port=1883)
        self.site = BranchSite("leeds", settings, self.store, ManualClock(100 * SECOND))
        self.site._link.run = asyncio.Event().wait
        self.site._link.say = lambda _topic, _payload: None
        self.site.copy.on_anew = self.begin

    async def begin(self):
        self.anew.append(self.site.replica.position)

    async def hear(self, message):
        await self.site._hear("", write(message))

    async def welcomed(self, position):
        session = self.site.copy.following.session
        await self.hear(Welcome(session=session, position=position))

    async def state(self, position):
        session = self.site.copy.following.session
        body = image(position)
        await self.hear(Piece(session=session, position=position, number=0, of=1, body=body))


@asynccontextmanager
async def running(folder):
    heard = Heard(folder)
    heard.site.open()
    task = asyncio.create_task(heard.site.run())
    try:
        heard.site._say_hello()
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await heard.site.close()


async def test_calls_are_taken_up_though_the_line_fails_meanwhile(tmp_path):
    async with running(tmp_path) as heard:
        goes_on, begun = asyncio.Event(), asyncio.Event()

        async def begin():
            begun.set()
            await goes_on.wait()
            await heard.begin()

        heard.site.copy.on_anew = begin
        await heard.welcomed(9)
        hearing = asyncio.create_task(heard.state(9))
        await begun.wait()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        goes_on.set()
        await comes(lambda: heard.anew == [9])


async def test_calls_that_could_not_be_taken_up_are_taken_up_later(tmp_path, monkeypatch):
    monkeypatch.setattr("router.branch.copying.TRIES_AGAIN", 0)
    async with running(tmp_path) as heard:

        async def fail():
            heard.site.copy.on_anew = heard.begin
            raise ZeroDivisionError

        heard.site.copy.on_anew = fail
        await heard.welcomed(9)
        await heard.state(9)
        await comes(lambda: heard.anew == [9])


async def test_a_full_disk_ends_no_connection_and_is_written_to_when_there_is_room(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("router.branch.keeping.TRIES_AGAIN", 0)
    async with running(tmp_path) as heard:
        heard.store.full = True
        await heard.welcomed(9)
        await heard.state(9)
        await comes(lambda: heard.anew == [9])
        assert not heard.site.all_kept
        heard.store.full = False
        await comes(lambda: heard.site.all_kept)
        assert heard.store.load_state().position == 9


async def test_a_full_disk_keeps_no_folder_locked(tmp_path):
    async with running(tmp_path) as heard:
        await heard.welcomed(9)
        heard.store.full = True
        await heard.state(9)
    again = BranchStore(tmp_path)
    again.open()
    await again.close()


async def test_with_a_sign_of_life_goes_how_the_branch_is_doing(tmp_path):
    heard = Heard(tmp_path)
    site = heard.site
    site.open()
    site.calls = lambda: 2
    try:
        assert isinstance(site._signed(), Hello), "no figures before it is welcomed"
        await heard.welcomed(0)
        await site.submit(Accept(id="a", offer="lee:1/ann/1"))
        site._clock.advance(3 * SECOND)
        signed = site._signed()
        assert isinstance(signed, Have)
        assert (signed.waiting, signed.oldest, signed.calls) == (1, 3 * SECOND, 2)
    finally:
        await site.close()
