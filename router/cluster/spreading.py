"""Which of the nodes takes a lease that is free: who writes for fewest tenants goes first.

Each process tells the others for how many tenants it writes. One that writes for more than the
least waits a small step for each, so that leases spread over the nodes at a start and after a
death. Nobody waits where nobody else is, but at a start, when others may be about to come. A node
that hands a lease over (see ``balance``) leaves it to the others for longer. Nothing depends on it
but where the work is done.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.cluster.balance import Standing
from router.journal import redis_scripts as scripts
from router.journal.redis import as_bytes, evaluate
from router.lease import Lease

KEYS: Final = tuple(f"patchbay:{{.nodes}}:{one}" for one in ("alive", "writes", "standings"))
EVERY: Final = 1.0  # seconds between two words to the others
LASTS: Final = 3_000  # milliseconds that they hold
STEP: Final = 0.3  # seconds that one with a tenant more waits
MOST_STEPS: Final = 4  # what a free lease may wait for the sake of spreading
TOLD_WITHIN: Final = 0.3  # seconds; the lease that was just taken does not wait for longer
STARTING: Final = 10.0  # seconds in which other nodes may be starting as well
LEFT_TO_OTHERS: Final = 5.0  # seconds that a lease which was handed over is not taken back

_log = logging.getLogger(__name__)


class Spreading:
    """Of one process, called ``node``, of a ``version`` of Patchbay. Keep ``run`` running.

    ``serves`` is for its owner to set: of how many tenants it could write for, or does.
    """

    def __init__(self, redis: Redis, node: str, *, step: float = STEP, version: str = "") -> None:
        self.node = node
        self.serves = 0
        self._redis = redis
        self._step = step
        self._version = version
        self._others: Mapping[str, Standing] = {}
        self._answered = False
        self._handed: dict[str, float] = {}  # tenant to when this node may take it again
        self._least = 0  # that another node writes for
        self._alone = True
        self._began = asyncio.get_running_loop().time()
        self._one_at_a_time = asyncio.Lock()
        self._left = False
        self.writes = 0

    async def run(self) -> None:
        """Tell and hear for ever; cancel it to stop."""
        while True:
            try:
                await self.exchange()
            except Exception:  # noqa: BLE001 - nobody awaits this task, and leases spread by it
                _log.exception("the other nodes are told again in a moment")
            await asyncio.sleep(EVERY)

    async def exchange(self) -> None:
        """Once. Out of reach of Redis nobody waits for anybody."""
        if self._left:
            return
        told = (self.node, LASTS, self.writes, _encoder.encode(self._standing()))
        try:
            found = await evaluate(self._redis, scripts.TELL_WRITES, KEYS, told)
            self._answered = True
        except RedisError as problem:
            _log.debug("nodes cannot tell each other for whom they write: %s", problem)
            found = ()
            self._answered = False
        self._others = others_of([as_bytes(one) for one in found])
        self._alone = not self._others
        self._least = min((one.writes for one in self._others.values()), default=0)

    def _standing(self) -> Standing:
        return Standing(writes=self.writes, serves=self.serves, version=self._version)

    @property
    def standings(self) -> Mapping[str, Standing]:
        """Of all nodes, as last told; of none while Redis is out of reach, or this one leaves."""
        if self._left or not self._answered:
            return {}
        return {**self._others, self.node: self._standing()}

    @contextmanager
    def handing_over(self, tenant: str) -> Iterator[None]:
        """While entered, and for a moment after it, this node leaves the lease to the others."""
        self._handed[tenant] = math.inf
        try:
            yield
        finally:
            self._handed[tenant] = asyncio.get_running_loop().time() + LEFT_TO_OTHERS

    async def leave(self) -> None:
        """Take no more leases: nobody is to wait for this node."""
        self._left = True
        try:
            await evaluate(self._redis, scripts.TELL_WRITES, KEYS, (self.node, 0, 0, b""))
        except RedisError as problem:
            _log.debug("it lapses by itself: %s", problem)

    def turn_at(self, lease: Lease, tenant: str) -> Turn:
        """For one tenant of this process."""
        return Turn(self, lease, tenant)

    def left_to_others(self, tenant: str) -> bool:
        """Whether it was handed over a moment ago, and somebody is there to take it."""
        until = self._handed.get(tenant, 0.0)
        return not self._alone and asyncio.get_running_loop().time() < until

    @property
    def patience(self) -> float:
        """Seconds that a lease must have been free before this node takes it."""
        if self._alone and asyncio.get_running_loop().time() - self._began > STARTING:
            return 0.0
        return self._step * max(0, min(self.writes - self._least, MOST_STEPS))

    async def take(self, lease: Lease, free_for: float) -> int:
        """As ``Lease.take``; 0 also when it is another's turn. One at a time, each told at once:
        else a node would take all that are free before it knew that it has any.
        """
        async with self._one_at_a_time:
            if self._left or free_for < self.patience:
                return 0
            token = await lease.take()
            if token:
                self.writes += 1
                with suppress(TimeoutError):
                    async with asyncio.timeout(TOLD_WITHIN):
                        await self.exchange()
            return token

    def gave(self) -> None:
        """Write no more for one of them."""
        self.writes -= 1


class Turn:
    """One tenant's lease, as this node sees it come free."""

    def __init__(self, spreading: Spreading, lease: Lease, tenant: str) -> None:
        self._spreading = spreading
        self._lease = lease
        self._tenant = tenant
        self._free_since: float | None = None  # by the loop's clock

    async def take(self) -> int:
        """As ``Lease.take``, when it is this node's turn. Raises ``LeaseUnknown``."""
        now = asyncio.get_running_loop().time()
        if self._spreading.left_to_others(self._tenant) or not await self._lease.free():
            self._free_since = None
            return 0
        if self._free_since is None:
            self._free_since = now
        return await self._spreading.take(self._lease, now - self._free_since)

    def gave(self) -> None:
        self._spreading.gave()


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Standing)


def others_of(found: Sequence[bytes]) -> Mapping[str, Standing]:
    """What the other nodes tell: of each its name, for how many it writes, and what else."""
    told = zip(found[::3], found[1::3], found[2::3], strict=True)
    return {node.decode(errors="replace"): _read(writes, rest) for node, writes, rest in told}


def _read(writes: bytes, rest: bytes) -> Standing:
    """A node of before all of it was told serves nothing that is known, and so nothing is moved."""
    try:
        return _decoder.decode(rest)
    except msgspec.MsgspecError:
        return Standing(writes=int(writes) if writes.isdigit() else 0, serves=0, version="")
