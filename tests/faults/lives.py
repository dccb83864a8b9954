"""A process that is killed again and again, and one beside it that begins the next.

What is loaded once serves all lives: a life begins in half a second, and so more of them end while
work is under way than while Python is loading modules.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from server import interpreter

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0  # seconds; a busy machine takes long


def lives(live: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """For each line that is read a process in which ``live`` runs."""
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            interpreter.run(live())
            os._exit(0)
        print(f"begun {process}", flush=True)
        os.waitpid(process, 0)
        print("ended", flush=True)


class Mortal:
    """A module that calls ``lives`` and says ``works``; what it logs goes to a file."""

    def __init__(self, module: str, arguments: list[str], log: Path) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._log = log
        self._nursery: asyncio.subprocess.Process | None = None
        self._living = 0

    async def open(self) -> None:
        with self._log.open("ab") as log:  # the process has its own of it
            self._nursery = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
            )

    async def begin(self) -> None:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(b"begin\n")
        self._living = int((await self._said(b"begun")).split()[1])

    async def works(self) -> None:
        await self._said(b"works")

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._living, signal.SIGKILL)
        await self._said(b"ended")

    def megabytes(self) -> float:
        """Of memory that the living one has in use."""
        pages = int(Path(f"/proc/{self._living}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000

    async def close(self) -> None:
        """The living one first: it would outlive the other, whose end is seen by its pipes."""
        if self._nursery is not None and self._nursery.returncode is None:
            if self._living:
                with suppress(ProcessLookupError):
                    os.kill(self._living, signal.SIGKILL)
            self._nursery.kill()
            await self._nursery.wait()

    async def _said(self, word: bytes) -> bytes:
        assert self._nursery is not None
        assert self._nursery.stdout is not None
        while True:
            line = await asyncio.wait_for(self._nursery.stdout.readline(), PATIENCE)
            if line.startswith(word):
                return line
            assert line, "the service is gone"
            # "works" is left unread by who killed it while it was starting
            assert line.startswith(b"works"), f"{line!r} while waiting for {word!r}"
