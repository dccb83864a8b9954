"""A Redis Cluster, as one tenant sees it: all of its keys share a slot, so whichever primary has
that slot is all the Redis there is.

Each new connection asks the servers that are known which one that is. A connection to a server that
has the slot no more is of no use: it ends, what was asked counts as unanswered and is asked again,
as after any lost connection. Nothing was done by a server that answers MOVED.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as Unreachable

_ELSEWHERE: Final = (AskError, ClusterDownError, ReadOnlyError, TryAgainError)  # MOVED is an ASK

Place = tuple[str, int]


class Slot:
    """Where the slot of ``key`` is. ``asking`` are the options of clients that ask."""

    def __init__(self, key: str, places: list[Place], asking: dict[str, Any]) -> None:
        self._number = key_slot(key.encode())
        self._configured = tuple(places)
        self._places = deque(places)
        self._asking = asking

    async def primary(self) -> Place:
        """Raises ``redis.exceptions.ConnectionError`` when nobody who is known can say."""
        for _ in range(len(self._places)):
            place = self._places[0]
            self._places.rotate(-1)  # the next time another: this one may be cut off from the rest
            try:
                found = await self._asked(place)
            except RedisError:
                continue
            if found is not None:
                return found
        raise Unreachable(f"no server of the cluster knows who has slot {self._number}")

    async def _asked(self, place: Place) -> Place | None:
        host, port = place
        async with Redis(host=host, port=port, **self._asking) as redis:
            ranges = await redis.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
        found = None
        named = []
        for first, last, *servers in ranges:
            named += [_place(server, host) for server in servers]
            if first <= self._number <= last:
                found = _place(servers[0], host)
        if found is not None:  # those of before, whom nobody names any more, are forgotten
            self._places = deque(dict.fromkeys([*named, *self._configured]))
        return found


def _place(told: list[Any], asked: str) -> Place:
    """An empty host is the one that was asked."""
    host = told[0].decode() if isinstance(told[0], bytes) else told[0]
    return host or asked, int(told[1])


class _Elsewhere:
    """What both kinds of connections do; ``slot`` is theirs."""

    def __init__(self, *, slot: Slot, **options: Any) -> None:  # noqa: ANN401 - the client's
        super().__init__(**options)
        self._slot = slot

    async def connect(self) -> None:
        if not self.is_connected:  # type: ignore[attr-defined]
            self.host, self.port = await self._slot.primary()
            await super().connect()  # type: ignore[misc]

    async def read_response(self, *told: Any, **options: Any) -> Any:  # noqa: ANN401
        try:
            return await super().read_response(*told, **options)  # type: ignore[misc]
        except _ELSEWHERE as error:
            await self.disconnect()  # type: ignore[attr-defined]
            raise Unreachable(f"the slot is not at {self.host}:{self.port} ({error})") from error


class _PlainConnection(_Elsewhere, Connection):
    pass


class _TlsConnection(_Elsewhere, SSLConnection):
    pass


def at_primary_of(
    key: str,
    places: list[Place],
    options: dict[str, Any],
    *,
    tls: bool,
    pool: Callable[..., ConnectionPool] = ConnectionPool,
) -> Redis:
    """A client of whichever server has the slot of ``key``. ``places`` are some of the servers,
    ``options`` those of every connection, ``pool`` makes what keeps them.
    """
    slot = Slot(key, places, {**options, "ssl": tls})
    kind = _TlsConnection if tls else _PlainConnection
    return Redis.from_pool(pool(connection_class=kind, slot=slot, **options))
