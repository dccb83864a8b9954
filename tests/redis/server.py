"""A Redis of a test's own: in a temporary folder, on a free port of loopback, durable."""

from __future__ import annotations

import asyncio
import resource
import shutil
import socket
import subprocess

import pytest

from tests.local_server import LocalServer


def require_redis() -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed: the package is called redis-server")


class RedisServer(LocalServer):
    """Every write is on disk before it is answered, unless ``fsync`` says otherwise."""

    name = "redis"
    output = "log"

    def __init__(self, *options: str, fsync: str = "always") -> None:
        super().__init__()
        self._options = ("--appendonly", "yes", "--appendfsync", fsync, *options)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> list[str]:
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder))
        return ["redis-server", *place, "--save", "", *self._options]

    async def asked(self, *command: str) -> str:
        """What Redis answers to a command of its own."""
        done = await asyncio.create_subprocess_exec(
            "redis-cli", "-p", str(self.port), *command, stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await done.communicate()
        return answer.decode()

    async def lead(self) -> None:
        """Be nobody's replica, also after the next start."""
        await self.asked("REPLICAOF", "NO", "ONE")
        if "--replicaof" in self._options:
            at = self._options.index("--replicaof")
            self._options = (*self._options[:at], *self._options[at + 3 :])

    def may_write(self, more: int) -> None:
        """Its append-only file can grow by so many bytes and no further, until it is started again:
        it ends when it cannot write what it must.
        """
        if self._process is not None and self._process.poll() is None:
            files = (self.folder / "appendonlydir").glob("*.incr.aof")
            largest = max((file.stat().st_size for file in files), default=0)
            limits = (largest + more, resource.RLIM_INFINITY)
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, limits)

    def ended(self, within: float) -> bool:
        """Whether it has ended by itself after so many seconds at most."""
        try:
            self._process and self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False
