"""A disk that is full, and a journal that was cut, damaged or taken away."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest

from config.settings import Settings, load_settings
from router.ports import Accepted, Arrival
from server.accounts import User
from server.bootstrap import Patchbay, running
from server.cli.root import outcome
from server.roles import Role
from tests.integration.live import ask, hear
from tests.integration.served import PATIENCE, Served, prepare, served

CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: Everything, queues: [help], capacity: {chat: 3, voice: 1}}}
agents: {ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}}
entry_points:
  website: {label: Chat with us, channel: chat, queue: help}
  line: {label: Customer line, channel: voice, queue: help}
"""
SUE = User(id="sue", name="Sue", roles=frozenset({Role.SUPERVISOR}))


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    file = tmp_path / "catalog.yaml"
    file.write_text(CATALOG, encoding="utf-8")
    return file


class Visitor:
    """Somebody who chats, and knows which of their lines were taken."""

    def __init__(self, connection: Any, token: str) -> None:
        self.connection = connection
        self.token = token
        self.taken: list[str] = []

    async def say(self, text: str) -> dict[str, Any]:
        reply = await ask(self.connection, "say_line", text=text)
        if reply["ok"]:
            self.taken.append(text)
        return reply

    def begin_to_say(self, text: str) -> asyncio.Task[dict[str, Any]]:
        return asyncio.create_task(self.say(text))


@contextlib.asynccontextmanager
async def chatting(service: Served) -> AsyncIterator[Visitor]:
    async with service.connect("/ws/chat") as connection:
        await connection.send(json.dumps(start_of("first words")))
        token = (await hear(connection, "session"))["token"]
        assert (await hear(connection, "reply"))["ok"]
        visitor = Visitor(connection, token)
        visitor.taken.append("first words")
        yield visitor


def start_of(text: str) -> dict[str, str]:
    act = {"type": "start_chat", "id": os.urandom(12).hex(), "entry_point": "website"}
    return act | {"name": "Visitor", "text": text}


async def lines_of(service: Served, token: str) -> list[str]:
    """What a visitor who comes back is shown."""
    async with service.connect("/ws/chat") as connection:
        await connection.send(json.dumps({"type": "resume_chat", "id": "r", "token": token}))
        return [line["text"] for line in (await hear(connection, "session"))["lines"]]


# -- a full disk ----------------------------------------------------------------------------------


class Disk(Protocol):
    """Where the service keeps its data; ``folder`` is its name as the service knows it."""

    folder: Path
    within: tuple[str, ...]

    def fill(self, service: Served) -> None: ...

    def free(self, service: Served) -> None: ...


class SmallDisk:
    """A file system of its own, of 6 MB, which is gone when its holder is."""

    def __init__(self, folder: Path, seed: Path) -> None:
        self.folder = folder
        script = 'mount -t tmpfs -o size=6m none "$0" && cp -a "$1/." "$0" && echo up && exec cat'
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, folder, seed],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"up\n"
        self.within = ("nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", "--")
        self._filler = Path(f"/proc/{self._holder.pid}/root{folder}/filler")

    @staticmethod
    def possible() -> bool:
        tools = all(shutil.which(tool) for tool in ("unshare", "nsenter", "mount"))
        return tools and _succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt")

    def fill(self, service: Served) -> None:
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as filler:
            while filler.write(bytes(4_096)):
                pass

    def free(self, service: Served) -> None:
        self._filler.unlink()

    def close(self) -> None:
        self._holder.communicate()


class LimitedFiles:
    """A disk that takes nothing more into the journal: its file may not grow."""

    within: tuple[str, ...] = ()

    def __init__(self, folder: Path, seed: Path) -> None:
        self.folder = folder
        shutil.copytree(seed, folder, dirs_exist_ok=True)

    def fill(self, service: Served) -> None:
        size = (self.folder / "journal.db-wal").stat().st_size
        self._limit(service, size)

    def free(self, service: Served) -> None:
        self._limit(service, resource.RLIM_INFINITY)

    def _limit(self, service: Served, size: int) -> None:
        limits = (size, resource.RLIM_INFINITY)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, limits)

    def close(self) -> None:
        return None


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# Mounting takes privileges that not every machine gives; the other works everywhere.
DISKS = [LimitedFiles, *([SmallDisk] if SmallDisk.possible() else [])]


