"""Simulated visitors at the chat's door: ``visitors`` over connections, like browsers but quicker.

They come in through the same door as everybody, from an address of their own each, so that the
flood limits see them as the different people they play.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from cti_adapters.simulated.pace import Pace
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.simulated.visitors import Visitors
from router.core.durations import SECOND
from router.ports import Clock
from router.replica import Replica

LOOK_EVERY = SECOND // 2  # microseconds between two looks at what came in

_ENCODE = msgspec.json.encode
_DECODER = msgspec.json.Decoder(dict[str, Any])


class ChatLine(Protocol):
    """A connection of the chat, without its socket."""

    async def receive(self, frame: bytes) -> None: ...

    def drain(self) -> Iterable[bytes]: ...

    def close(self) -> None: ...


class ChatDoor(Protocol):
    """Where chat connections are opened; the argument is the address they come from."""

    def connect(self, source: str) -> ChatLine: ...


class SimulatedVisitors:
    def __init__(
        self, door: ChatDoor, replica: Replica, clock: Clock, settings: SimulationSettings
    ) -> None:
        self._door = door
        self._replica = replica
        self._clock = clock
        self._visitors = Visitors(settings, clock.now())
        self._lines: dict[str, ChatLine] = {}
        self._pace = Pace(clock, self.step, self._next_look)

    async def start(self) -> None:
        self._pace.start()

    async def stop(self) -> None:
        await self._pace.stop()
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def set_rate(self, chats_per_minute: float) -> None:
        """From now on so many new chats a minute on average; 0 stops them."""
        self._visitors.set_rate(chats_per_minute, self._clock.now())
        self._pace.wake()

    async def step(self) -> None:
        """Read what came, do what is due."""
        at = self._clock.now()
        for visit, line in list(self._lines.items()):
            for frame in line.drain():
                self._visitors.hear(visit, _DECODER.decode(frame), at)
            if visit not in self._visitors:
                self._lines.pop(visit).close()
        for visit, message in self._visitors.due(at, self._replica.state.catalog):
            if visit not in self._lines:
                self._lines[visit] = self._door.connect(visit)
            await self._lines[visit].receive(_ENCODE(message))

    def _next_look(self) -> int | None:
        if self._lines:
            return self._clock.now() + LOOK_EVERY
        return self._visitors.next_deadline()
