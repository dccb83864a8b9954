"""Two ``patchbay serve`` on one Redis and one database: when one dies, its people go on at the
other.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import websockets

from router.journal.redis import Keys
from router.journal.redis_address import connect
from server.accounts import User
from server.roles import Role
from tests.integration.live import ask, hear
from tests.integration.served import PATIENCE, ROOT, Served, prepare, served
from tests.redis.server import RedisServer, require_redis

CATALOG = """
skills: {english: English}
queues:
  help: {label: Help, steps: [{ask: {english: 1}}], offer_for: 120s, wrap_up: 60s}
profiles:
  all: {label: Everything, queues: [help], capacity: {voice: 1, chat: 3}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  website: {label: Chat with us, channel: chat, queue: help}
"""
PEOPLE = [
    *(User(id=n, name=n, roles=frozenset({Role.AGENT}), agent=n) for n in ("ann", "ben")),
    User(id="sue", name="Sue", roles=frozenset({Role.SUPERVISOR})),
]
START = {"type": "start_chat", "id": "s1", "entry_point": "website", "name": "Mia", "text": "Hi"}


class Site:
    """What the nodes share, and a folder of its own for each."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self.folder = folder
        self.redis = redis
        self.tokens: dict[str, str] = {}
        self.catalog = folder / "catalog.yaml"

    async def prepare(self) -> None:
        self.catalog.write_text(CATALOG, encoding="utf-8")
        shared = self.folder / "shared"
        self.tokens = await prepare(shared, [(user, "") for user in PEOPLE])

    @contextlib.asynccontextmanager
    async def node(self, name: str, **more: str) -> AsyncIterator[Served]:
        """``more`` of its variables."""
        own = self.folder / name
        own.mkdir(exist_ok=True)
        settings = {
            "PATCHBAY_REDIS_URL": self.redis.url,
            "PATCHBAY_NODE_NAME": name,
            "PATCHBAY_DATABASE_URL": f"sqlite:///{self.folder / 'shared' / 'patchbay.db'}",
            "PATCHBAY_FILES_PATH": str(self.folder / "shared" / "files"),
            "PATCHBAY_SECRET_KEY": "0123456789abcdef0123456789abcdef",
            **more,
        }
        log = self.folder / f"{name}.log"
        async with served(own, self.catalog, log, settings=settings) as node:
            yield node


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    require_redis()
    with RedisServer() as redis:
        made = Site(tmp_path, redis)
        await made.prepare()
        yield made


async def must(connection: Any, kind: str, **fields: Any) -> None:
    reply = await ask(connection, kind, **fields)
    assert reply["ok"], reply


async def insist(connection: Any, kind: str, **fields: Any) -> None:
    """As a person does who is told to try again."""
    async with asyncio.timeout(PATIENCE):
        while not (await ask(connection, kind, **fields))["ok"]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def waiting_chat(chat: Any) -> str:
    await chat.send(json.dumps(START))
    session = await hear(chat, "session")
    return session["token"]


async def test_desk_and_chat_of_two_nodes_meet_and_go_on_when_the_writing_one_dies(site):
    async with site.node("one") as one, site.node("two") as two:
        async with two.connect("/ws/desk", site.tokens["ann"]) as desk:
            await hear(desk, "desk_snapshot")
            await must(desk, "go_ready")
            async with one.connect("/ws/chat") as chat:
                token = await waiting_chat(chat)
                offer = (await hear(desk, "offer_made"))["offer"]
                await must(desk, "accept_offer", offer=offer["offer"])
                await must(desk, "say", contact=offer["contact"], text="How can I help?")
                await hear_line(chat, "How can I help?")
                await must(desk, "typing", contact=offer["contact"], typing=True)
                assert (await hear(chat, "agent_typing"))["typing"]
                await chat.send(json.dumps({"type": "visitor_typing", "id": "t", "typing": True}))
                assert (await hear(desk, "customer_typing"))["contact"] == offer["contact"]
                one.kill()
            async with two.connect("/ws/chat") as chat:
                await chat.send(json.dumps({"type": "resume_chat", "id": "r", "token": token}))
                session = await hear(chat, "session")
                assert [line["text"] for line in session["lines"]][-1] == "How can I help?"
                await insist(chat, "say_line", text="My bill")
                await insist(desk, "say", contact=offer["contact"], text="I see it.")
                await hear_line(chat, "I see it.")
                assert two.process.poll() is None
        assert (await two.becomes(200))["ready"]


async def test_an_agent_whose_node_dies_goes_on_at_another_with_all_that_was_in_hand(site):
    async with site.node("one") as one, site.node("two") as two:  # noqa: SIM117
        async with one.connect("/ws/desk", site.tokens["ann"]) as desk:
            await hear(desk, "desk_snapshot")
            await must(desk, "go_ready")
            async with two.connect("/ws/chat") as chat:
                await waiting_chat(chat)
                offer = (await hear(desk, "offer_made"))["offer"]
                await must(desk, "accept_offer", offer=offer["offer"])
                one.kill()
                async with two.connect("/ws/desk", site.tokens["ann"]) as other:
                    snapshot = await hear(other, "desk_snapshot")
                    assert [card["contact"] for card in snapshot["contacts"]] == [offer["contact"]]
                    assert snapshot["me"]["state"] == "ready"
                    await insist(other, "say", contact=offer["contact"], text="Still here")
                    await hear_line(chat, "Still here")


async def test_a_writer_that_ends_in_order_hands_over(site):
    async with site.node("one") as one, site.node("two") as two:  # noqa: SIM117
        async with two.connect("/ws/desk", site.tokens["ann"]) as desk:
            await hear(desk, "desk_snapshot")
            one.process.send_signal(signal.SIGTERM)
            await insist(desk, "go_ready")
            assert await asyncio.to_thread(one.process.wait, PATIENCE) == 0
            assert (await two.becomes(200))["ready"]


async def test_a_writer_that_slept_past_its_lease_ends_when_it_wakes(site):
    async with site.node("one") as one, site.node("two") as two:  # noqa: SIM117
        async with two.connect("/ws/desk", site.tokens["ann"]) as desk:
            await hear(desk, "desk_snapshot")
            os.kill(one.process.pid, signal.SIGSTOP)
            await insist(desk, "go_ready")
            os.kill(one.process.pid, signal.SIGCONT)
            assert await asyncio.to_thread(one.process.wait, PATIENCE) == 75
            assert "Another node writes" in one.words
            await must(desk, "go_not_ready", reason="Break")


NEWER = """
from router.core import events

events.SCHEMA += 1  # before anybody else has read it

from router.journal import codec

def renamed(fields):
    for event in fields.get("events", ()):
        print("brought up", event["type"], flush=True)
    return fields

codec.UPGRADES = {events.SCHEMA - 1: renamed}
codec.SNAPSHOT_UPGRADES = {events.SCHEMA - 1: lambda image: image}
codec.decode.__defaults__ = (codec.UPGRADES,)
codec.decode_snapshot.__defaults__ = (codec.SNAPSHOT_UPGRADES,)
"""


async def head_of(redis: RedisServer) -> dict[bytes, bytes]:
    async with connect(redis.url) as client:
        return await client.hgetall(Keys.of("main").head)


async def test_in_a_rolling_upgrade_new_nodes_read_old_entries_and_old_ones_stand_aside(site):
    later = site.folder / "later"
    later.mkdir()
    (later / "sitecustomize.py").write_text(NEWER)
    path = f"{later}{os.pathsep}{os.environ.get('PYTHONPATH', ROOT)}"
    async with site.node("one") as one:
        async with one.connect("/ws/desk", site.tokens["ann"]) as desk:
            await hear(desk, "desk_snapshot")
            await must(desk, "go_ready")
        async with site.node("new", PYTHONPATH=path) as new:
            assert "brought up agent_signed_in" in new.words
            one.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(one.process.wait, PATIENCE) == 0
            await work_at(new, site)
            async with site.node("one") as again:
                await stands_aside(again, site)
                await work_at(new, site)
                head = await head_of(site.redis)
                again.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(again.process.wait, PATIENCE) == 0
                assert head[b"holder"].startswith(b"new-")


async def work_at(node: Served, site: Site) -> None:
    """An agent is known there as the old node left them, and what they do is written."""
    async with node.connect("/ws/desk", site.tokens["ann"]) as desk:
        assert (await hear(desk, "desk_snapshot"))["me"]["state"] != "signed_out"
        await insist(desk, "go_ready")
        await insist(desk, "go_not_ready", reason="Break")


async def stands_aside(node: Served, site: Site) -> None:
    """It says so wherever one looks, and has no part in anything."""
    before = await head_of(site.redis)
    status, body = await node.readiness()
    assert status == 503
    assert "a newer Patchbay wrote it" in body["reasons"][0]
    assert "node_stands_aside" in node.words
    async with node.client(site.tokens["ann"]) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/desk")).json()["error"]["code"] == "stands_aside"
    with pytest.raises(websockets.InvalidStatus):
        async with node.connect("/ws/desk", site.tokens["ann"]):
            pass
    after = await head_of(site.redis)
    assert (after[b"holder"], after[b"token"]) == (before[b"holder"], before[b"token"])
    assert node.process.poll() is None


async def hear_line(chat: Any, text: str) -> None:
    while (await hear(chat, "line_added"))["line"]["text"] != text:
        pass
