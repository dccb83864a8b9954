"""The composition root: builds every running part, starts them in order, stops them in reverse.

Nothing else constructs parts, and nothing is constructed at import time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector

from agents.desk import DeskHub
from agents.screenpop import ScreenPops
from config.settings import Settings
from crm.database import Database
from crm.drafts import SavedDrafts
from crm.history import ContactHistory
from crm.store import CustomerStore
from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.phone_secrets import PURPOSE
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.settings_file import read_pbxs
from cti_adapters.registry import ADAPTERS, AdapterContext
from cti_adapters.simulated.agents import SimulatedAgents
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.simulated.visits import SimulatedVisitors
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from ivr.entry import route
from ivr.published import PublishedFlows
from ivr.runner import FlowSessions
from reporting.board import BoardHub
from reporting.flow_figures import FlowFigures
from reporting.measured import MeasuredJournal, MeasuredSink
from reporting.metrics import Metrics
from reporting.statistics import Statistics
from reporting.timeline import Timelines
from router.clock import SystemClock
from router.core.durations import MINUTE, SECOND
from router.core.events import Entry
from router.engine import Engine, EngineLimits
from router.intake import Intake
from router.journal.sqlite import SqliteJournal
from router.limits import Rate
from router.ports import ChannelAdapter
from server.accounts import AccountStore
from server.background import Background
from server.catalog_publishing import CatalogPublisher
from server.catalog_upkeep import keep_hours_ahead, put_in_force
from server.catalog_versions import CatalogVersions
from server.exposition import FollowerReadings, exposition
from server.flow_drafts import FlowDrafts
from server.flow_publishing import FlowPublisher
from server.flow_upkeep import publish_missing
from server.flow_versions import FlowVersions
from server.followers import Follower, FollowerTasks, Handle
from server.idempotency import OnceOnly
from server.origins import Origins, own_origins
from server.passwords import Passwords
from server.phones import Phones
from server.readiness import Readiness
from server.secret import derived, secret_in_force
from server.services import Services, SocketSession
from server.session_watch import SessionWatch
from server.sign_in import SignIn
from server.simulated_calls import caller_of
from server.statistics_file import keep_statistics, load_statistics, save_statistics
from server.telephony import Telephony
from server.understudies import Understudies

STATISTICS = "statistics.bin"
CHAT_LINES_AT_ONCE = 10
LOOK_AT_DESKS_SECONDS = 1.0
TAIL = 20_000  # entries read at start for the timelines of contacts
SIMULATED = "simulated"


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """Customers that are played, and ``agents`` that are until a person takes the part."""

    settings: SimulationSettings
    agents: tuple[str, ...]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """Agents and visitors who are not there."""

    agents: SimulatedAgents
    visitors: SimulatedVisitors


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept on disk, opened and recovered."""

    clock: SystemClock
    database: Database
    journal: MeasuredJournal
    engine: Engine
    history: ContactHistory
    flow_versions: FlowVersions
    statistics: Statistics
    timelines: Timelines
    secret: bytes
    pbxs: tuple[PbxSettings, ...] = ()


