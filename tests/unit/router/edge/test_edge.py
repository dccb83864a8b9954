"""Nothing is connected to the broker by a process of which nobody knows that it still decides."""

from __future__ import annotations

import asyncio

from router.clock import ManualClock
from router.edge.edge import Edge, EdgeParts
from router.edge.pump import MemoryPosition
from router.edge.settings import EdgeSettings
from router.engine import Engine
from router.journal.memory import MemoryJournal
from router.ports import NotTheWriter


async def test_who_was_replaced_does_not_connect_and_ends() -> None:
    clock, asked, ended = ManualClock(0), [], asyncio.Event()
    engine = await Engine.open(MemoryJournal(), clock)

    async def still_writes() -> None:
        asked.append(edge.connected)
        ended.set()
        raise NotTheWriter("Another node writes now: this one begins anew.")

    parts = EdgeParts(
        replica=engine.replica,
        follow=engine.follow,
        sink=engine,
        store=MemoryPosition(),
        clock=clock,
        figures=lambda _: None,
        counted=lambda _: None,
        still_writes=still_writes,
    )
    edge = Edge(EdgeSettings(host="nowhere.invalid", port=1, tenant="acme", node="one"), parts)
    await edge.start()
    await ended.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert asked == [False]
    assert edge.problem == ""  # it has not tried, and does not try again
    await edge.stop()
