"""What a Redis says of itself, and what to change of it before a centre rests on it.

Redis may forbid some of the questions; what could not be looked at is told as that.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from router.core.durations import MILLISECOND, SECOND
from router.journal.redis import as_bytes, unavailable
from router.lease import Held, Lease, LeaseUnknown
from router.ports import JournalUnavailable

OLDEST: Final = (7, 0)
APART: Final = SECOND  # that clocks may differ before times that people read are odd

_log = logging.getLogger(__name__)


class RedisTooOld(JournalUnavailable):
    """It lacks what Patchbay needs; the text says what to do."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one Redis has answered; None is what it did not tell.

    ``ahead`` is its clock less this machine's, microseconds, known to half of ``took``.
    ``held`` has ``until`` by Redis's clock, ``at`` is what that showed.
    """

    version: str | None
    role: str | None
    appendonly: bool | None
    appendfsync: str | None
    policy: str | None
    replicas: int | None
    ahead: int
    took: int
    at: int
    held: Held


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. Without a ``remedy`` it is as it should be. ``grave``: with it
    contacts are not taken, or what was promised is thrown away.
    """

    what: str
    found: str
    remedy: str = ""
    grave: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.found}; {self.remedy}." if self.remedy else self.found


async def look(redis: Redis, tenant: str) -> Seen:
    """Raises ``JournalUnavailable`` when Redis lets nobody in or does not answer."""
    try:
        before = time.time_ns()
        seconds, fraction = await redis.time()
        took = (time.time_ns() - before) // 1_000
        known = {**await _told(redis, "server"), **await _told(redis, "replication")}
        known |= {**await _told(redis, "persistence"), **await _told(redis, "memory")}
        settings = await _settings(redis)
        held = await Lease(redis, tenant, "").held()
    except (RedisError, LeaseUnknown) as error:
        cause = error.__cause__ if isinstance(error, LeaseUnknown) else error
        raise unavailable(cause if isinstance(cause, RedisError) else RedisError()) from error
    at = int(seconds) * SECOND + int(fraction)
    aof = known.get("aof_enabled")
    return Seen(
        version=_text(known.get("redis_version")),
        role=_text(known.get("role")),
        appendonly=None if aof is None else bool(int(aof)),
        appendfsync=settings.get("appendfsync"),
        policy=_text(known.get("maxmemory_policy")) or settings.get("maxmemory-policy"),
        replicas=_online(known) if "role" in known else None,
        ahead=at - (before // 1_000 + took // 2),
        took=took,
        at=at,
        held=held,
    )


async def _told(redis: Redis, section: str) -> Mapping[str, Any]:
    """Nothing where an ACL forbids to ask."""
    with suppress(ResponseError):
        return dict(await redis.info(section))
    return {}


async def _settings(redis: Redis) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in ("appendfsync", "maxmemory-policy"):
        with suppress(ResponseError):  # forbidden, as many who rent Redis out have it
            answer = await redis.config_get(name)
            found |= {_named(key or ""): _named(value or "") for key, value in dict(answer).items()}
    return found


def _named(word: bytes | str) -> str:
    return as_bytes(word).decode(errors="replace")


def _text(word: object) -> str | None:
    """Versions of two numbers are read as one by the client."""
    return None if word is None else str(word)


def _online(known: Mapping[str, Any]) -> int:
    """Replicas that are connected and have caught up."""
    rows = (row for name, row in known.items() if re.fullmatch(r"slave\d+", name))
    return sum(1 for row in rows if isinstance(row, dict) and row.get("state") == "online")


# -- what to say of it ----------------------------------------------------------------------------


async def fit_at_start(redis: Redis, tenant: str) -> tuple[str, ...]:
    """What a node warns of that begins to work with this Redis. Raises ``RedisTooOld`` and
    ``JournalUnavailable``.
    """
    seen = await look(redis, tenant)
    check_version(seen)
    found = tuple(str(one) for one in (of_version(seen), *at_risk(seen)) if one.remedy)
    for warning in found:
        _log.warning(warning)
    return found


def check_version(seen: Seen) -> None:
    """Raises ``RedisTooOld``."""
    remark = of_version(seen)
    if remark.grave:
        raise RedisTooOld(f"Patchbay does not start: {remark.found}; {remark.remedy}.")


def remarks(seen: Seen, replicas: int) -> list[Remark]:
    """All that was looked at; ``replicas`` is how many must have what is promised."""
    return [of_version(seen), *of_keeping(seen), _of_replicas(seen, replicas), _of_clock(seen)]


def of_version(seen: Seen) -> Remark:
    what = "Redis version"
    if seen.version is None:
        return _unseen(what, "its version", "INFO", "see that it is 7.0 or newer")
    if _numbers(seen.version) >= OLDEST:
        return Remark(what=what, found=seen.version)
    return Remark(
        what=what,
        found=f"Redis {seen.version} is too old",
        remedy="install Redis 7.0 or newer",
        grave=True,
    )


def of_keeping(seen: Seen) -> list[Remark]:
    """Whether what it has taken stays there."""
    return [_of_file(seen), _of_sync(seen), _of_policy(seen)]


def at_risk(seen: Seen) -> list[Remark]:
    """Of that, what nobody means to choose."""
    return [_of_file(seen), _of_policy(seen)]


def _of_file(seen: Seen) -> Remark:
    what, remedy = "Redis appendonly", "set `appendonly yes` in redis.conf"
    if seen.appendonly is None:
        return _unseen(what, "whether it keeps an append-only file", "INFO", "see that it does")
    if seen.appendonly:
        return Remark(what=what, found="yes")
    found = "no append-only file: what was promised since its last snapshot is lost when it ends"
    return Remark(what=what, found=found, remedy=remedy)


def _of_sync(seen: Seen) -> Remark:
    what = "Redis appendfsync"
    if seen.appendonly is False:
        return Remark(what=what, found="does not matter without an append-only file")
    if seen.appendfsync is None:
        return _unseen(what, "appendfsync", "CONFIG", "see that it is `always`")
    if seen.appendfsync == "always":
        return Remark(what=what, found="always")
    lost = "about a second" if seen.appendfsync == "everysec" else "half a minute"
    found = f"{seen.appendfsync}: up to {lost} of promises is lost when its machine dies"
    return Remark(what=what, found=found, remedy="set `appendfsync always`, or accept that")


def _of_policy(seen: Seen) -> Remark:
    what = "Redis maxmemory-policy"
    if seen.policy is None:
        return _unseen(what, "maxmemory-policy", "INFO and CONFIG", "see that it is `noeviction`")
    if seen.policy == "noeviction":
        return Remark(what=what, found="noeviction")
    return Remark(
        what=what,
        found=f"{seen.policy} throws parts of the log away when memory is short",
        remedy="set `maxmemory-policy noeviction`",
        grave=True,
    )


def _of_replicas(seen: Seen, wanted: int) -> Remark:
    what = "Redis replicas"
    if seen.role not in {None, "master"}:
        remedy = "write the address of the primary into PATCHBAY_REDIS_URL"
        return Remark(what=what, found="this one is a replica", remedy=remedy, grave=True)
    if seen.replicas is None:
        return _unseen(what, "its replicas", "INFO", f"see that {wanted} or more are connected")
    if seen.replicas >= wanted:
        return Remark(what=what, found=f"{seen.replicas} connected, {wanted} asked for")
    return Remark(
        what=what,
        found=f"{seen.replicas} of {wanted} connected: no contact is taken",
        remedy="start the replicas, or lower PATCHBAY_REDIS_REPLICAS",
        grave=True,
    )


def _of_clock(seen: Seen) -> Remark:
    what = "Redis clock"
    apart = abs(seen.ahead) - seen.took // 2
    found = f"{seen.ahead / SECOND:+.3f} s beside this machine's"
    if apart <= APART:
        return Remark(what=what, found=found)
    return Remark(what=what, found=found, remedy="run a time service on both machines")


def who_writes(seen: Seen) -> str:
    held = seen.held
    if held.holder and held.until > seen.at:
        left = (held.until - seen.at) // MILLISECOND
        return f"{held.holder} has the lease, for {left} ms more unless it renews it"
    return "nobody has the lease now"


def _unseen(what: str, matter: str, command: str, remedy: str) -> Remark:
    found = f"could not be looked at: Redis forbids {command} or does not tell {matter}"
    return Remark(what=what, found=found, remedy=remedy)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
