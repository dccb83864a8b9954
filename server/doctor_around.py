"""The servers that the settings name: whether Patchbay can work with them as they are now."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from config.mqtt import check_file as check_mqtt
from config.settings import Settings
from crm.database import Database, DatabaseProblem, DatabaseUnavailable, stored_at
from server.findings import Finding

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from router.cluster.looking import Remark

SOON: Final = 21  # days in which a certificate is to be renewed
_DAY: Final = 86_400  # seconds


async def around(settings: Settings, name: str = "", *, redis_known: bool = False) -> list[Finding]:
    """Database, Redis and broker of one tenant, which is told by ``name`` where there are several;
    ``redis_known``: of its Redis only what is the tenant's own.
    """
    found = [await _database(settings)]
    if settings.redis_url is not None:
        url = settings.redis_url.get_secret_value()
        found += await _redis(url, settings.tenant, settings.redis_replicas, brief=redis_known)
    if settings.mqtt_path is not None:
        found.append(await _broker(settings.mqtt_path))
    return [one.of(name) for one in found]


# -- the database ---------------------------------------------------------------------------------


async def _database(settings: Settings) -> Finding:
    what = "database"
    remedy = "correct PATCHBAY_DATABASE_URL, or start the database"
    try:
        if not stored_at(settings.database):
            return Finding(what=what, verdict="ok", detail="is made at the first start")
        database = Database(settings.database)
        try:
            stands = await database.ask(_revision)
        finally:
            await database.close()
    except (DatabaseProblem, DatabaseUnavailable) as problem:
        return Finding(what=what, verdict="missing", detail=str(problem), remedy=remedy)
    except Exception as problem:  # noqa: BLE001 - each driver has its own for a wrong password
        detail = f"it cannot be used ({problem})"
        return Finding(what=what, verdict="missing", detail=detail, remedy=remedy)
    return _migrated(stands)


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def _migrated(stands: str) -> Finding:
    from crm.migrations.upgrade import known, newest

    what = "database"
    if stands == newest():
        return Finding(what=what, verdict="ok", detail=f"answers, and is up to date ({stands})")
    if stands == "":
        return Finding(what=what, verdict="ok", detail="answers; its tables are made at the start")
    if stands in known():
        detail = f"answers; the start brings it from {stands} to {newest()}"
        return Finding(what=what, verdict="ok", detail=detail)
    return Finding(
        what=what,
        verdict="missing",
        detail=f"a newer Patchbay has written it ({stands})",
        remedy="install that version, or restore a backup made before the upgrade",
    )


# -- Redis ----------------------------------------------------------------------------------------


async def _redis(url: str, tenant: str, replicas: int, *, brief: bool) -> list[Finding]:
    from router.cluster.looking import look, remarks, who_writes
    from router.journal.redis import Keys
    from router.journal.redis_address import AddressRefused, connect
    from router.ports import JournalUnavailable

    remedy = "put that right: no node can work without Redis"
    try:
        redis = connect(url, Keys.of(tenant).head)
    except AddressRefused as problem:
        return [Finding(what="Redis", verdict="missing", detail=str(problem), remedy="correct it")]
    try:
        seen = await look(redis, tenant)
        certificate = await _certificate(redis)
    except JournalUnavailable as problem:
        return [Finding(what="Redis", verdict="missing", detail=str(problem), remedy=remedy)]
    finally:
        await redis.aclose()
    writes = Finding(what="writes now", verdict="ok", detail=who_writes(seen))
    if brief:
        return [writes]
    answers = Finding(what="Redis", verdict="ok", detail="answers, and lets Patchbay in")
    looks = [_finding(remark) for remark in remarks(seen, replicas)]
    return [answers, *certificate, *looks, writes]


def _finding(remark: Remark) -> Finding:
    verdict = "missing" if remark.grave else "risky" if remark.remedy else "ok"
    return Finding(
        what=remark.what,
        verdict=verdict,  # type: ignore[arg-type]
        detail=remark.found,
        remedy=remark.remedy,
    )


async def _certificate(redis: Redis) -> list[Finding]:
    """Of the server, when it is spoken to by TLS: that it is known and fits was seen by then."""
    connection = await redis.connection_pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        writer = getattr(connection, "_writer", None)
        shown = writer.get_extra_info("peercert") if writer is not None else None
    finally:
        await redis.connection_pool.release(connection)
    if not shown or "notAfter" not in shown:
        return []
    left = (ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) / _DAY
    what, detail = "Redis certificate", f"known, and good for {left:.0f} days more"
    if left > SOON:
        return [Finding(what=what, verdict="ok", detail=detail)]
    return [Finding(what=what, verdict="risky", detail=detail, remedy="renew it in time")]


# -- the broker -----------------------------------------------------------------------------------


async def _broker(file: Path) -> Finding:
    what, report = "MQTT broker", await asyncio.to_thread(check_mqtt, file)
    if report.found is None:
        return Finding(
            what=what,
            verdict="missing",
            detail=str(report.errors[0]),
            remedy=f"correct {file}: Patchbay does not start with it",
        )
    from router.edge.connection import trouble_with

    trouble = await trouble_with(report.found)
    place = f"{report.found.host}:{report.found.port}"
    if not trouble:
        return Finding(what=what, verdict="ok", detail=f"{place} lets Patchbay in")
    return Finding(
        what=what,
        verdict="missing",
        detail=f"{place} cannot be used: {trouble}",
        remedy="start the broker, or correct its address, password and rules: contacts are taken"
        " meanwhile, and told to it later",
    )
