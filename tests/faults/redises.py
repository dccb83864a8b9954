"""A Redis with a replica, and what becomes of both."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.faults.proxy import Proxy
from tests.redis.server import RedisServer

_FOLLOWS_WITHIN: Final = 60.0  # seconds
_USED_UP_WITHIN: Final = 20.0


class Redises:
    """A primary and, with ``replica``, one that follows it; ``networks`` lead to the primary."""

    def __init__(self, fsync: str, *, replica: bool) -> None:
        self._fsync = fsync
        self._with_replica = replica
        self.primary = self._server()
        self.replica: RedisServer | None = None
        self.networks: list[Proxy] = []
        self.link: Proxy | None = None  # of the replica to the primary

    def _server(self, *options: str) -> RedisServer:
        return RedisServer("--repl-diskless-sync-delay", "0", *options, fsync=self._fsync)

    async def start(self) -> None:
        await asyncio.to_thread(self.primary.start)
        if self._with_replica:
            await self._add_replica()

    async def _add_replica(self) -> None:
        self.link = await Proxy(self.primary.port).__aenter__()
        self.replica = self._server("--replicaof", "127.0.0.1", str(self.link.port))
        await asyncio.to_thread(self.replica.start)
        async with asyncio.timeout(_FOLLOWS_WITHIN):
            while not await self._follows(self.replica):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _follows(self, server: RedisServer) -> bool:
        return "master_link_status:up" in await server.asked("INFO", "replication")

    async def fail_over(self) -> None:
        """The primary dies, the replica becomes it, and another replica comes."""
        assert self.replica is not None
        assert self.link is not None
        dead, self.primary = self.primary, self.replica
        await asyncio.to_thread(dead.kill)
        await self.link.__aexit__()
        await self.primary.lead()
        for network in self.networks:
            network.lead_to(self.primary.port)
        await asyncio.to_thread(dead.close)
        await self._add_replica()

    async def restart(self, away: float) -> None:
        await asyncio.to_thread(self.primary.kill)
        await asyncio.sleep(away)
        await asyncio.to_thread(self.primary.start)

    async def fill_memory(self, away: float) -> None:
        """For ``away`` seconds there is no room for anything more."""
        await self.primary.asked("CONFIG", "SET", "maxmemory", "1")
        await asyncio.sleep(away)
        await self.primary.asked("CONFIG", "SET", "maxmemory", "0")

    async def fill_disk(self, room: int, away: float) -> None:
        """There is ``room`` for so many bytes. Redis ends when that is used up, in the middle of
        a write; after ``away`` seconds there is room again, and it is started.
        """
        self.primary.may_write(room)
        if not await asyncio.to_thread(self.primary.ended, _USED_UP_WITHIN):
            await asyncio.to_thread(self.primary.kill)
        await asyncio.sleep(away)
        await asyncio.to_thread(self.primary.kill)
        await asyncio.to_thread(self.primary.start)

    async def close(self) -> None:
        if self.link is not None:
            await self.link.__aexit__()
        for server in filter(None, (self.primary, self.replica)):
            server.close()