@pytest.fixture(params=DISKS)
def make_disk(request, tmp_path) -> Iterator[Any]:
    made: list[Any] = []

    def make(seed: Path) -> Disk:
        folder = tmp_path / "data"
        folder.mkdir()
        made.append(request.param(folder, seed))
        disk: Disk = made[-1]
        return disk

    yield make
    for disk in made:
        disk.close()


async def test_a_full_disk_stops_accepting_says_so_and_loses_nothing(make_disk, catalog, tmp_path):
    tokens = await prepare(tmp_path / "seed", [(SUE, "no password fits")])
    disk, log = make_disk(tmp_path / "seed"), tmp_path / "log"
    async with served(disk.folder, catalog, log, within=disk.within) as service:
        async with chatting(service) as first, chatting(service) as second:
            disk.fill(service)
            in_hand = first.begin_to_say("in hand when it filled")
            reasons = " ".join((await service.becomes(503))["reasons"])
            assert "free some space" in reasons or "space left" in reasons
            refused = await second.say("refused")
            assert (refused["ok"], refused["code"]) == (False, "journal_unavailable")
            await _refuses_everything(service, tokens["sue"])
            assert not in_hand.done()
            disk.free(service)
            await service.becomes(200)
            assert (await asyncio.wait_for(in_hand, PATIENCE))["ok"]
            assert (await second.say("after it was freed"))["ok"]
        service.kill()
    async with served(disk.folder, catalog, log, within=disk.within) as service:
        assert await lines_of(service, first.token) == first.taken
        assert await lines_of(service, second.token) == second.taken
    assert first.taken == ["first words", "in hand when it filled"]
    assert second.taken == ["first words", "after it was freed"]


async def _refuses_everything(service: Served, token: str) -> None:
    """Over HTTP and for new visitors; reading goes on."""
    async with service.client(token) as sue:
        waiting = (await sue.get("/api/v1/queues/help/contacts")).json()["contacts"]
        contact = waiting[0]["contact"]
        moved = await sue.post(
            f"/api/v1/contacts/{contact}/reprioritise", json={"boost_seconds": 9}
        )
        assert (moved.status_code, moved.json()["error"]["code"]) == (503, "journal_unavailable")
        assert int(moved.headers["retry-after"]) > 0
        assert (await sue.get(f"/api/v1/contacts/{contact}")).status_code == 200
    async with service.connect("/ws/chat") as connection:
        await connection.send(json.dumps(start_of("too late")))
        assert (await hear(connection, "reply"))["code"] == "journal_unavailable"


# -- a journal that was cut -----------------------------------------------------------------------


