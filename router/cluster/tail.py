"""The end of the log, as a node that does not write sees it: what is written, soon after it is.

Redis may come back from a failover without the last entries, and others may then be written in
their place. A node that has shown the old ones must not go on as if nothing were the matter: when
another writer's first entry comes, the one before it is compared with what was read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.core.events import Entry
from router.journal.codec import RecordDamaged, decode
from router.journal.redis import Keys, as_bytes, damaged, rows_of, unavailable, unreadable

AT_ONCE: Final = 1_000  # entries


class LogDiverged(Exception):
    """The log is no longer the one that this node has read."""


class Tail:
    """``position`` is the last entry that was read, or known already."""

    def __init__(self, redis: Redis, tenant: str, position: int) -> None:
        self._redis = redis
        self._log = Keys.of(tenant).log
        self.position = position
        self._record = b""  # of the last entry that was read here
        self._token = b""  # of who wrote it

    async def next(self, wait: int) -> Sequence[Entry]:
        """The entries after the last, at most some. When there are none, none after ``wait``
        milliseconds; 0 does not wait.

        Raises ``JournalUnavailable``, ``JournalDamaged`` and ``LogDiverged``.
        """
        try:
            answer = await self._redis.xread(
                {self._log: f"{self.position}-0"}, count=AT_ONCE, block=wait or None
            )
            rows = rows_of(answer)
            if rows and rows[0][1].get(b"t") != self._token:
                await self._compare()
        except RedisError as error:
            raise unavailable(error) from error
        return [self._entry(int(name.partition("-")[0]), fields) for name, fields in rows]

    async def confirm(self) -> None:
        """The last entry read here still stands in the log. Raises as ``next``."""
        try:
            await self._compare()
        except RedisError as error:
            raise unavailable(error) from error

    async def _compare(self) -> None:
        if not self._record:
            return
        at = f"{self.position}-0"
        found = await self._redis.xrange(self._log, min=at, max=at)
        record = as_bytes((found[0][1] or {}).get(b"r")) if found else b""
        if record != self._record:
            raise LogDiverged(
                f"Entry {self.position} of the log is not what it was: Redis has lost the last"
                " entries in a failover. This node begins again with what there is."
            )

    def _entry(self, position: int, fields: dict[bytes, bytes]) -> Entry:
        if position != self.position + 1:
            raise damaged(f"entry {self.position + 1} is missing: it was trimmed, or lost")
        record = fields.get(b"r", b"")
        try:
            entry = decode(record)
        except RecordDamaged as problem:
            raise unreadable(position, problem) from problem
        if entry.position != position:
            raise damaged(f"entry {position} holds {entry.position}")
        self.position, self._record, self._token = position, record, fields.get(b"t", b"")
        return entry
