"""From the journal of one machine into Redis, whole or not at all, while nothing runs on either.

It is written beside the place where it will stand, read again and compared; only then is it put
there, by one script that refuses when something stands there or a node has the lease. That is asked
before anything is written, too. What stands beside goes when the copy fails, and lapses by itself
when nobody could see to that.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.core.events import Entry
from router.journal.codec import encode
from router.journal.redis import KEPT_BEHIND, Keys, RedisJournal, evaluate, unavailable
from router.ports import Journal, Snapshot
from router.recovery import recover

_AT_ONCE: Final = 500  # entries
_TOKEN: Final = 1
_LAPSES: Final = 3_600  # seconds without a word of the one who copies

_ASK: Final = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local head = redis.call('HMGET', KEYS[1], 'last', 'until', 'token')
if tonumber(head[2] or '0') > at then return -1 end
if tonumber(head[1] or '0') > 0 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
"""

_REFUSED: Final = {
    -2: "What was copied is gone from Redis: see its log, and try again.",
    -1: "A node of this tenant runs: stop all nodes, and try again.",
    0: "Redis has a log of this tenant already: name another tenant, or an empty Redis.",
}

HAS_ROOM: Final = f"""
-- KEYS: head, log.{_ASK}
return 1
"""

PUT_IN_PLACE: Final = f"""
-- KEYS: head, log, snapshots; the same of the copy.{_ASK}
if redis.call('EXISTS', KEYS[4], KEYS[5], KEYS[6]) < 3 then return -2 end
local copied = redis.call('HMGET', KEYS[4], 'last', 'token')
redis.call('RENAME', KEYS[5], KEYS[2])
redis.call('RENAME', KEYS[6], KEYS[3])
redis.call('PERSIST', KEYS[2])
redis.call('PERSIST', KEYS[3])
local token = math.max(tonumber(head[3] or '0'), tonumber(copied[2]))
redis.call('HSET', KEYS[1], 'last', copied[1], 'token', string.format('%d', token))
redis.call('DEL', KEYS[4])
return 1
"""


class CopyRefused(Exception):
    """Nothing was put in place; the text is one sentence that says what to do."""


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """Entries ``first`` to ``last`` stand in Redis; ``state`` is the SHA-256 of the state that they
    give here and there, and ``contacts`` how many it holds.
    """

    first: int
    last: int
    contacts: int
    state: str


async def copy(
    source: Journal, redis: Redis, tenant: str, *, replicas: int = 0, kept: int = KEPT_BEHIND
) -> Copied:
    """The last ``kept`` entries of ``source``, and a snapshot of what they and those before give,
    become the log of ``tenant``.

    Raises ``CopyRefused``, ``JournalUnavailable`` and ``JournalDamaged``.
    """
    state = await recover(source)
    if not state.position:
        raise CopyRefused("There is nothing in this journal: name the one that was in use.")
    first = max(state.position - kept, 0) + 1
    snapshot = Snapshot(position=state.position, at=state.at, body=state.snapshot())
    there = Keys.of(tenant)
    own = f"copy:{secrets.token_hex(8)}"  # of two copies at once each has its place
    beside = Keys(*(f"{key}:{own}" for key in msgspec.structs.astuple(there)))
    await _ask(redis, HAS_ROOM, (there.head, there.log))
    try:
        read = await _write(source, redis, beside, first, snapshot, replicas=replicas)
        await _compare(_reading(redis, beside, first), first, read, snapshot)
        await _ask(redis, PUT_IN_PLACE, (*_three(there), *_three(beside)))
    except BaseException:
        with suppress(RedisError):
            await redis.delete(*_three(beside))
        raise
    return Copied(
        first=first,
        last=state.position,
        contacts=len(state.contacts),
        state=hashlib.sha256(snapshot.body).hexdigest(),
    )


async def _write(
    source: Journal, redis: Redis, beside: Keys, first: int, snapshot: Snapshot, *, replicas: int
) -> bytes:
    """Everything, to stand ``beside``. Answers the SHA-256 of the entries."""
    try:
        await redis.hset(beside.head, mapping={"token": str(_TOKEN), "last": str(first - 1)})
    except RedisError as error:
        raise unavailable(error) from error
    journal = _reading(redis, beside, first, replicas)
    read = hashlib.sha256()
    async for part in _parts(source, first - 1):
        for entry in part:
            read.update(encode(entry))
        await journal.append(part)
        await _stay(redis, beside)
    await journal.save_snapshot(snapshot)
    await _stay(redis, beside)
    return read.digest()


def _reading(redis: Redis, beside: Keys, first: int, replicas: int = 0) -> RedisJournal:
    return RedisJournal(
        redis, beside, first - 1, token=_TOKEN, replicas=replicas, recall=lambda _: None
    )


async def _stay(redis: Redis, beside: Keys) -> None:
    """For a while more."""
    try:
        for key in _three(beside):
            await redis.expire(key, _LAPSES)
    except RedisError as error:
        raise unavailable(error) from error


def _three(keys: Keys) -> tuple[str, str, str]:
    return keys.head, keys.log, keys.snapshots


async def _parts(source: Journal, after: int) -> AsyncIterator[list[Entry]]:
    part: list[Entry] = []
    async for entry in source.read(after=after):
        part.append(entry)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


async def _compare(journal: RedisJournal, first: int, read: bytes, snapshot: Snapshot) -> None:
    """Entry by entry, and the state that recovery finds."""
    again = hashlib.sha256()
    async for entry in journal.read(after=first - 1):
        again.update(encode(entry))
    found = await recover(journal)
    if again.digest() != read or found.snapshot() != snapshot.body:
        raise CopyRefused(
            "What Redis holds is not what was read: nothing was put in place. See that nobody else"
            " writes there, and try again."
        )


async def _ask(redis: Redis, script: str, keys: tuple[str, ...]) -> None:
    """Raises ``CopyRefused`` when the answer of ``script`` is that it cannot be."""
    try:
        answer = int(await evaluate(redis, script, keys, ()))
    except RedisError as error:
        raise unavailable(error) from error
    if answer in _REFUSED:
        raise CopyRefused(_REFUSED[answer])
