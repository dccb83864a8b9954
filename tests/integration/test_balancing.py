"""A node that writes for all tenants hands some over to one that came later; nobody notices."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import websockets

from config.settings import load_settings
from config.tenants import read_tenants
from router.cluster.balance import BalancePace
from router.core.commands import Command, SetNotReady, SetReady, SignIn
from router.core.durations import SECOND
from router.ports import Accepted, JournalUnavailable, Outcome, Overloaded
from server.tenants.hosting import Hosted
from server.tenants.serving import hosting
from tests.integration.live import comes, hear
from tests.integration.two_tenants import ALL, Sides, two_tenants
from tests.redis.server import RedisServer, require_redis

QUICK = BalancePace(settled=SECOND, calm=SECOND)
UNNOTICED = 15  # seconds: after so long without a desk an agent is gone


class Watched:
    """People of acme at the node that gives: what they would notice."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self.answers: set[int] = set()
        self.away = 0.0  # seconds, the longest without a desk
        self.desks = 0
        self.failed = 0  # desks that did not come up
        self.waited = 0.0  # seconds, the longest for what was asked
        self.outcomes: list[object] = []

    async def browse(self) -> None:
        client = self._sides.client("acme.test", self._sides.tokens["acme", ALL])
        while True:
            self.answers.add((await client.get("/api/v1/catalog")).status_code)
            await asyncio.sleep(0.02)

    async def sit_at_the_desk(self) -> None:
        loop = asyncio.get_running_loop()
        left = loop.time()
        while True:
            try:
                async with self._desk() as desk:
                    await hear(desk, "desk_snapshot")
                    if self.desks:
                        self.away = max(self.away, loop.time() - left)
                    self.desks += 1
                    await desk.wait_closed()
                    left = loop.time()
            except (websockets.ConnectionClosed, websockets.InvalidStatus):
                self.failed += 1

    def _desk(self):
        return self._sides.socket("acme.test", "/ws/desk", self._sides.tokens["acme", "agent"])

    async def work(self, node: Hosted) -> None:
        """Commands at the node that takes."""
        loop = asyncio.get_running_loop()
        number = 0
        while True:
            number += 1
            began = loop.time()
            self.outcomes.append(await insisted(node, act(number)))
            self.waited = max(self.waited, loop.time() - began)
            await asyncio.sleep(0.01)


def act(number: int) -> Command:
    if number % 2:
        return SetReady(id=f"work-{number}", agent="ben")
    return SetNotReady(id=f"work-{number}", agent="ben", reason="Break")


async def insisted(node: Hosted, command: Command) -> Outcome:
    """On a machine that stands still for longer than a lease, who wrote begins anew."""
    while True:
        try:
            if node.patchbay is not None:
                return await node.patchbay.engine.submit(command)
        except (JournalUnavailable, Overloaded):
            pass
        await asyncio.sleep(0.1)


async def test_a_node_with_more_than_its_share_hands_over_and_nobody_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_redis()
    ended: list[str] = []  # for want of a lease: then there is something to notice
    monkeypatch.setattr(Hosted, "_fails", lambda _, reason: ended.append(reason))
    shared = f"sqlite:///{tmp_path}/data/TENANT/patchbay.db"
    lines = f"PATCHBAY_DATABASE_URL={shared}\nPATCHBAY_FILES_PATH={tmp_path}/TENANT-files\n"
    with RedisServer() as server:
        given = {"redis_url": server.url, "secret_key": "s" * 40}
        async with two_tenants(tmp_path, lines, QUICK, node_name="first", **given) as both:
            first = list(both.hosted.values())
            await comes(lambda: all(one.writes for one in first), seconds=60)
            settings = load_settings(
                data_directory=tmp_path / "other", region="GB", node_name="second", **given
            )
            tenants = read_tenants(tmp_path / "tenants.yaml")
            async with (
                asyncio.TaskGroup() as group,
                both.socket("globex.test", "/ws/board", both.tokens["globex", "supervisor"]),
                both.socket("globex.test", "/ws/desk", both.tokens["globex", "agent"]),
                hosting(settings, tenants, 1, QUICK) as other,
            ):
                here, there = first[0], other[0]
                await comes(lambda: all(one.sound for one in (*first, *other)), seconds=60)
                assert isinstance(await insisted(there, SignIn(id="in", agent="ben")), Accepted)
                watched = Watched(both)
                people = [
                    group.create_task(watched.browse()),
                    group.create_task(watched.sit_at_the_desk()),
                    group.create_task(watched.work(there)),
                ]
                await comes(lambda: is_even(first, other), seconds=60)
                decided, desks = len(watched.outcomes), watched.desks
                await comes(lambda: len(watched.outcomes) > decided + 5, seconds=60)
                await comes(lambda: here.sound and watched.desks >= max(desks, 1), seconds=60)
                for one in people:
                    one.cancel()
            assert all(isinstance(one, Accepted) for one in watched.outcomes)
            if not ended:
                assert sum(one.handed_over for one in (*first, *other)) == 1
                assert here.handed_over == 1, "the one with fewer pages"
                assert watched.answers == {200}
                assert watched.failed == 0
                assert watched.away < UNNOTICED
            print(f"commands waited {watched.waited:.2f} s, desks were away {watched.away:.2f} s")


def is_even(*nodes: list[Hosted]) -> bool:
    return all(sum(one.writes for one in node) == 1 for node in nodes)
