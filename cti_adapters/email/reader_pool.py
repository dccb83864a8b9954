"""Mails read in processes of their own, within a time and a memory limit.

A mail that makes its reader hang, die or run out of memory is ``Unreadable``; the process is
replaced and the next mail is read. A reader that dies is given the mail a second time in a new
process, for it may have been ended from outside.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from cti_adapters.email.model import MAX_BYTES, Mail, Unreadable
from cti_adapters.email.reader_frames import LENGTH, MAX_ANSWER, Reply, decode, framed
from router.core.durations import SECOND
from router.streams import write

MODULE: Final = "cti_adapters.email.reader_worker"
_STARTING: Final = 30.0  # seconds; a busy machine takes one or two
_INHERITED: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT")  # and no secrets


class Reader(Protocol):
    """Who reads mails: the pool, or ``read`` itself in a test."""

    async def read(self, raw: bytes) -> tuple[Mail, dict[str, bytes]] | Unreadable:
        """As ``reading.read``."""
        ...


class ReadersUnavailable(Exception):
    """No process can be started, or the pool is closed: the mail is not at fault, try it later."""


class ReaderPool:
    """Up to ``workers`` processes, started when they are needed. ``limit``: microseconds for one
    mail; ``memory``: bytes of address space for one process.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        limit: int = 20 * SECOND,
        memory: int = 1024 * 1024 * 1024,
        module: str = MODULE,
    ) -> None:
        self._limit, self._memory, self._module = limit, memory, module
        self._workers = workers
        self._turns = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    async def read(self, raw: bytes) -> tuple[Mail, dict[str, bytes]] | Unreadable:
        """As ``reading.read``. Raises ``ReadersUnavailable``. Cancelling it ends its process."""
        if len(raw) > MAX_BYTES:
            return _unreadable(raw, f"It is larger than {MAX_BYTES // (1024 * 1024)} MiB.")
        async with self._turns:
            for _ in range(2):
                try:
                    return await self._once(raw)
                except TimeoutError:
                    seconds = self._limit / SECOND
                    return _unreadable(raw, f"Reading it took longer than {seconds:g} seconds.")
                except (EOFError, OSError, msgspec.DecodeError):
                    continue
            return _unreadable(raw, "The process that read it died of it, twice.")

    async def close(self) -> None:
        """End all processes, those at work too; their mails raise ``ReadersUnavailable``."""
        self._closed = True
        for worker in self._busy:
            worker.kill()  # who waits for it ends it
        while self._idle:
            await self._idle.pop().end()
        for _ in range(self._workers):
            await self._turns.acquire()
        for _ in range(self._workers):
            self._turns.release()

    async def _once(self, raw: bytes) -> tuple[Mail, dict[str, bytes]] | Unreadable:
        worker = await self._worker()
        self._busy.add(worker)
        sound = False
        try:
            async with asyncio.timeout(self._limit / SECOND):
                reply = await worker.ask(raw)
            sound = not reply.worn and not self._closed
            return _result(reply)
        except (EOFError, OSError) as error:
            if self._closed and not isinstance(error, TimeoutError):
                raise ReadersUnavailable("The reader of mails is closed.") from None
            raise
        finally:
            self._busy.discard(worker)
            if sound:
                self._idle.append(worker)
            else:
                await asyncio.shield(worker.end())

    async def _worker(self) -> _Worker:
        if self._closed:
            raise ReadersUnavailable("The reader of mails is closed.")
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await worker.end()
        try:
            worker = await _Worker.start(self._module, self._memory)
        except (OSError, EOFError, ValueError) as error:
            raise ReadersUnavailable(
                "No process can be started to read mails: look whether memory or processes ran out"
                f" ({type(error).__name__})."
            ) from error
        if self._closed:  # meanwhile
            await worker.end()
            raise ReadersUnavailable("The reader of mails is closed.")
        return worker


class _Worker:
    """One process."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        questions: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
    ) -> None:
        self._process, self._questions, self._answers = process, questions, answers

    @classmethod
    async def start(cls, module: str, memory: int) -> _Worker:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module, str(memory)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            limit=1024 * 1024,
        )
        if process.stdin is None or process.stdout is None:
            raise EOFError
        worker = cls(process, process.stdin, process.stdout)
        try:
            async with asyncio.timeout(_STARTING):
                await worker.hear()
        except BaseException:
            await asyncio.shield(worker.end())
            raise
        return worker

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, raw: bytes) -> Reply:
        """Raises ``EOFError`` or ``OSError`` when the process ends, ``msgspec.DecodeError``."""
        write(self._questions, framed(raw))
        await self._questions.drain()
        return decode(await self.hear())

    async def hear(self) -> bytes:
        """The next frame; the first one is empty and says that it is ready."""
        length = int.from_bytes(await self._answers.readexactly(LENGTH), "big")
        if length > MAX_ANSWER:
            raise EOFError
        return await self._answers.readexactly(length)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """At once, and whatever it still says is thrown away."""
        self.kill()
        self._questions.close()
        while await self._answers.read(65_536):
            pass
        await self._process.wait()


def _result(reply: Reply) -> tuple[Mail, dict[str, bytes]] | Unreadable:
    if reply.unreadable is not None:
        return reply.unreadable
    if reply.mail is None:
        raise EOFError
    return reply.mail, reply.files


def _unreadable(raw: bytes, reason: str) -> Unreadable:
    return Unreadable(digest=hashlib.sha256(raw).hexdigest(), size=len(raw), reason=reason)
