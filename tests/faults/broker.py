"""The broker of the laboratory, the nodes' way to it, and somebody who listens all the time."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import time
from pathlib import Path
from typing import Any, Final

from router.edge.pump import PositionStore, PositionUnavailable
from tests.faults.history import History
from tests.faults.proxy import Proxy
from tests.mqtt.centre import Peer
from tests.mqtt.server import Mosquitto

_AN_EVENT: Final = re.compile(r"[^/]+/(\d+)/(\d+)")
_MOST_AWAY: Final = 1.0  # seconds


class Broker:
    """``network`` leads to it; the listener's session outlives restarts and is at the broker."""

    def __init__(self, tenant: str) -> None:
        self._topics = f"patchbay/{tenant}/#"
        self._server = Mosquitto()
        self.network = Proxy(self._server.port)
        self._listener = Peer("listener", self._server.port, lasting=True)

    async def start(self) -> None:
        await asyncio.to_thread(self._server.start)
        await self.network.__aenter__()
        await self._listener.begin(self._topics)

    async def suffer(self, rng: random.Random) -> None:
        """It is restarted in order, for it writes down what it owes others only then; or the way
        to it is cut, silent, or loses confirmations.
        """
        match rng.choice(("restart", "cut", "eat", "away")):
            case "restart":
                await asyncio.to_thread(self._server.stop)
                await asyncio.sleep(rng.uniform(0.05, _MOST_AWAY))
                await asyncio.to_thread(self._server.start)
            case "cut":
                self.network.cut()
            case "eat":
                self.network.eats = rng.randint(1, 3)
            case _:
                self.network.away = True
                self.network.cut()
                await asyncio.sleep(rng.uniform(0.05, _MOST_AWAY))
                self.network.away = False

    @property
    def heard(self) -> int:
        """Events, repetitions too."""
        return len(self._listener.heard)

    async def hears_all(self, position: int, within: float) -> None:
        """Wait until it was told what stands at ``position`` or later, or for so many seconds."""
        end = time.monotonic() + within
        while self._last() < position and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def _last(self) -> int:
        newest = (_event(one.payload) for one in self._listener.heard[:-100:-1])
        return max((fact["position"] for fact in newest if fact is not None), default=0)

    def write_down(self, folder: Path) -> None:
        """What was heard, in its order."""
        history = History(folder / "listener.jsonl")
        for message in list(self._listener.heard):
            if (fact := _event(message.payload)) is not None:
                history.note("told", **fact)
        history.close()

    async def close(self) -> None:
        await asyncio.to_thread(self._listener.end)
        await self.network.__aexit__()
        self._server.close()


def _event(payload: bytes) -> dict[str, Any] | None:
    """What the judge needs of it; None when it is no event of the log."""
    said = json.loads(payload) if payload else {}
    named = _AN_EVENT.fullmatch(said.get("id", ""))
    if named is None:
        return None
    data = said["data"]
    return {
        "position": int(named[1]),
        "number": int(named[2]),
        "contact": data.get("contact"),
        "sequence": data.get("sequence"),
    }


class FilePosition(PositionStore):
    """Where all nodes find it, as they do their database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def load(self) -> int | None:
        try:
            return int(self._path.read_text())
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise PositionUnavailable(str(problem)) from problem

    async def save(self, position: int) -> None:
        try:
            await asyncio.to_thread(self._save, position)
        except OSError as problem:
            raise PositionUnavailable(str(problem)) from problem

    def _save(self, position: int) -> None:
        beside = self._path.with_suffix(f".{os.getpid()}")
        beside.write_text(str(position))
        beside.replace(self._path)
