"""What the broker's listener hears is judged: nothing is missing after faults, and a seeded bug in
the edge is found.
"""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import msgspec
import pytest

from router.core import commands as c
from router.edge.pump import Window
from router.edge.settings import EdgeSettings
from tests.faults.broker import Broker
from tests.faults.checker import judge, read_lines
from tests.mqtt.centre import Centre, centre, comes
from tests.mqtt.server import require_mosquitto

WITHIN = 30.0


async def calls(to: Centre, name: str) -> None:
    for number in range(5):
        contact = f"{name}-{number}"
        await to.do(c.Arrive, contact=contact, channel="voice")
        await to.do(c.Enqueue, contact=contact, queue="help")
        await to.do(c.Abandon, contact=contact)


async def problems_of(folder: Path, within: float) -> list[str]:
    """After some faults, and one connection on which all goes astray."""
    broker = Broker("main")
    await broker.start()
    try:
        async with centre() as made:
            made.position.position = 0
            edge = await made.start(EdgeSettings(host="127.0.0.1", port=broker.network.port))
            for number in range(4):
                await broker.suffer(random.Random(number))
                await calls(made, f"k{number}")
            await broker.hears_all(made.journaled, WITHIN)
            broker.network.go_dark()
            await calls(made, "dark")
            under_way = edge._pump._window._order
            await comes(lambda: len(under_way) == edge.behind)
            broker.network.cut()
            await broker.hears_all(made.journaled, within)
            entries = [
                json.loads(msgspec.json.encode(entry))
                async for entry in made.engine._journal.read()
            ]
        broker.write_down(folder)
    finally:
        await broker.close()
    return judge(entries, [read_lines(folder / "listener.jsonl")], {}, {})


async def test_nothing_is_missing_whatever_happens_to_the_broker(tmp_path: Path) -> None:
    require_mosquitto()
    assert await problems_of(tmp_path, WITHIN) == []


async def test_an_edge_that_takes_what_was_sent_for_told_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_mosquitto()

    def told_at_once(self: Window, position: int, messages: int) -> None:
        self.reached = position

    def done(self: Window, position: int, confirmed: asyncio.Future[None]) -> None:
        if not confirmed.cancelled() and (problem := confirmed.exception()):
            self._problem = problem
            self._failed.set()

    monkeypatch.setattr(Window, "add", told_at_once)
    monkeypatch.setattr(Window, "done", done)
    problems = await problems_of(tmp_path, 2.0)
    assert any(problem.startswith("C: a listener was not told of") for problem in problems)
