"""A backup of a service that is taking contacts, and a second service that goes on from it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from config.settings import load_settings
from server.accounts import User
from server.cli.root import outcome
from server.guard import COOKIE
from server.roles import Role
from tests.integration.live import Live, hear, serving
from tests.integration.served import Served, prepare, served

CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: Everything, queues: [help], capacity: {chat: 3}}}
agents: {ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}}
entry_points: {website: {label: Chat with us, channel: chat, queue: help}}
"""
SUE = User(id="sue", name="Sue", roles=frozenset({Role.SUPERVISOR}))
ENOUGH = 5  # chats before the backup begins


class Visitors:
    """One after the other, each with a chat they do not leave."""

    def __init__(self) -> None:
        self.acknowledged: list[tuple[str, str]] = []  # what each said, and the token of the chat

    async def come(self, service: Served) -> None:
        async with contextlib.AsyncExitStack() as open_pages:
            while True:
                page = await open_pages.enter_async_context(service.connect("/ws/chat"))
                text = f"question {len(self.acknowledged)}"
                act = {"type": "start_chat", "id": os.urandom(12).hex(), "entry_point": "website"}
                await page.send(json.dumps(act | {"name": "Visitor", "text": text}))
                token = (await hear(page, "session"))["token"]
                assert (await hear(page, "reply"))["ok"]
                self.acknowledged.append((text, token))
                await asyncio.sleep(0.02)


async def test_every_contact_acknowledged_before_a_backup_is_there_when_it_has_been_put_back(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PATCHBAY_CHATS_PER_ADDRESS", "10000")
    catalog, data = tmp_path / "catalog.yaml", tmp_path / "data"
    catalog.write_text(CATALOG, encoding="utf-8")
    token = (await prepare(data, [(SUE, "no password fits")]))["sue"]
    visitors = Visitors()
    async with served(data, catalog, tmp_path / "first.log") as service:
        coming = asyncio.create_task(visitors.come(service))
        while len(visitors.acknowledged) < ENOUGH:
            assert not coming.done(), await coming
            await asyncio.sleep(0.02)
        monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(data))
        for number in itertools.count():  # until something came while the backup was taken
            backup, before = tmp_path / f"backup{number}", list(visitors.acknowledged)
            assert await asyncio.to_thread(outcome, ["backup", str(backup)]) == 0
            if len(visitors.acknowledged) > len(before):
                break
            assert not coming.done(), await coming
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)

    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(elsewhere))
    assert await asyncio.to_thread(outcome, ["restore", str(backup)]) == 0
    _database_is_not_ahead_of_the_journal(elsewhere)
    async with (
        serving(load_settings(), users=()) as again,
        httpx.AsyncClient(base_url=again.origin, cookies={COOKIE: token}) as sue,
    ):
        assert (await sue.get("/readyz")).status_code == 200
        assert (await sue.get("/api/v1/session")).status_code == 200
        for text, chat in before:
            assert text in await _lines(again, chat)


def _database_is_not_ahead_of_the_journal(data: Path) -> None:
    with (
        closing(sqlite3.connect(data / "patchbay.db")) as database,
        closing(sqlite3.connect(data / "journal.db")) as journal,
    ):
        (last,) = journal.execute("SELECT max(position) FROM entries").fetchone()
        read = database.execute("SELECT name, position FROM followers").fetchall()
    assert all(position <= last for _, position in read), (read, last)


async def _lines(service: Live, token: str) -> list[str]:
    async with service.connect("/ws/chat") as page:
        await page.send(json.dumps({"type": "resume_chat", "id": "r", "token": token}))
        return [line["text"] for line in (await hear(page, "session"))["lines"]]
