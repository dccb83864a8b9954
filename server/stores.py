"""What is kept, opened and recovered before anything is built on it."""

from __future__ import annotations

import secrets
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from config.mqtt import MqttRefused, read_mqtt
from config.settings import Settings
from crm.database import Database
from crm.history import ContactHistory
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.settings_file import read_pbxs
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.settings_file import read_mailboxes
from cti_adapters.webhook.settings import HookSettings
from cti_adapters.webhook.settings_file import read_hooks
from ivr.connectors.definitions import Connector
from ivr.connectors.settings_file import read_connectors
from reporting.measured import MeasuredJournal
from reporting.statistics import Statistics
from reporting.timeline import Timelines
from router.clock import SystemClock
from router.cluster.looking import fit_at_start
from router.cluster.node import Node, Timing
from router.edge.settings import EdgeSettings
from router.engine import Engine, EngineLimits
from router.journal.redis import Keys, RedisJournal
from router.journal.redis_address import connect
from router.journal.sqlite import SqliteJournal
from server.flow_versions import FlowVersions
from server.log_identity import check_alone, check_log
from server.recording_files import RecordingFiles
from server.recordings import RecordingStore
from server.secret import secret_in_force
from server.shared import BATCH, Shared
from server.statistics_file import load_statistics, save_statistics

STATISTICS = "statistics.bin"


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept on disk, opened and recovered."""

    clock: SystemClock
    database: Database
    journal: MeasuredJournal
    engine: Engine | Node
    history: ContactHistory
    flow_versions: FlowVersions
    recordings: RecordingStore
    statistics: Statistics
    timelines: Timelines
    secret: bytes
    pbxs: tuple[PbxSettings, ...] = ()
    boxes: tuple[MailboxSettings, ...] = ()
    hooks: tuple[HookSettings, ...] = ()
    connectors: tuple[Connector, ...] = ()
    mqtt: EdgeSettings | None = None
    redis: Redis | None = None  # of a cluster
    log_name: str = ""  # of a cluster's log
    warnings: tuple[str, ...] = ()  # about Redis as it was at the start


async def open_stores(
    settings: Settings, stack: AsyncExitStack, shared: Shared | None = None
) -> Stores:
    """Everything on disk, opened and recovered; ``stack`` closes it."""
    clock = SystemClock()
    database = Database(settings.database)
    stack.push_async_callback(database.close)
    await database.migrate()
    if settings.redis_url is None:
        await check_alone(database)
        log = await _own_log(settings, clock, stack, shared)
    else:
        log = await _shared_log(settings, clock, stack, shared, database)
    journal, engine = log.journal, log.engine
    flow_versions = FlowVersions(database)
    await flow_versions.catch_up(journal, engine.replica)
    recordings = RecordingStore(database, RecordingFiles(settings.recordings_folder), clock)
    await recordings.load()
    history = await ContactHistory.open(database, last=_last(engine))
    stack.push_async_callback(history.close)
    file = statistics_file(settings)
    statistics = load_statistics(file, settings.time_zone, engine.replica.position)
    stack.callback(lambda: save_statistics(file, statistics.snapshot()))
    return Stores(
        clock=clock,
        database=database,
        journal=journal,
        engine=engine,
        history=history,
        flow_versions=flow_versions,
        recordings=recordings,
        statistics=statistics,
        timelines=Timelines(engine.replica),
        secret=secret_in_force(settings),
        pbxs=_pbxs(settings),
        boxes=read_mailboxes(path) if (path := settings.mailboxes_path) else (),
        hooks=read_hooks(path) if (path := settings.webhooks_path) else (),
        connectors=read_connectors(path) if (path := settings.connectors_path) else (),
        mqtt=_mqtt(settings, path) if (path := settings.mqtt_path) else None,
        redis=log.redis,
        log_name=log.name,
        warnings=log.warnings,
    )


class _Log(msgspec.Struct, frozen=True, kw_only=True):
    """The one log, and who decides what stands in it."""

    journal: MeasuredJournal
    engine: Engine | Node
    redis: Redis | None = None
    name: str = ""
    warnings: tuple[str, ...] = ()


async def _own_log(
    settings: Settings, clock: SystemClock, stack: AsyncExitStack, shared: Shared | None
) -> _Log:
    """On this machine."""
    journal = MeasuredJournal(await SqliteJournal.open(settings.journal_file))
    stack.push_async_callback(journal.close)
    limits = _limits(settings, shared)
    return _Log(journal=journal, engine=await Engine.open(journal, clock, limits=limits))


async def _shared_log(
    settings: Settings,
    clock: SystemClock,
    stack: AsyncExitStack,
    shared: Shared | None,
    database: Database,
) -> _Log:
    """In the Redis of a cluster, which is fit for it and goes with ``database``."""
    url, tenant = settings.redis_url, settings.tenant
    place = (url.get_secret_value() if url else "", Keys.of(tenant).head)
    redis, sending = connect(*place), connect(*place, in_turn=True)
    stack.push_async_callback(redis.aclose)
    stack.push_async_callback(sending.aclose)
    warnings = await fit_at_start(redis, tenant)
    name = await check_log(database, redis, tenant)
    journal = MeasuredJournal(await RedisJournal.open(redis, tenant))
    node = await Node.open(
        redis,
        tenant,
        _node_name(settings),
        clock,
        limits=_limits(settings, shared),
        timing=Timing(replicas=settings.redis_replicas),
        measured=journal.over,
        spreading=shared.spreading if shared else None,
        sending=sending,
    )
    return _Log(journal=journal, engine=node, redis=redis, name=name, warnings=warnings)


def _limits(settings: Settings, shared: Shared | None) -> EngineLimits:
    usual = EngineLimits(inbox=settings.inbox_limit)
    return msgspec.structs.replace(usual, batch=BATCH) if shared else usual


def _mqtt(settings: Settings, path: Path) -> EdgeSettings:
    """Raises ``MqttRefused``, also for the topics of another tenant."""
    found = read_mqtt(path)
    if found.tenant != settings.tenant and "tenant" in settings.model_fields_set:
        raise MqttRefused(
            f"{path} is about the topics of tenant {found.tenant}, and this is"
            f" {settings.tenant}: write 'tenant: {settings.tenant}' there."
        )
    return found


def _last(engine: Engine | Node) -> int | None:
    """Where the log ends, for who writes; a node may be behind what another has kept by now."""
    return None if isinstance(engine, Node) else engine.replica.position


def _node_name(settings: Settings) -> str:
    """Another at each start: what a dead process still owns is not ours."""
    return f"{settings.node_name or socket.gethostname()}-{secrets.token_hex(3)}"


def statistics_file(settings: Settings) -> Path:
    return settings.data_directory / STATISTICS


def _pbxs(settings: Settings) -> tuple[PbxSettings, ...]:
    return read_pbxs(settings.asterisk_path) if settings.asterisk_path else ()
