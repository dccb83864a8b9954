"""The journal of a cluster: a stream in Redis, written by whoever holds the lease and nobody else.

An entry's position is its id in the stream. The client's own retries are off: what may have been
written although no answer came is sent again by the engine, and the script recognises it. How
durable an entry is when ``append`` returns is Redis's matter (append-only file, replicas): see
docs/cluster.md.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final, Self

import msgspec
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from router.core.events import Entry, Rejected
from router.journal import redis_scripts as scripts
from router.journal.codec import (
    RecordDamaged,
    RecordOfAnother,
    decode,
    decode_snapshot,
    encode,
    encode_snapshot,
)
from router.journal.redis_refusals import REMEMBERED, Refusals, told
from router.journal.redis_words import ReplicasMissing, sentence, words_of
from router.ports import (
    NOTHING,
    EntriesTrimmed,
    JournalDamaged,
    JournalUnavailable,
    NotOurVersion,
    NotTheWriter,
    OutcomeUnknown,
    Snapshot,
)

CHUNK: Final = 1_000  # entries read at a time
AT_ONCE: Final = 500  # entries written by one script: others wait for it that long
REPLICAS_WITHIN: Final = 1_000  # milliseconds
KEPT_BEHIND: Final = 100_000  # entries before the older snapshot, for followers that lag

Recall = Callable[[int], Entry | None]

_log = logging.getLogger(__name__)


class Keys(msgspec.Struct, frozen=True):
    """Where a tenant's things are; the braces put all of them into one hash slot."""

    head: str
    log: str
    snapshots: str
    commands: str
    refusals: str
    answers: str  # the beginning: each node has its own
    present: str
    whispers: str

    @classmethod
    def of(cls, tenant: str) -> Keys:
        at = f"patchbay:{{{tenant}}}"
        parts = ("head", "log", "snapshots", "commands", "refusals", "answers:", "present")
        return cls(*(f"{at}:{part}" for part in (*parts, "whispers")))


class LogCut(Exception):
    """Redis has nothing after ``last``, though it had."""

    def __init__(self, last: int) -> None:
        super().__init__(f"nothing stands in the log after {last}")
        self.last = last