class Patchbay:
    """All parts over the stores: built here, set going by ``start``."""

    def __init__(
        self, settings: Settings, port: int, stores: Stores, simulation: Simulation | None = None
    ) -> None:
        self.settings = settings
        self.stores = stores
        clock, database, replica = stores.clock, stores.database, stores.engine.replica
        self.clock, self.engine, self.replica = clock, stores.engine, replica
        self.understudies = Understudies(simulation.agents if simulation else ())
        self.followers = FollowerTasks(stores.engine.follow)
        self.registry = CollectorRegistry()
        self.metrics = self._metrics()
        measured = MeasuredSink(stores.engine, self.metrics)
        self.sink = sink = GuardedSink(measured, stores.pbxs, clock)
        self.customers = CustomerStore(database, clock, region=settings.region)
        self.pops = ScreenPops(self.customers, self.customers)
        zone = ZoneInfo(settings.time_zone)
        self.flow_figures = FlowFigures(zone)
        self.flow_library = PublishedFlows(replica, stores.flow_versions)
        self.flows = FlowSessions(
            sink,
            replica,
            self.flow_library,
            self.customers,
            clock,
            zone=zone,
        )
        self.intake = Intake(
            sink,
            replica,
            self.customers,
            flow=route,
            flows=self.flows,
            on_identified=self.pops.prefetch,
        )
        self.desk = DeskHub(
            sink,
            replica,
            self.pops,
            SavedDrafts(database, clock),
            clock,
            deskless=self.understudies,
        )
        self.board = BoardHub(replica, stores.statistics, clock)
        self.chat, self.adapters = self._channels(simulation)
        self.desk.on_typing = self.chat.agent_typing
        self.chat.on_visitor_typing = self.desk.customer_typing
        self.publisher = CatalogPublisher(sink, replica, clock)
        self.versions = CatalogVersions(database)
        self.accounts = AccountStore(database)
        self.watch = SessionWatch(self.accounts, clock)
        self.background = Background()
        self.played = self._played(simulation) if simulation else None
        self.readiness = Readiness(stores.engine, database, stores.history)
        self.services = self._services(port)

    def _channels(
        self, simulation: Simulation | None
    ) -> tuple[ChatHub, Mapping[str, ChannelAdapter]]:
        context = AdapterContext(
            sink=self.sink,
            intake=self.intake,
            replica=self.replica,
            clock=self.clock,
            chat=ChatSettings(
                secret=derived(self.stores.secret, "chat"),
                connections=self.settings.chat_connections,
                chats_per_source=self.settings.chats_per_address,
                lines=Rate(
                    burst=CHAT_LINES_AT_ONCE, every=MINUTE // self.settings.chat_lines_per_minute
                ),
            ),
            simulation=simulation.settings if simulation else SimulationSettings(),
            pbxs=self.stores.pbxs,
            flows=self.flows,
        )
        used = {name: make for name, make in ADAPTERS.items() if simulation or name != SIMULATED}
        adapters = {name: make(context) for name, make in used.items()}
        calls = adapters["asterisk"]
        self.telephony = Telephony(calls.pbxs if isinstance(calls, AsteriskChannel) else ())
        chat = adapters["webchat"]
        if not isinstance(chat, ChatHub):
            raise TypeError("the registry's webchat is not a ChatHub")
        return chat, adapters

    def _played(self, simulation: Simulation) -> Played:
        agents = SimulatedAgents(
            self.sink,
            self.replica,
            self.clock,
            simulation.settings,
            agents=simulation.agents,
            agent_typing=self.chat.agent_typing,
        )
        self.understudies.on_claim = agents.claim
        self.understudies.on_release = agents.release
        visitors = SimulatedVisitors(self.chat, self.replica, self.clock, simulation.settings)
        return Played(agents=agents, visitors=visitors)

    def _metrics(self) -> Metrics:
        metrics = Metrics(
            self.registry,
            self.replica,
            self.clock,
            inbox=lambda: self.engine.health().waiting,
            desks=lambda: self.desk.desks_connected,
            boards=lambda: self.board.boards_connected,
        )
        self.registry.register(FollowerReadings(self.followers, self.replica))
        ProcessCollector(registry=self.registry)
        Gauge(
            "patchbay_history_failing",
            "1 while past contacts wait for the database.",
            registry=self.registry,
        ).set_function(lambda: bool(self.stores.history.problem))
        Gauge(
            "patchbay_clock_ahead_seconds",
            "Patchbay's time less the system's: it follows slowly when that is set anew.",
            registry=self.registry,
        ).set_function(lambda: self.clock.ahead_of_wall / SECOND)
        self.stores.journal.metrics = metrics
        return metrics

    def _services(self, port: int) -> Services:
        settings = self.settings
        own = (*own_origins(settings.host, port), *settings.allowed_origins)
        return Services(
            clock=self.clock,
            sink=self.sink,
            replica=self.replica,
            customers=self.customers,
            pops=self.pops,
            accounts=self.accounts,
            sign_in=SignIn(
                self.accounts,
                Passwords(),
                self.clock,
                per_minute=settings.sign_in_attempts,
                session_lasts=settings.session_lifetime,
            ),
            watch=self.watch,
            once=OnceOnly(self.clock),
            publisher=self.publisher,
            versions=self.versions,
            flow_publisher=FlowPublisher(
                self.sink, self.replica, self.flow_library, self.stores.flow_versions
            ),
            flow_versions=self.stores.flow_versions,
            flow_drafts=FlowDrafts(self.stores.database, self.clock),
            flow_figures=self.flow_figures,
            origins=Origins(own),
            chat_origins=Origins((*own, *settings.chat_sites)),
            connect_desk=self._connect_desk,
            connect_board=self.board.connect,
            connect_chat=self.chat.connect,
            statistics=self.stores.statistics,
            timeline=self.stores.timelines.of,
            simulated_call=caller_of(self.adapters.get(SIMULATED)),
            not_ready_because=self.readiness.reasons,
            warnings=lambda: [*self.readiness.warnings(), *self.telephony.warnings()],
            metrics=lambda: exposition(self.registry),
            phones=Phones(self.stores.pbxs, derived(self.stores.secret, PURPOSE)),
            telephony=self.telephony,
        )

    def _connect_desk(self, agent: str) -> SocketSession:
        self.understudies.claim(agent)
        return self.desk.connect(agent)

    async def start(self, stack: AsyncExitStack) -> None:
        """Set everything going; ``stack`` ends it again in reverse."""
        stack.push_async_callback(self.pops.close)
        stack.push_async_callback(self.followers.finish)
        self.followers.start(await self._all_followers())
        stack.push_async_callback(self.engine.stop)
        await self.engine.start()
        stack.callback(self.desk.close)
        stack.callback(self.board.close)
        if self.settings.catalog_path is not None:
            await put_in_force(self.publisher, self.settings.catalog_path, self.clock)
        stack.push_async_callback(self.background.stop)
        self._start_background()
        if self.settings.flows_path is not None:
            publisher = self.services.flow_publisher
            await publish_missing(publisher, self.replica, self.settings.flows_path, self.clock)
        await self.flow_library.load()
        stack.push_async_callback(self.flows.close)
        stack.push_async_callback(self.intake.close)
        await self.intake.recover()
        self.flows.start()
        for adapter in self.adapters.values():
            stack.push_async_callback(adapter.stop)
            await adapter.start()
        if self.played is not None:
            for part in (self.played.agents, self.played.visitors):
                stack.push_async_callback(part.stop)
                await part.start()

    async def _all_followers(self) -> list[Follower]:
        """Each from where it stands; what lives in memory begins with what the replica holds."""
        now = self.replica.position
        followed: dict[str, Handle] = {n: one.handle for n, one in self.adapters.items()}
        if self.played is not None:
            followed["simulated agents"] = self.played.agents.handle
        return [
            Follower("desk", later(self.desk.handle), now),
            Follower("board", later(self.board.handle), self.stores.statistics.position),
            Follower("timeline", later(self.stores.timelines.handle), max(now - TAIL, 0)),
            Follower("metrics", later(self.metrics.handle), now),
            Follower("history", self.stores.history.handle, self.stores.history.position()),
            Follower("catalog", self.versions.handle, await self._versions_position(now)),
            Follower("flow versions", self.stores.flow_versions.handle, now),
            Follower("flow library", self.flow_library.handle, now),
            Follower("flows", later(self.flows.handle), now),
            Follower("flow figures", later(self.flow_figures.handle), max(now - TAIL, 0)),
            *(Follower(name, handle, now) for name, handle in followed.items()),
        ]

    async def _versions_position(self, now: int) -> int:
        """When the catalog in force is kept, no later one is missing."""
        version, position = await self.versions.newest(up_to=now)
        return now if version == self.replica.state.catalog.version else position

    def _start_background(self) -> None:
        self.background.start("desk timer", self.desk.run())
        self.background.start("board timer", self.board.run())
        self.background.start("session watch", self.watch.run())
        self.background.start("opening hours", keep_hours_ahead(self.publisher, self.clock))
        if self.played is not None:
            self.background.start("understudies", self._watch_understudies())
        self.background.start(
            "statistics file",
            keep_statistics(_statistics_file(self.settings), self.stores.statistics),
        )

    async def _watch_understudies(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AT_DESKS_SECONDS)
            self.understudies.look(self.watch.agents(), self.clock.now())


