"""A client that outlives the service: it reconnects, and resends a command until it is answered."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from router.core.commands import Command
from router.core.events import Entry
from tests.faults.history import History
from tests.faults.wire import (
    Answered,
    AskContacts,
    Contacts,
    Follow,
    Reply,
    Request,
    Seen,
    Submit,
    pack,
    receive,
)

_replies = msgspec.msgpack.Decoder(Reply)
_RECONNECT = 0.02  # seconds


class Client:
    """One connection at a time, kept up by ``run``, to the next of ``sockets`` each time."""

    def __init__(self, name: str, sockets: Sequence[str], history: History) -> None:
        self.name = name
        self.history = history
        self._sockets = itertools.cycle(sockets)
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(next(self._sockets))
            except OSError:
                await asyncio.sleep(_RECONNECT)
                continue
            try:
                self.connected()
                while True:
                    self.received(await receive(reader, _replies))
            except ConnectionError:
                self.history.note("disconnected")
            finally:
                self._writer.close()
                self._writer = None

    def connected(self) -> None: ...

    def received(self, reply: Any) -> None: ...

    def write(self, request: Request) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(request))


class Commander(Client):
    """Sends commands and notes what was sent and what was answered."""

    def __init__(
        self,
        name: str,
        sockets: Sequence[str],
        history: History,
        rng: random.Random,
        on_accepted: Callable[[float], None] = lambda _: None,
        doubled: float = 0.03,
    ) -> None:
        """``on_accepted`` hears when an accepted command was sent first, by ``perf_counter``. The
        share ``doubled`` is sent twice, as an impatient client or network does.
        """
        super().__init__(name, sockets, history)
        self.rng = rng
        self._doubled = doubled
        self._count = 0
        self._on_accepted = on_accepted
        self._waiting: dict[str, tuple[Command, asyncio.Future[Answered]]] = {}

    async def send(self, kind: type[Any], **fields: Any) -> Answered:
        """The final answer, however often the service dies meanwhile."""
        self._count += 1
        command = kind(id=f"{self.name}-{self._count}", by=self.name, **fields)
        began = time.perf_counter()
        while True:
            answer = await self._answer(command)
            if answer.result == "accepted":
                self._on_accepted(began)
            if answer.result != "refused":
                return answer
            await asyncio.sleep(0.05)

    async def _answer(self, command: Command) -> Answered:
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting[command.id] = command, future
        self._transmit(command)
        if self.rng.random() < self._doubled:
            self._transmit(command)
        return await future

    def _transmit(self, command: Command) -> None:
        self.history.note("sent", id=command.id, command=command)
        self.write(Submit(command))

    def connected(self) -> None:
        for command, _ in list(self._waiting.values()):
            self._transmit(command)

    def received(self, reply: Any) -> None:
        if isinstance(reply, Answered):
            self.history.note("answered", **msgspec.to_builtins(reply))
            _, future = self._waiting.pop(reply.id, (None, None))
            if future is not None:
                future.set_result(reply)


class Observer(Client):
    """Follows the log from the start, across every restart, and notes each entry."""

    def __init__(
        self,
        name: str,
        sockets: Sequence[str],
        history: History,
        on_entry: Callable[[Entry], None] = lambda _: None,
    ) -> None:
        super().__init__(name, sockets, history)
        self._on_entry = on_entry
        self.position = 0
        self._states: asyncio.Future[dict[str, str]] | None = None

    async def contacts(self) -> dict[str, str]:
        """The live contacts and their states as the service tells them now."""
        self._states = asyncio.get_running_loop().create_future()
        self.write(AskContacts())
        return await asyncio.wait_for(self._states, 10)

    def connected(self) -> None:
        self.write(Follow(self.position))

    def received(self, reply: Any) -> None:
        if isinstance(reply, Seen):
            self.position = reply.entry.position
            self.history.note("observed", entry=reply.entry)
            self._on_entry(reply.entry)
        elif isinstance(reply, Contacts) and self._states is not None:
            self._states.set_result(reply.states)