class RedisJournal:
    """See ``router.ports.Journal``. Make one with ``open``; ``token`` is the lease's."""

    def __init__(
        self, redis: Redis, keys: Keys, last: int, *, token: int, replicas: int, recall: Recall
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._last = last  # known to be written
        self._under_way = 0  # the first position of what is being appended
        self._token = token
        self._replicas = replicas
        self._recall = recall
        self._closed = False
        self.refusals = Refusals()

    @classmethod
    async def open(
        cls,
        redis: Redis,
        tenant: str,
        token: int = 0,
        *,
        replicas: int = 0,
        recall: Recall = lambda _: None,
    ) -> Self:
        """The journal of ``tenant``; without a ``token`` it is only read. What is appended is
        written once so many ``replicas`` of Redis have it as well. ``recall`` knows the entries
        of late: what Redis has lost of them in a failover is written again.

        Raises ``JournalUnavailable``.
        """
        keys = Keys.of(tenant)
        try:
            last = await redis.hget(keys.head, "last")
            opened = cls(redis, keys, int(last or 0), token=token, replicas=replicas, recall=recall)
            if token:
                rows = await redis.xrevrange(keys.refusals, count=REMEMBERED)
                opened.refusals.restore(reversed(_named(rows)))
        except RedisError as error:
            raise unavailable(error) from error
        return opened

    @property
    def last(self) -> int:
        """The last position known to be written."""
        return self._last

    async def append(
        self, entries: Sequence[Entry], refused: Mapping[str, Rejected] = NOTHING
    ) -> None:
        """Also raises ``NotTheWriter``. What failed is sent again whole; of a batch in several
        parts that may be after some of them were written.
        """
        self._check_open()
        if entries and entries[0].position == self._under_way:
            entries = entries[self._last + 1 - self._under_way :]
        for number, entry in enumerate(entries, start=self._last + 1):
            if entry.position != number:
                raise ValueError(f"entry {entry.position} cannot be stored at {number}")
        self._under_way = self._under_way or self._last + 1
        for start in range(0, len(entries), AT_ONCE):
            part = entries[start : start + AT_ONCE]
            beside = refused if start + AT_ONCE >= len(entries) else NOTHING
            try:
                await self._write(part, beside)
            except LogCut as cut:
                await self.write_again(cut.last, part[0].position - 1)
                await self._write(part, beside)
            self._last = part[-1].position
        self._under_way = 0

    async def confirm(self, refused: Mapping[str, Rejected] = NOTHING) -> None:
        keys = (self._keys.head, self._keys.refusals)
        replicas = self._replicas if refused else 0
        at = await self._run(scripts.CONFIRM, keys, (self._token, *told(refused)), replicas)
        self.refusals.add(at, refused)

    async def write_again(self, last: int, until: int) -> None:
        """What Redis has lost after ``last``. Raises ``JournalDamaged`` when nobody here has it."""
        lost = [entry for at in range(last + 1, until + 1) if (entry := self._recall(at))]
        if len(lost) < until - last:
            raise damaged(f"entries from {last + 1} on were lost in a failover")
        for start in range(0, len(lost), AT_ONCE):
            await self._write(lost[start : start + AT_ONCE])
        _log.error("Redis had lost %d entries in a failover; they were written again", len(lost))
        self._last = max(self._last, until)

    async def _write(
        self, entries: Sequence[Entry], refused: Mapping[str, Rejected] = NOTHING
    ) -> None:
        keys = (self._keys.head, self._keys.log, self._keys.refusals)
        records = (encode(entry) for entry in entries)
        asked = (self._token, entries[0].position, *told(refused), *records)
        self.refusals.add(await self._run(scripts.APPEND, keys, asked, self._replicas), refused)

    async def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        end = "+" if until is None else f"{until}-{2**64 - 1}"
        while True:
            self._check_open()
            rows = await self._range(f"{after + 1}-0", end)
            for name, record in rows:
                entry = self._decoded(name, record, expected=after + 1)
                yield entry
                after = entry.position
            if len(rows) < CHUNK:
                return

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Raises ``JournalUnavailable``; the snapshots already there are then untouched. Entries
        long before the older of the two that are kept go.
        """
        record = encode_snapshot(snapshot)
        keys = (self._keys.head, self._keys.snapshots, self._keys.log)
        asked = (self._token, snapshot.position, record, KEPT_BEHIND)
        await self._run(scripts.SAVE_SNAPSHOT, keys, asked)

    async def load_snapshot(self) -> Snapshot | None:
        """The newest snapshot that can be read."""
        self._check_open()
        try:
            kept = await self._redis.hgetall(self._keys.snapshots)
        except RedisError as error:
            raise unavailable(error) from error
        newest = sorted(kept.items(), key=lambda item: -int(item[0]))
        known = (_snapshot(as_bytes(at), as_bytes(record)) for at, record in newest)
        return next((found for found in known if found is not None), None)

    async def close(self) -> None:
        """The client belongs to who opened it."""
        self._closed = True

    # -- inside -------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise JournalUnavailable("The journal in Redis is closed; start Patchbay again.")

    async def _run(
        self, script: str, keys: Sequence[str], asked: Sequence[Any], replicas: int = 0
    ) -> Any:  # noqa: ANN401 - what the script answers
        self._check_open()
        try:
            return await evaluate(self._redis, script, keys, asked, replicas)
        except ResponseError as error:
            raise refused(error) from error
        except RedisError as error:  # it may have been written, and only the answer been lost
            raise OutcomeUnknown(sentence(error)) from error

    async def _range(self, first: str, last: str) -> list[tuple[str, bytes]]:
        """Ids and records."""
        try:
            rows = await self._redis.xrange(self._keys.log, min=first, max=last, count=CHUNK)
        except RedisError as error:
            raise unavailable(error) from error
        return [_row(name, fields) for name, fields in rows or ()]

    def _decoded(self, name: str, record: bytes, expected: int) -> Entry:
        position = int(name.partition("-")[0])
        if position > expected:
            raise EntriesTrimmed(expected, position)
        if position != expected:
            raise damaged(f"entry {position} stands where {expected} should")
        try:
            entry = decode(record)
        except RecordDamaged as problem:
            raise unreadable(position, problem) from problem
        if entry.position != position:
            raise damaged(f"entry {position} holds {entry.position}")
        return entry


def as_bytes(answer: bytes | str | None) -> bytes:
    """What Redis answered, however the client was told to read it."""
    return answer.encode() if isinstance(answer, str) else answer or b""


def rows_of(answer: Any) -> list[tuple[str, dict[bytes, bytes]]]:  # noqa: ANN401 - the client's
    """Ids and fields of what one stream answered to XREAD; none when it had nothing."""
    if not answer:
        return []
    _, rows = next(iter(answer.items())) if isinstance(answer, dict) else answer[0]
    if isinstance(answer, dict):
        rows = rows[0]
    return _named(rows)


def _named(rows: Any) -> list[tuple[str, dict[bytes, bytes]]]:  # noqa: ANN401 - the client's
    return [(as_bytes(name).decode(), fields or {}) for name, fields in rows or ()]


def _row(name: bytes | str | None, fields: Any) -> tuple[str, bytes]:  # noqa: ANN401 - the client's
    return as_bytes(name).decode(), as_bytes((fields or {}).get(b"r"))


async def evaluate(
    redis: Redis, script: str, keys: Sequence[str], told: Sequence[Any], replicas: int = 0
) -> Any:  # noqa: ANN401
    """The script's answer, once ``replicas`` have what it wrote. Sent by its hash; whole when Redis
    has forgotten it. Raises ``RedisError``.
    """
    digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
    try:
        return await _asked(redis, replicas, "EVALSHA", digest, len(keys), *keys, *told)
    except NoScriptError:
        return await _asked(redis, replicas, "EVAL", script, len(keys), *keys, *told)


async def _asked(redis: Redis, replicas: int, *command: Any) -> Any:  # noqa: ANN401
    if not replicas:
        return await redis.execute_command(*command)  # type: ignore[no-untyped-call]
    pipeline = redis.pipeline(transaction=False)  # to wait on the connection that has written
    pipeline.execute_command(*command)
    pipeline.execute_command("WAIT", replicas, REPLICAS_WITHIN)
    answer, reached = await pipeline.execute(raise_on_error=False)
    if isinstance(answer, Exception):
        raise answer
    if isinstance(reached, Exception):  # what was asked is done, at a primary that is one no more
        raise ReplicasMissing(f"nobody knows which replicas have what was written: {reached}")
    if reached < replicas:
        raise ReplicasMissing(f"only {reached} of {replicas} replicas have what was written")
    return answer


def refused(error: ResponseError) -> Exception:
    words = words_of(error)
    if "FENCED" in words:
        return NotTheWriter("Another node writes this journal now; this one follows it.")
    if gap := re.search(r"GAP (\d+)", words):
        return LogCut(int(gap[1]))
    if "CONFLICT" in words:
        return damaged(f"what is stored is not what was written ({words})")
    return unavailable(error)


def unavailable(error: RedisError) -> JournalUnavailable:
    return JournalUnavailable(sentence(error))


def damaged(what: str) -> JournalDamaged:
    return JournalDamaged(f"The journal in Redis cannot be read: {what}. Restore it from a backup.")


def unreadable(position: int, problem: RecordDamaged) -> JournalDamaged:
    """The entry there cannot be read."""
    if isinstance(problem, RecordOfAnother):
        return NotOurVersion(f"The log in Redis cannot be read on: entry {position}: {problem}.")
    return damaged(f"entry {position}: {problem}")


def _snapshot(position: bytes, record: bytes) -> Snapshot | None:
    try:
        return decode_snapshot(record)
    except RecordDamaged as problem:
        _log.warning("snapshot %s in Redis cannot be used: %s", position.decode(), problem)
    return None
