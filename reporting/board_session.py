"""One supervisor's board without its socket: rows out, almost nothing in.

A board that reads slowly costs nothing: what it has yet to hear is a set of row ids, and the rows
are drawn when it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Protocol

import msgspec

from reporting.messages import (
    AgentRow,
    BoardSnapshot,
    ClientMessage,
    QueueRow,
    Resync,
    RowsChanged,
)

MAX_FRAME = 1024
MAX_FRAMES = 100  # between two turns (a second)
MAX_OFFENCES = 20
HEARTBEAT_TURNS = 5  # seconds without news after which it is said that there is none

_DECODER = msgspec.json.Decoder(ClientMessage)
_ENCODER = msgspec.json.Encoder()


class Rows(Protocol):
    """The rows as they are now, by id."""

    queue_rows: dict[str, QueueRow]
    agent_rows: dict[str, AgentRow]

    def now(self) -> int: ...

    def ended(self, session: BoardSession) -> None: ...


class BoardSession:
    """Give it every frame that comes in, send every frame of ``outgoing``, ``close`` it when the
    socket is gone. When ``outgoing`` ends, close the socket.
    """

    def __init__(self, rows: Rows, number: int) -> None:
        self.number = number
        self._rows = rows
        self._queues: set[str] = set()
        self._agents: set[str] = set()
        self._stale = True
        self._due = True
        self._quiet = 0
        self._frames = 0
        self._offences = 0
        self._n = 0
        self._closed = False
        self._wake = asyncio.Event()

    @property
    def closed(self) -> bool:
        return self._closed

    async def receive(self, frame: bytes | str) -> None:
        """Take one frame. Never raises for what is in it."""
        if self._closed:
            return
        self._frames += 1
        if len(frame) > MAX_FRAME or self._frames > MAX_FRAMES:
            self._offend()
            return
        try:
            act = _DECODER.decode(frame)
        except (ValueError, RecursionError):
            self._offend()
            return
        if isinstance(act, Resync):
            self._stale = True  # sent at the next turn: a flood of these costs nothing

    def changed(self, queues: Iterable[str] = (), agents: Iterable[str] = ()) -> None:
        """Rows that are others now, or gone."""
        if not self._stale:
            self._queues.update(queues)
            self._agents.update(agents)

    def turn(self) -> None:
        """Once a second: now it may hear what there is."""
        self._frames = 0
        self._quiet += 1
        if self._stale or self._queues or self._agents or self._quiet >= HEARTBEAT_TURNS:
            self._due = True
            self._wake.set()

    async def outgoing(self) -> AsyncIterator[bytes]:
        """Frames to send, as they come: a snapshot first. It ends when the session is over."""
        while not self._closed:
            if self._due:
                self._due, self._quiet = False, 0
                yield self._draw()
            else:
                self._wake.clear()
                await self._wake.wait()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._wake.set()
            self._rows.ended(self)

    def _offend(self) -> None:
        self._offences += 1
        if self._offences >= MAX_OFFENCES:
            self.close()

    def _draw(self) -> bytes:
        self._n += 1
        queues, agents = self._rows.queue_rows, self._rows.agent_rows
        if self._stale:
            message: BoardSnapshot | RowsChanged = BoardSnapshot(
                n=self._n,
                at=self._rows.now(),
                queues=tuple(queues.values()),
                agents=tuple(agents.values()),
            )
        else:
            message = RowsChanged(
                n=self._n,
                at=self._rows.now(),
                queues=tuple(queues[q] for q in sorted(self._queues) if q in queues),
                agents=tuple(agents[a] for a in sorted(self._agents) if a in agents),
                queues_gone=tuple(q for q in sorted(self._queues) if q not in queues),
                agents_gone=tuple(a for a in sorted(self._agents) if a not in agents),
            )
        self._stale = False
        self._queues.clear()
        self._agents.clear()
        return _ENCODER.encode(message)