def later(handle: Callable[[Entry], None]) -> Handle:
    """A handler that does not wait for anything, for those who await it."""

    async def awaited(entry: Entry) -> None:
        handle(entry)

    return awaited


@asynccontextmanager
async def running(
    settings: Settings, port: int, simulation: Simulation | None = None
) -> AsyncIterator[Patchbay]:
    """A Patchbay that works while the context is entered; ``port`` is the one it is reached at.

    Raises ``DatabaseProblem``, ``JournalUnavailable``, ``JournalDamaged``, ``SecretProblem`` or
    ``CatalogRefused``, ``FlowsRefused`` or ``PbxsRefused``, each a sentence for the operator.
    """
    async with AsyncExitStack() as stack:
        stores = await open_stores(settings, stack)
        patchbay = Patchbay(settings, port, stores, simulation)
        await patchbay.start(stack)
        yield patchbay


async def open_stores(settings: Settings, stack: AsyncExitStack) -> Stores:
    """Everything on disk, opened and recovered; ``stack`` closes it."""
    clock = SystemClock()
    database = Database(settings.database)
    stack.push_async_callback(database.close)
    await database.migrate()
    journal = MeasuredJournal(await SqliteJournal.open(settings.journal_file))
    stack.push_async_callback(journal.close)
    engine = await Engine.open(journal, clock, limits=EngineLimits(inbox=settings.inbox_limit))
    flow_versions = FlowVersions(database)
    await flow_versions.catch_up(journal, engine.replica)
    history = await ContactHistory.open(database, last=engine.replica.position)
    stack.push_async_callback(history.close)
    file = _statistics_file(settings)
    statistics = load_statistics(file, settings.time_zone, engine.replica.position)
    stack.callback(lambda: save_statistics(file, statistics.snapshot()))
    return Stores(
        clock=clock,
        database=database,
        journal=journal,
        engine=engine,
        history=history,
        flow_versions=flow_versions,
        statistics=statistics,
        timelines=Timelines(engine.replica),
        secret=secret_in_force(settings),
        pbxs=_pbxs(settings),
    )


def _statistics_file(settings: Settings) -> Path:
    return settings.data_directory / STATISTICS


def _pbxs(settings: Settings) -> tuple[PbxSettings, ...]:
    return read_pbxs(settings.asterisk_path) if settings.asterisk_path else ()