async def test_a_journal_cut_in_the_middle_of_a_record_goes_on_from_what_is_whole(
    catalog, tmp_path
):
    folder, log = tmp_path / "data", tmp_path / "log"
    await prepare(folder, [(SUE, "no password fits")])
    async with served(folder, catalog, log) as service:
        async with chatting(service) as visitor:
            for number in range(9):
                assert (await visitor.say(f"line {number}"))["ok"]
        await _until(lambda: b"line 8" in _open_contacts(folder))  # the database is up to date
        service.kill()
    before = _positions(folder)
    with (folder / "journal.db-wal").open("r+b") as journal:
        journal.truncate((folder / "journal.db-wal").stat().st_size * 3 // 4 + 7)
    async with served(folder, catalog, log) as service:
        position = (await service.readiness())[1]["position"]
        assert 0 < position < before[-1]
        lines = await lines_of(service, visitor.token)
        assert 0 < len(lines) < len(visitor.taken)
        assert lines == visitor.taken[: len(lines)]
        async with chatting(service) as another:
            await _leave(another)
        await _until(lambda: _past_contacts(folder) == 1)
        service.kill()
        assert "follower_failed" not in service.words
        assert "Traceback" not in service.words
    after = _positions(folder)
    assert after == list(range(1, len(after) + 1))


async def _leave(visitor: Visitor) -> None:
    assert (await ask(visitor.connection, "leave_chat"))["ok"]


async def _until(true: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        await asyncio.sleep(0.05)


def _read(folder: Path, question: str, file: str = "patchbay.db") -> list[Any]:
    with closing(sqlite3.connect(f"file:{folder / file}?mode=ro", uri=True)) as database:
        return database.execute(question).fetchall()


def _positions(folder: Path) -> list[int]:
    found = _read(folder, "SELECT position FROM entries ORDER BY position", "journal.db")
    return [position for (position,) in found]


def _open_contacts(folder: Path) -> bytes:
    return b"".join(body for (body,) in _read(folder, "SELECT body FROM open_contacts"))


def _past_contacts(folder: Path) -> int:
    count: int = _read(folder, "SELECT count(*) FROM past_contacts")[0][0]
    return count


# -- a journal that is damaged, or another one ----------------------------------------------------


async def _call(patchbay: Patchbay, contact: str) -> None:
    arrival = Arrival(contact=contact, channel="voice", address="", entry_point="line")
    assert isinstance(await patchbay.intake.receive(arrival), Accepted)


async def _some_calls(settings: Settings, count: int) -> None:
    async with running(settings, 8080) as patchbay:
        for number in range(count):
            await _call(patchbay, f"call-{number}")
        await patchbay.accounts.add_user(SUE, "no password fits", patchbay.clock.now())


def _flip(journal: Path) -> None:
    _execute(journal, "UPDATE entries SET record = record || x'00' WHERE position = 3")


def _take_out(journal: Path) -> None:
    _execute(journal, "DELETE FROM entries WHERE position = 3")


def _execute(journal: Path, change: str) -> None:
    with closing(sqlite3.connect(journal)) as database, database:
        database.execute("DELETE FROM snapshots")  # from which it could start all the same
        database.execute(change)


def _halve(journal: Path) -> None:
    with journal.open("r+b") as file:
        file.truncate(journal.stat().st_size // 2 + 7)


def _overwrite(journal: Path) -> None:
    journal.write_bytes(b"This is the list of guests for Saturday.\n" * 500)


@pytest.mark.parametrize("harm", [_flip, _take_out, _halve, _overwrite])
def test_a_damaged_journal_is_named_in_one_sentence_and_left_as_it_is(
    harm, catalog, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "data"
    folder.mkdir()
    settings = load_settings(data_directory=folder, catalog_path=catalog)
    asyncio.run(_some_calls(settings, 20))
    journal = folder / "journal.db"
    harm(journal)
    damaged = journal.read_bytes()
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(folder))
    assert outcome(["serve", "--port", "0", "--catalog", str(catalog)]) == 1
    said = capsys.readouterr()
    assert str(journal) in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert "ready" not in said.out
    assert journal.read_bytes() == damaged


async def test_with_another_journal_everything_that_follows_begins_again(catalog, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    settings = load_settings(data_directory=folder, catalog_path=catalog)
    await _some_calls(settings, 20)
    for file in folder.glob("journal.db*"):
        file.unlink()  # as the words about a damaged journal advise
    async with running(settings, 8080) as patchbay:
        await _call(patchbay, "call-0")
        followers = patchbay.followers.all
        await _until(lambda: all(one.position == patchbay.replica.position for one in followers))
        assert [one.failures for one in followers] == [0] * len(followers)
        kept = await patchbay.versions.source(1)
        assert kept == patchbay.replica.state.catalog.source
        await patchbay.stores.history.settle()
        assert patchbay.stores.history.position() == patchbay.replica.position
