"""Connections to Redis: a cancellation is heeded in whatever turn of the loop it comes, and what a
reset looks like does not depend on the loop. The Redis here is a few lines that say OK.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Coroutine
from typing import Any, Self

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Unreachable

from router.journal.redis_address import connect
from server import interpreter

TURNS = 30  # of the loop: connecting and one command take fewer
RESET = struct.pack("ii", 1, 0)


class SaysOk:
    """``async with`` it. ``reset`` breaks off every connection there is."""

    async def __aenter__(self) -> Self:
        self._writers: list[asyncio.StreamWriter] = []
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    def reset(self) -> None:
        for writer in self._writers:
            own: socket.socket = writer.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while data := await reader.read(65_536):
            hello = b"HELLO" in data
            writer.write(b"%1\r\n+proto\r\n:3\r\n" if hello else b"")
            writer.write(b"+OK\r\n" * (data.count(b"*") - hello))


async def ask(redis: Redis, how: str) -> None:
    if how == "one":
        await redis.execute_command("GET", "x")
        return
    pipeline = redis.pipeline(transaction=False)
    pipeline.execute_command("GET", "x")
    pipeline.execute_command("GET", "y")
    await pipeline.execute()


async def is_heeded(url: str, how: str, *, connected: bool, turns: int) -> bool:
    """Whether a task that would ask for ever ends when it is cancelled after so many turns."""
    async with connect(url) as redis:
        if connected:
            await ask(redis, how)

        async def for_ever() -> None:
            while True:
                await ask(redis, how)
                await asyncio.sleep(3_600)

        task = asyncio.create_task(for_ever())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5)
        task.cancel()
        await asyncio.wait({task})
        await ask(redis, how)  # whoever comes next gets an answer of their own
        return bool(done)


def on(loop: str, work: Coroutine[Any, Any, None]) -> None:
    if loop == "asyncio":
        asyncio.run(work)
    else:
        pytest.importorskip("uvloop", reason="there is no uvloop for this interpreter")
        interpreter.run(work)


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "new"])
@pytest.mark.parametrize("how", ["one", "pipeline"])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_who_is_cancelled_while_asking_ends(loop: str, how: str, connected: bool) -> None:
    async def tried() -> None:
        async with SaysOk() as redis:
            lost = [
                turns
                for turns in range(TURNS)
                if not await is_heeded(redis.url, how, connected=connected, turns=turns)
            ]
            assert lost == []

    on(loop, tried())


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_time_out_that_ends_while_a_command_goes_out_is_one(loop: str) -> None:
    async def tried() -> None:
        async with SaysOk() as server, connect(server.url) as redis:
            await ask(redis, "one")
            for turns in range(TURNS):
                with pytest.raises(TimeoutError):
                    await out_of_time(redis, turns)

    on(loop, tried())


async def out_of_time(redis: Redis, turns: int) -> None:
    """The time is over after so many turns, while a command goes out or just after."""
    async with asyncio.timeout(3_600) as limit:
        over = asyncio.create_task(after(turns, lambda: limit.reschedule(0)))
        await ask(redis, "one")
        await over
        await asyncio.sleep(5)


@pytest.mark.parametrize("how", ["one", "pipeline"])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_connection_that_was_reset_is_redis_out_of_reach(loop: str, how: str) -> None:
    async def tried() -> None:
        async with SaysOk() as server, connect(server.url) as redis:
            await ask(redis, how)
            server.reset()
            await asyncio.sleep(0.05)
            with pytest.raises(Unreachable):
                await ask(redis, how)
            await ask(redis, how)  # by a new one

    on(loop, tried())


async def after(turns: int, act: Any) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    act()
