"""The composition root: builds every running part, starts them in order, stops them in reverse.

Nothing else constructs parts, and nothing is constructed at import time. ``server.building`` is its
other half: how parts are made of settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, ProcessCollector

from agents.desk import DeskHub
from agents.screenpop import ScreenPops
from config.settings import Settings
from crm.drafts import SavedDrafts
from crm.store import CustomerStore
from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.phone_secrets import PURPOSE
from cti_adapters.registry import AdapterContext
from cti_adapters.simulated.settings import SimulationSettings
from ivr.core.scope import Known
from ivr.entry import route
from ivr.published import PublishedFlows
from ivr.runner import FlowSessions
from reporting.board import BoardHub
from reporting.branches import BranchReadings
from reporting.flow_figures import FlowFigures
from reporting.measured import MeasuredSink
from reporting.metrics import Metrics
from router.cluster.node import Node
from router.core.catalog import Catalog
from router.edge.settings import EdgeSettings
from router.elsewhere import agent_page, chat_page
from router.files import FileFolder
from router.intake import Intake
from router.outgoing.resolving import Resolver
from server.accounts import AccountStore
from server.background import Background
from server.building.channels import (
    SIMULATED,
    channels_of,
    chat_settings,
    hook_parts,
    mail_parts,
)
from server.building.cluster import elsewhere_of, whispers_of
from server.building.joining import join_chat_and_mail, join_desk_and_chat
from server.building.look_ups import connectors_of
from server.building.played import Played, Simulation, played_over
from server.building.process import measure_process
from server.catalog_publishing import CatalogPublisher
from server.catalog_versions import CatalogVersions
from server.drafts import Drafts
from server.exposition import FollowerReadings, exposition
from server.file_references import FileReferences
from server.flow_dependence import FlowDependence
from server.flow_publishing import FlowPublisher, known_names
from server.flow_rehearsal import Rehearsals
from server.followers import FollowerTasks
from server.idempotency import OnceOnly
from server.lifecycle import Lifecycle
from server.mail_pruning import MailPruning
from server.mail_store import SqlMailStore
from server.origins import Origins, own_origins
from server.passwords import Passwords
from server.phones import Phones
from server.readiness import Readiness
from server.retention import Retention
from server.secret import derived
from server.services import Services, SocketSession
from server.session_watch import SessionWatch
from server.shared import Shared
from server.sign_in import SignIn
from server.simulated_calls import caller_of
from server.stores import Stores, open_stores
from server.telephony import Telephony
from server.understudies import Understudies

if TYPE_CHECKING:
    from router.branch.centre import BranchCentre
    from router.edge.edge import Edge

SPARE_DISK: Final = 512 * 1024 * 1024  # bytes that kept files leave to the journal


class Patchbay:
    """All parts over the stores: built here, one concern after the other, and set going by its
    ``Lifecycle``.
    """

    def __init__(
        self,
        settings: Settings,
        port: int,
        stores: Stores,
        simulation: Simulation | None = None,
        shared: Shared | None = None,
    ) -> None:
        self.settings, self.shared, self.stores = settings, shared, stores
        self.clock, self.engine = stores.clock, stores.engine
        self.replica = stores.engine.replica
        self.files = FileFolder(settings.files_folder, limit=settings.files_limit, spare=SPARE_DISK)
        self.background = Background()
        self.followers = FollowerTasks(stores.engine.follow)
        self.understudies = Understudies(simulation.agents if simulation else ())
        self._measure()
        self._decide()
        self._show()
        self._open_channels(simulation)
        self.played = self._played(simulation) if simulation else None
        self.edge = self._edge(stores.mqtt) if stores.mqtt else None
        self.branches = self._branches(stores.mqtt) if stores.mqtt else None
        self._administer()
        self.services = self._services(port)

    # -- the steps, in their order ------------------------------------------------------------

    def _measure(self) -> None:
        """What Prometheus reads; of parts that are there by then."""
        self.registry = registry = CollectorRegistry()
        self.metrics = Metrics(
            registry,
            self.replica,
            self.clock,
            inbox=lambda: self.engine.health().waiting,
            desks=lambda: self.desk.desks_connected,
            boards=lambda: self.board.boards_connected,
        )
        self.stores.journal.metrics = self.metrics
        registry.register(FollowerReadings(self.followers, self.replica))
        measure_process(registry, self.stores, self.files, self.in_charge)
        if self.shared is None:  # else a tenant would see how busy the others are
            ProcessCollector(registry=registry)

    def _decide(self) -> None:
        """The way of a contact into the engine: who it is, its flow, the command."""
        stores, clock = self.stores, self.clock
        engine = self.shared.paced(self.engine, clock) if self.shared else self.engine
        self.sink = GuardedSink(MeasuredSink(engine, self.metrics), stores.pbxs, clock)
        self.customers = CustomerStore(stores.database, clock, region=self.settings.region)
        self.pops = ScreenPops(self.customers, self.customers)
        self.flow_library = PublishedFlows(self.replica, stores.flow_versions)
        self.connectors = connectors_of(stores, self.registry)
        zone = ZoneInfo(self.settings.time_zone)
        self.flow_figures = FlowFigures(zone)
        self.flows = FlowSessions(
            self.sink,
            self.replica,
            self.flow_library,
            self.customers,
            clock,
            zone=zone,
            connectors=self.connectors,
        )
        self.intake = Intake(
            self.sink,
            self.replica,
            self.customers,
            flow=route,
            flows=self.flows,
            on_identified=self.pops.prefetch,
        )

    def _show(self) -> None:
        """The agents' desks, and the board."""
        settings, stores = self.settings, self.stores
        self.elsewhere = elsewhere_of(stores, settings.tenant, self._pages_here)
        self.desk = DeskHub(
            self.sink,
            self.replica,
            self.pops,
            SavedDrafts(stores.database, self.clock),
            self.clock,
            deskless=self.understudies,
            patience=(settings.chat_answer_soon, settings.chat_answer_late),
            elsewhere=self.elsewhere,
            in_charge=self.in_charge,
        )
        self.board = BoardHub(self.replica, stores.statistics, self.clock)

    def _open_channels(self, simulation: Simulation | None) -> None:
        """Calls, chats, mails and events, and what they share with the desk."""
        stores = self.stores
        self.mail_store = SqlMailStore(stores.database)
        self.resolver = Resolver()
        context = AdapterContext(
            sink=self.sink,
            intake=self.intake,
            replica=self.replica,
            clock=self.clock,
            chat=chat_settings(self.settings, stores.secret),
            simulation=simulation.settings if simulation else SimulationSettings(),
            pbxs=stores.pbxs,
            mail=mail_parts(stores, self.mail_store, self.files, self.customers, self.registry),
            hooks=hook_parts(stores, self.resolver, self.registry),
            files=self.files,
            flows=self.flows,
            recordings=stores.recordings,
            elsewhere=self.elsewhere,
            in_charge=self.in_charge,
        )
        channels = channels_of(context, simulated=simulation is not None)
        self.adapters, self.calls, self.chat = channels.all, channels.calls, channels.chat
        self.mail, self.hooks = channels.mail, channels.hooks
        self.telephony = Telephony(self.calls.pbxs)
        self.whispers = whispers_of(stores, self.settings.tenant)
        join_desk_and_chat(self.desk, self.chat, self.whispers)
        join_chat_and_mail(self.chat, self.mail, self.customers)

    def _played(self, simulation: Simulation) -> Played:
        return played_over(
            simulation,
            self.understudies,
            self.chat,
            sink=self.sink,
            replica=self.replica,
            clock=self.clock,
        )

    def _edge(self, settings: EdgeSettings) -> Edge:
        from server.mqtt import edge_over

        return edge_over(
            settings,
            replica=self.replica,
            follow=self.engine.follow,
            sink=self.sink,
            database=self.stores.database,
            board=self.board,
            clock=self.clock,
            registry=self.registry,
            still_writes=self._still_writes,
        )

    def _branches(self, settings: EdgeSettings) -> BranchCentre | None:
        from server.branches import branches_over

        if not any(pbx.branch for pbx in self.stores.pbxs):
            return None
        centre = branches_over(
            settings,
            self.stores.pbxs,
            self.calls,
            replica=self.replica,
            follow=self.engine.follow,
            sink=self.sink,
            intake=self.intake,
            flows=self.flows,
            clock=self.clock,
            still_writes=self._still_writes,
        )
        self.registry.register(BranchReadings(lambda: centre.figures() if self.in_charge() else ()))
        return centre

    def _administer(self) -> None:
        """Who may come in, what is in force, what is kept and for how long."""
        settings, stores, database = self.settings, self.stores, self.stores.database
        dependence = FlowDependence(self.flow_library, self.replica, self._known_under)
        self.publisher = CatalogPublisher(self.sink, self.replica, self.clock, dependence.problems)
        self.versions = CatalogVersions(database)
        self.flow_publisher = FlowPublisher(
            self.sink,
            self.replica,
            self.flow_library,
            stores.flow_versions,
            self.connectors.signatures,
            recordings=stores.recordings.languages,
        )
        self.accounts = AccountStore(database)
        self.watch = SessionWatch(self.accounts, self.clock)
        self.readiness = Readiness(self.engine.health, self.replica, database, stores.history)
        self.retention = Retention(
            MailPruning(database),
            self.hooks,
            self.files,
            self.clock,
            in_use=FileReferences(database, self.replica).among,
            days=settings.kept_days,
            hook_days=settings.hooks_kept_days,
        )

    def _services(self, port: int) -> Services:
        stores, database, clock = self.stores, self.stores.database, self.clock
        return Services(
            clock=clock,
            sink=self.sink,
            replica=self.replica,
            customers=self.customers,
            pops=self.pops,
            accounts=self.accounts,
            sign_in=self._sign_in(),
            watch=self.watch,
            once=OnceOnly(clock),
            publisher=self.publisher,
            versions=self.versions,
            catalog_drafts=Drafts(database, clock, "catalog"),
            flow_publisher=self.flow_publisher,
            flow_versions=stores.flow_versions,
            flow_drafts=Drafts(database, clock, "flow"),
            flow_figures=self.flow_figures,
            flow_library=self.flow_library,
            rehearsals=self._rehearsals(),
            recordings=stores.recordings,
            origins=Origins(self._origins(port)),
            chat_origins=Origins((*self._origins(port), *self.settings.chat_sites)),
            chat=self.chat,
            mail=self.mail,
            hooks=self.hooks,
            mail_store=self.mail_store,
            mail_drafts=Drafts(database, clock, "mail"),
            files=self.files,
            connect_desk=self._connect_desk,
            connect_board=self.board.connect,
            statistics=stores.statistics,
            timeline=stores.timelines.of,
            simulated_call=caller_of(self.adapters.get(SIMULATED)),
            not_ready_because=self.readiness.reasons,
            warnings=self._warnings,
            metrics=lambda: exposition(self.registry),
            phones=Phones(stores.pbxs, derived(stores.secret, PURPOSE)),
            telephony=self.telephony,
        )

    def _origins(self, port: int) -> tuple[str, ...]:
        """The addresses of a process with several tenants are nobody's."""
        own = () if self.shared else own_origins(self.settings.host, port)
        return (*own, *self.settings.allowed_origins)

    def _sign_in(self) -> SignIn:
        return SignIn(
            self.accounts,
            Passwords(),
            self.clock,
            per_minute=self.settings.sign_in_attempts,
            session_lasts=self.settings.session_lifetime,
        )

    def _rehearsals(self) -> Rehearsals:
        return Rehearsals(
            self.mail_store,
            self.customers,
            self.flow_publisher,
            self.flow_library,
            self.replica,
            mailboxes=lambda: self.mail.mailboxes,
            zone=ZoneInfo(self.settings.time_zone),
        )

    # -- what parts ask of the whole ----------------------------------------------------------

    def in_charge(self) -> bool:
        """Whether this process does what one does for all: of a cluster, the node that writes."""
        return not isinstance(self.engine, Node) or self.engine.writes

    async def _still_writes(self) -> None:
        """See ``router.ports.StillWrites``."""
        if isinstance(self.engine, Node):
            await self.engine.still_writes()

    @property
    def ended(self) -> asyncio.Future[str]:
        """Done, with the reason, when a node of a cluster cannot go on."""
        if isinstance(self.engine, Node):
            return self.engine.ended
        return asyncio.get_running_loop().create_future()

    def _pages_here(self) -> Iterator[str]:
        yield from map(agent_page, self.desk.agents_here())
        yield from map(chat_page, self.chat.chats_here())

    def _connect_desk(self, agent: str) -> SocketSession:
        self.understudies.claim(agent)
        return self.desk.connect(agent)

    def _known_under(self, catalog: Catalog) -> Known:
        signatures, languages = self.connectors.signatures, self.stores.recordings.languages()
        return known_names(catalog, signatures, languages)

    def _warnings(self) -> list[str]:
        ours = self.in_charge()
        return [
            *self.readiness.warnings(),
            *self.stores.warnings,
            *(self.telephony.warnings() if ours else ()),
            *(self.mail.problems() if ours else ()),
            *([self.edge.problem] if self.edge and self.edge.problem else []),
            *(self.branches.problems() if self.branches and ours else ()),
        ]


@asynccontextmanager
async def running(
    settings: Settings,
    port: int,
    simulation: Simulation | None = None,
    shared: Shared | None = None,
) -> AsyncIterator[Patchbay]:
    """A Patchbay that works while the context is entered; ``port`` is the one it is reached at.
    ``shared`` when it is one of several in this process.

    Raises ``DatabaseProblem``, ``JournalUnavailable``, ``JournalDamaged``, ``SecretProblem``,
    ``CatalogRefused``, ``FlowsRefused``, ``ConnectorsRefused``, ``FilesUnavailable`` or
    ``PbxsRefused``, ``MqttRefused``, each a
    sentence for the operator.
    """
    async with AsyncExitStack() as stack:
        stores = await open_stores(settings, stack, shared)
        patchbay = Patchbay(settings, port, stores, simulation, shared)
        await Lifecycle(patchbay).start(stack)
        yield patchbay
