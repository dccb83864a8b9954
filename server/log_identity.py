"""A database and a log in Redis that belong together: no node serves the one with another's other.

With the wrong Redis a node would find nobody who has the lease there, write, and serve the same
customers beside the nodes of the right one. So the database remembers the name of its log.
"""

from __future__ import annotations

import secrets

from redis.asyncio import Redis

from crm.database import Database
from crm.followed_log import follow, follow_instead, followed
from crm.history import read_until
from router.journal.redis_name import give_name, name_of
from router.ports import JournalUnavailable

ADOPT = "patchbay journal adopt"
ANOTHER = (
    "The log in this Redis is not the one that the database goes with: correct PATCHBAY_REDIS_URL"
    f" (or PATCHBAY_DATABASE_URL), or, when this log is to take its place, say so by `{ADOPT}`."
)
ALONE = (
    "The database goes with a log in Redis, and these settings name none: set PATCHBAY_REDIS_URL,"
    f" or, when this machine goes on alone with its own journal, say so by `{ADOPT}`."
)


class AnotherLog(JournalUnavailable):
    """The database goes with another log; the text names the two ways out."""


async def check_log(database: Database, redis: Redis, tenant: str) -> str:
    """The name of the log of ``tenant``, which is the one of this ``database`` now if that had
    none. Nothing is written to a Redis that is refused.

    Raises ``AnotherLog``, ``JournalUnavailable`` and ``DatabaseUnavailable``.
    """
    known = await followed(database)
    name, last = await name_of(redis, tenant)
    if known and name != known:
        raise AnotherLog(ANOTHER)
    if not known and not last and await read_until(database):
        raise AnotherLog(ANOTHER)  # as before logs had names, and with the journal of a machine
    name = name or await give_name(redis, tenant, secrets.token_hex(16))
    if await follow(database, name) != name:
        raise AnotherLog(ANOTHER)  # of two that began at once with different ones, one is right
    return name


async def check_alone(database: Database) -> None:
    """That the database goes with the journal of one machine. Raises ``AnotherLog`` and
    ``DatabaseUnavailable``.
    """
    if await followed(database):
        raise AnotherLog(ALONE)


async def adopt(database: Database, redis: Redis | None, tenant: str) -> int | None:
    """The database goes with this log from now on, or with the journal of the machine when there
    is no ``redis``. Answers how many entries the log has had.

    Raises ``JournalUnavailable`` and ``DatabaseUnavailable``.
    """
    if redis is None:
        await follow_instead(database, "")
        return None
    name, last = await name_of(redis, tenant)
    name = name or await give_name(redis, tenant, secrets.token_hex(16))
    await follow_instead(database, name)
    return last
