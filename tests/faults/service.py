"""The service under test: the real engine on the real journal, behind a local socket.

``python -m tests.faults.service JOURNAL SOCKET``; prints one line when it is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from pathlib import Path

import msgspec

from router.clock import SystemClock
from router.cluster.node import Node
from router.core.events import Rejected
from router.engine import Engine, EngineLimits
from router.journal.sqlite import SqliteJournal
from router.ports import JournalUnavailable, Overloaded
from server import interpreter
from tests.faults.wire import (
    Answered,
    AskContacts,
    Contacts,
    Follow,
    Request,
    Seen,
    Submit,
    pack,
    receive,
)

# Small, so that snapshots, full inboxes and followers behind the ring all occur under test.
LIMITS = EngineLimits(inbox=2_000, batch=64, snapshot_every=2_000)

_requests = msgspec.msgpack.Decoder(Request)


class Service:
    def __init__(self, engine: Engine | Node) -> None:
        self.engine = engine

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                request = await receive(reader, _requests)
                task = asyncio.create_task(self._answer(request, writer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            for task in tasks:
                task.cancel()
            writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            match request:
                case Submit():
                    writer.write(pack(await self._submit(request)))
                case Follow():
                    while self.engine.replica.position < request.after:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)  # a node that is behind the one before
                    async for entry in self.engine.follow(request.after):
                        writer.write(pack(Seen(entry)))
                        await writer.drain()
                case AskContacts():
                    contacts = self.engine.replica.state.contacts.values()
                    writer.write(pack(Contacts({c.id: c.state.value for c in contacts})))

    async def _submit(self, request: Submit) -> Answered:
        command = request.command
        try:
            outcome = await self.engine.submit(command)
        except (Overloaded, JournalUnavailable) as problem:
            return Answered(command.id, "refused", reason=str(problem))
        if isinstance(outcome, Rejected):
            return Answered(command.id, "rejected", reason=outcome.code)
        return Answered(command.id, "accepted", outcome.position, len(outcome.events))


async def run(journal_path: str, socket_path: str) -> None:
    began = time.perf_counter()
    journal = await SqliteJournal.open(journal_path)
    engine = await Engine.open(journal, SystemClock(), limits=LIMITS)
    recovered = time.perf_counter() - began
    await engine.start()
    server = await asyncio.start_unix_server(Service(engine).serve, socket_path)
    print(f"ready {recovered:.4f} {engine.replica.position}", flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    await engine.stop()
    await journal.close()


if __name__ == "__main__":
    Path(sys.argv[2]).unlink(missing_ok=True)  # left behind by one that was killed
    interpreter.run(run(*sys.argv[1:]))
