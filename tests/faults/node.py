"""One node under test: the real cluster code on a real Redis, behind a local socket."""

from __future__ import annotations

import asyncio
import mmap
import secrets
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from redis.asyncio import Redis

from router.clock import SystemClock
from router.cluster.node import Node, Timing
from router.edge.edge import Edge, EdgeParts
from router.edge.settings import EdgeSettings
from router.journal import redis as redis_journal
from router.journal.redis_address import connect
from router.lease import LASTS
from router.ports import JournalUnavailable
from server import interpreter
from tests.faults.broker import FilePosition
from tests.faults.service import LIMITS, Service

TENANT: Final = "laboratory"
START_AGAIN: Final = 75
WRONG: Final = struct.Struct("<q")
WHOLE_LOG: Final = 1_000_000_000  # entries: the judge reads all of them, of a long run as well
LONGEST_PAUSE: Final = 0.5  # seconds until the edge connects again; elsewhere it grows to 30

Say = Callable[[str], None]


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """``replicas`` of Redis must have what is promised; ``defect`` is one of ``defects.py``. How
    far its wall clock is wrong stands in the file ``wall``, eight bytes of nanoseconds; ``broker``
    is a port, and ``told`` a file for how far it was told.
    """

    url: str
    name: str
    socket: str
    replicas: int = 0
    defect: str = ""
    lease: int = LASTS
    wall: str = ""
    broker: int = 0
    told: str = ""


def run(life: Life, say: Say) -> int:
    """Until SIGTERM, or until the node cannot go on: then 75. It says ``ready`` once, and
    ``writes`` when it has become the writer.
    """
    redis_journal.KEPT_BEHIND = WHOLE_LOG  # type: ignore[misc]
    if life.defect:
        _plant(life.defect)
    Path(life.socket).unlink(missing_ok=True)  # left behind by one that was killed
    return interpreter.run(_lived(life, say))


def _plant(defect: str) -> None:
    import pytest

    from tests.faults.defects import DEFECTS

    DEFECTS[defect].plant(pytest.MonkeyPatch())


async def _lived(life: Life, say: Say) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock = SystemClock(_wall(Path(life.wall)) if life.wall else time.time_ns)
    edges: list[Edge] = []

    async def writes() -> None:
        say("writes")
        if life.broker:
            edges.append(_edge(life, node, clock))
            await edges[0].start()

    async with connect(life.url) as redis:
        node = await _opened(redis, life, clock)
        await node.start(writes)
        server = await asyncio.start_unix_server(Service(node).serve, life.socket)
        say("ready")
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({stopping, node.ended}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        server.close()
        await asyncio.gather(*(edge.stop() for edge in edges))
        await node.stop()
    return START_AGAIN if node.ended.done() else 0


def _wall(file: Path) -> Callable[[], int]:
    """The time with the error of this machine's clock, which may change at any moment."""
    with file.open("r+b") as opened:
        wrong = mmap.mmap(opened.fileno(), WRONG.size)
    return lambda: time.time_ns() + int(WRONG.unpack_from(wrong)[0])


def _edge(life: Life, node: Node, clock: SystemClock) -> Edge:
    parts = EdgeParts(
        replica=node.replica,
        follow=node.follow,
        sink=node,
        store=FilePosition(Path(life.told)),
        clock=clock,
        figures=lambda _: None,
        counted=lambda _: None,
        still_writes=node.still_writes,
    )
    settings = EdgeSettings(host="127.0.0.1", port=life.broker, tenant=TENANT, node="edge")
    return Edge(settings, parts, pause=lambda seconds: asyncio.sleep(min(seconds, LONGEST_PAUSE)))


async def _opened(redis: Redis, life: Life, clock: SystemClock) -> Node:
    name = f"{life.name}-{secrets.token_hex(3)}"
    share = life.lease / LASTS
    timing = Timing(
        lease=life.lease, renew=0.5 * share, contend=0.25 * share, replicas=life.replicas
    )
    while True:
        try:
            return await Node.open(redis, TENANT, name, clock, limits=LIMITS, timing=timing)
        except JournalUnavailable:
            await asyncio.sleep(0.2)
