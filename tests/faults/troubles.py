"""Each kind of fault, as it is done to a running cluster."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec

from router.core.durations import HOUR, SECOND
from tests.faults.broker import Broker
from tests.faults.members import Member
from tests.faults.node import WRONG
from tests.faults.proxy import Proxy
from tests.faults.redises import Redises

_AT_THE_WRITER: Final = 0.7  # of the faults of nodes: there they hurt most
_JUMPS: Final = (-HOUR, 0, HOUR)
_NANOSECONDS: Final = 1_000  # of a microsecond


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each. ``freezes`` last longer than the lease; ``disks`` are full, ``clocks``
    jump an hour.
    """

    kills: int = 0
    freezes: int = 0
    redis_kills: int = 0
    failovers: int = 0
    network: int = 0
    handovers: int = 0
    brokers: int = 0
    disks: int = 0
    clocks: int = 0

    @property
    def total(self) -> int:
        return sum(msgspec.structs.astuple(self))


class Troubles:
    """``lag`` and ``site``: see ``Setup``; ``lease`` in microseconds. ``networks`` of the nodes
    lead to Redis.
    """

    def __init__(
        self, rng: random.Random, redises: Redises, broker: Broker | None, *,
        lease: int, lag: float, site: bool,
    ) -> None:  # fmt: skip
        self.members: list[Member] = []
        self.networks: dict[str, Proxy] = {}
        self._rng = rng
        self._redises = redises
        self._broker = broker
        self._lease = lease / SECOND
        self._lag = lag
        self._site = site
        self._later: set[asyncio.Task[None]] = set()

    def planned(self, faults: Faults) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """In a random order."""
        kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "kill": (faults.kills, self._kill),
            "freeze": (faults.freezes, self._freeze),
            "redis kill": (faults.redis_kills, self._kill_redis),
            "failover": (faults.failovers, self._fail_over),
            "network": (faults.network, self._disturb),
            "hand-over": (faults.handovers, self._hand_over),
            "broker": (faults.brokers, self._trouble_broker),
            "disk": (faults.disks, self._fill),
            "clock": (faults.clocks, self._turn_clock),
        }
        planned = [(kind, fault) for kind, (n, fault) in kinds.items() for _ in range(n)]
        self._rng.shuffle(planned)
        return planned

    async def over(self) -> None:
        """Until nothing of a fault is left."""
        await asyncio.gather(*self._later)

    def _some(self) -> Member:
        writers = [member for member in self.members if member.writes]
        chosen = writers if writers and self._rng.random() < _AT_THE_WRITER else self.members
        return self._rng.choice(chosen)

    def _then(self, seconds: float, end: Callable[[], None]) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            end()

        task = asyncio.create_task(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # -- nodes ----------------------------------------------------------------------------------

    async def _kill(self) -> None:
        self._some().signal(signal.SIGKILL)

    async def _hand_over(self) -> None:
        self._some().signal(signal.SIGTERM)

    async def _freeze(self) -> None:
        member = self._some()
        member.signal(signal.SIGSTOP)
        seconds = self._rng.uniform(1.25, 2) * self._lease
        self._then(seconds, lambda: member.signal(signal.SIGCONT))

    async def _turn_clock(self) -> None:
        """The wall clock of one machine is an hour off from now on, or right again."""
        wrong = self._rng.choice(_JUMPS) * _NANOSECONDS
        await asyncio.to_thread(_write_over, Path(self._some().life.wall), WRONG.pack(wrong))

    # -- what they need -------------------------------------------------------------------------

    async def _kill_redis(self) -> None:
        await self._redises.restart(away=self._rng.uniform(0.05, 1.5))

    async def _fail_over(self) -> None:
        if self._lag and self._redises.link is not None:
            self._redises.link.away = True
            self._redises.link.go_dark()
            await asyncio.sleep(self._lag)
            for member in self.members:
                if member.writes or self._site:
                    member.signal(signal.SIGKILL)
        await self._redises.fail_over()

    async def _fill(self) -> None:
        """Redis has no memory left, or no disk, or a node has none: the file that it writes is how
        far a broker was told.
        """
        places = ("memory", "disk", "node") if self._broker is not None else ("memory", "disk")
        match self._rng.choice(places):
            case "memory":
                await self._redises.fill_memory(self._rng.uniform(0.2, 1.5))
            case "disk":
                room = self._rng.randint(0, 20_000)
                await self._redises.fill_disk(room, self._rng.uniform(0.05, 1))
            case _:
                member = self._some()
                member.may_write(0)
                self._then(self._rng.uniform(0.5, 2), lambda: member.may_write(-1))

    async def _trouble_broker(self) -> None:
        assert self._broker is not None
        await self._broker.suffer(self._rng)

    async def _disturb(self) -> None:
        network = self.networks[self._some().life.name]
        match self._rng.choice(("cut", "dark", "eat", "slow", "away")):
            case "cut":
                network.cut()
            case "dark":
                network.go_dark()
            case "eat":
                network.eats = self._rng.randint(1, 3)
            case "slow":
                network.delay, network.piece = 0.01, self._rng.choice((64, 512, 4_096))
                await asyncio.sleep(0.5)
                network.delay, network.piece = 0.0, 65_536
            case _:
                network.away = True
                network.cut()
                await asyncio.sleep(self._rng.uniform(0.25, 1.5) * self._lease)
                network.away = False


def _write_over(file: Path, data: bytes) -> None:
    with file.open("r+b") as opened:
        opened.write(data)
