"""``patchbay serve`` as an operator runs it: a process of its own over a directory of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import websockets

from crm.database import Database
from router.clock import SystemClock
from router.core.durations import HOUR
from server.accounts import AccountStore, User
from server.guard import COOKIE

ROOT = Path(__file__).parents[2]
PATIENCE = 90  # seconds; the machine may be busy


class Served:
    """The process. ``words`` is what it has said so far, on both streams."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def words(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def origin(self) -> str:
        """Where it is reached; empty until it says that it is ready, or stands aside."""
        said = re.search(r"Patchbay (?:is ready|stands aside) on (http://[^\s:]+:\d+)", self.words)
        return said[1] if said else ""

    def connect(self, path: str, token: str = "") -> Any:
        headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
        return websockets.connect(
            self.origin.replace("http", "ws", 1) + path,
            additional_headers=headers,
            origin=self.origin,
            max_queue=None,
        )

    def client(self, token: str = "") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.origin,
            headers={"Origin": self.origin},
            cookies={COOKIE: token} if token else {},
            timeout=PATIENCE,
        )

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        async with self.client() as asking:
            answer = await asking.get("/readyz")
            return answer.status_code, answer.json()

    async def becomes(self, status: int) -> dict[str, Any]:
        """What ``/readyz`` says once it answers ``status``."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found, body = await self.readiness()
                if found == status:
                    return body
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.asynccontextmanager
async def served(
    folder: Path,
    catalog: Path,
    log: Path,
    *,
    within: Sequence[str] = (),
    level: str = "info",
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Served]:
    """A service over ``folder`` that is ready. ``within`` are words to begin its command with,
    ``settings`` more of them, by their variables.
    """
    command = [*within, sys.executable, "-m", "server", "serve", "--port", "0"]
    environment = {
        **os.environ,
        "PATCHBAY_DATA_DIRECTORY": str(folder),
        "PATCHBAY_CATALOG_PATH": str(catalog),
        "PATCHBAY_LOG_LEVEL": level,
        "PYTHONUNBUFFERED": "1",
        # Where bytecode is not kept, every start would compile everything again.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(log.parent.parent / "bytecode"),
        **(settings or {}),
    }
    with log.open("ab") as both:
        both.truncate(0)
        process = subprocess.Popen(  # noqa: ASYNC220 - starting takes no time
            command, cwd=ROOT, env=environment, stdout=both, stderr=both
        )
    service = Served(process, log)
    try:
        until = time.monotonic() + PATIENCE
        while not service.origin:
            assert process.poll() is None, service.words
            assert time.monotonic() < until, service.words
            await asyncio.sleep(0.02)
        yield service
    finally:
        service.kill()


async def prepare(folder: Path, users: Iterable[tuple[User, str]]) -> dict[str, str]:
    """A data directory with users and their password hashes; a session token for each."""
    folder.mkdir(mode=0o700, exist_ok=True)  # noqa: ASYNC240 - takes no time
    database, now = Database(f"sqlite:///{folder / 'patchbay.db'}"), SystemClock().now()
    accounts, tokens = AccountStore(database), {}
    try:
        await database.migrate()
        for user, password_hash in users:
            await accounts.add_user(user, password_hash, now)
            tokens[user.id] = await accounts.open_session(user.id, now, HOUR)
    finally:
        await database.close()
    return tokens
