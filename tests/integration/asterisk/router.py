"""A router with a real Asterisk as its telephone system: engine, intake and channel, no pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Self

import msgspec

from cti_adapters.asterisk.dialplan import dialplan
from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.left_behind import NEW
from cti_adapters.asterisk.settings import AmiSettings, OutboundRules, PbxSettings
from cti_adapters.registry import AdapterContext, asterisk
from ivr.core.document import decode
from ivr.core.library import Library
from ivr.core.nodes import Flow
from ivr.entry import route
from ivr.runner import FlowSessions
from router.clock import SystemClock
from router.core.catalog import (
    AgentDefinition,
    CallbackOffer,
    Catalog,
    EntryPoint,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.commands import Command, PublishCatalog, SetReady, SignIn
from router.core.durations import SECOND
from router.core.events import ContactEvent, Rejected
from router.core.model import Contact
from router.core.requirements import Traits
from router.customers import CustomerRecord, Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Accepted, Journal, NoFlows, NoRecordings, Outcome, Recordings
from tests.asterisk.server import AsteriskServer

PATIENCE = 10  # seconds that a test waits for anything

AT_CHI = "+442079460001"  # numbers outside: one rings chi's telephone
BUSY = "+442079460002"
RINGS_ON = "+442079460003"

DIALPLAN = f"""
{dialplan(PbxSettings())}
[from-trunk]
exten => 900,1,Set(TIMEOUT(absolute)=4)
 same => n,Goto(patchbay,100,1)
exten => _[+0-9a-zA-Z].,1,Goto(patchbay,${{EXTEN}},1)
[from-agents]
exten => _X.,1,Goto(patchbay,${{EXTEN}},1)
exten => private,1,Answer()
 same => n,Wait(60)
[outside]
exten => {AT_CHI},1,Dial(PJSIP/chi,30)
exten => {BUSY},1,Hangup(17)
exten => {RINGS_ON},1,Ringing()
 same => n,Wait(60)
exten => _[+0-9].,1,Answer()
 same => n,Wait(60)
"""


class Nobody:
    async def identify(self, channel: str, address: str) -> Identification:
        return Identification()

    async def record(self, customer: str) -> CustomerRecord | None:
        return None


class OneFlow(Library):
    """That every call goes through, its first version."""

    def __init__(self, document: dict[str, object]) -> None:
        reading = decode(document)
        assert reading.flow is not None, reading.problems
        self._name, self._flow = document["flow"], reading.flow

    def flow(self, flow: str, version: int) -> Flow | None:
        return self._flow if (flow, version) == (self._name, 1) else None

    def version(self, flow: str, alias: str) -> int | None:
        return 1 if flow == self._name else None


def catalog(
    names: Sequence[str] = ("ann", "ben", "chi"), *, flow: str = "", **queue: object
) -> Catalog:
    fields = {"wrap_up": 0, "offer_for": 5 * SECOND, "callback": CallbackOffer()} | queue
    care = Queue(id="care", label="Care", **fields)  # type: ignore[arg-type]
    sales = Queue(id="sales", label="Sales", wrap_up=0)
    return Catalog(
        version=1,
        queues={"care": care, "sales": sales},
        profiles={
            "all": Profile(
                id="all",
                label="All",
                queues=(ProfileQueue(queue="care"), ProfileQueue(queue="sales")),
                capacity={"voice": 1, "voicemail": 1},
            )
        },
        agents={
            name: AgentDefinition(id=name, name=name.title(), profile="all", traits=Traits())
            for name in names
        },
        entry_points={
            "line": EntryPoint(id="line", channel="voice", queue="care", flow=flow),
            "box": EntryPoint(id="box", channel="voicemail", queue="sales"),
            "papers": EntryPoint(id="papers", channel="fax", queue="sales"),
        },
    )


def settings_for(server: AsteriskServer, **changes: object) -> PbxSettings:
    ami = AmiSettings(
        port=server.ports.ami, username=server.site.router.name, secret=server.site.router.secret
    )
    settings = PbxSettings(
        id="main",
        ami=ami,
        numbers={"100": "line"},
        trunk="Local/{number}@outside",
        outbound=OutboundRules(allow=("+44",)),
        recordings=server.recordings,
        sounds=server.sounds,
    )
    return msgspec.structs.replace(settings, **changes)


class Router:
    """Use it as a context; ``restart`` as after a crash of the router, with the same journal."""

    def __init__(
        self, server: AsteriskServer, journal: Journal | None = None, **changes: object
    ) -> None:
        queue = changes.pop("queue", {})
        names = changes.pop("agents", ("ann", "ben", "chi"))
        flow: dict[str, object] | None = changes.pop("flow", None)  # type: ignore[assignment]
        self.library = OneFlow(flow) if flow else None
        entered = str(flow["flow"]) if flow else ""
        self.catalog = catalog(names, flow=entered, **queue)  # type: ignore[arg-type]
        beside = changes.pop("beside", ())
        self.recordings: Recordings = changes.pop("uploads", None) or NoRecordings()  # type: ignore[assignment]
        self.settings = settings_for(server, **changes)
        self.systems = (self.settings, *beside)  # type: ignore[misc]
        self.journal = journal or MemoryJournal()
        self.clock = SystemClock()
        self.said: list[ContactEvent] = []
        self._commands = 0

    async def __aenter__(self) -> Self:
        for left in self._recordings.glob(f"{NEW}*"):
            left.unlink()  # of another test: it would be brought in here
        await self.start()
        return self

    @property
    def _recordings(self) -> Path:
        assert self.settings.recordings is not None
        return self.settings.recordings

    def left_behind(self, contact: Contact) -> Path:
        """The message or the document that the contact is."""
        name = contact.attributes["file"]
        marked = self._recordings / f"{NEW}{name}"
        return marked if marked.exists() else self._recordings / name

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            print(self.recent())
        await self.stop()

    async def start(self) -> None:
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.replica = self.engine.replica
        self.desk = GuardedSink(self.engine, self.systems, self.clock)
        self.flows = self._sessions()
        self.intake = Intake(self.engine, self.replica, Nobody(), flow=route, flows=self.flows)
        self.channel = asterisk(
            AdapterContext(
                sink=self.engine,
                intake=self.intake,
                replica=self.replica,
                clock=self.clock,
                pbxs=self.systems,
                flows=self.flows or NoFlows(),
                recordings=self.recordings,
            )
        )
        self.follower = asyncio.create_task(self._follow())
        if not self.replica.state.catalog.version:
            await self.do(PublishCatalog(id="catalog", catalog=self.catalog, replaces=0))
        await self.intake.recover()
        if self.flows is not None:
            self.flows.start()
        await self.channel.start()
        await self.until(
            lambda: not any(pbx.problem for pbx in self.channel.pbxs), "connected to Asterisk"
        )

    def _sessions(self) -> FlowSessions | None:
        if self.library is None:
            return None
        return FlowSessions(self.desk, self.replica, self.library, Nobody(), self.clock, zone=UTC)

    async def _follow(self) -> None:
        async for entry in self.engine.follow(after=self.replica.position):
            if self.flows is not None:
                self.flows.handle(entry)
            self.said += [event for event in entry.events if isinstance(event, ContactEvent)]
            self.channel.handle(entry)

    async def stop(self) -> None:
        await self.channel.stop()
        if self.flows is not None:
            await self.flows.close()
        await self.intake.close()
        await self.engine.stop()
        await self.follower

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def do(self, command: Command) -> None:
        outcome = await self._submit(command)
        assert isinstance(outcome, Accepted), outcome

    async def act(self, kind: Callable[..., Command], **fields: object) -> None:
        await self.do(self._command(kind, **fields))

    async def refuses(self, kind: Callable[..., Command], **fields: object) -> str:
        """Why the command is not taken."""
        outcome = await self._submit(self._command(kind, **fields))
        assert isinstance(outcome, Rejected), outcome
        return outcome.reason

    def _command(self, kind: Callable[..., Command], **fields: object) -> Command:
        self._commands += 1
        return kind(id=f"test-{time.time_ns()}-{self._commands}", **fields)

    async def _submit(self, command: Command) -> Outcome:
        """As the desk does: what would be dialled outside is judged first."""
        return await self.desk.submit(command)

    async def ready(self, *agents: str) -> None:
        for agent in agents:
            await self.act(SignIn, agent=agent)
            await self.act(SetReady, agent=agent)

    @property
    def contacts(self) -> list[Contact]:
        return [c for c in self.replica.state.contacts.values() if not c.parent]

    async def contact(self, **wanted: object) -> Contact:
        """The contact that has these values, once there is one."""

        def found() -> Contact | None:
            for contact in self.contacts:
                if all(getattr(contact, key) == value for key, value in wanted.items()):
                    return contact
            return None

        await self.until(found, f"a contact with {wanted}")
        contact = found()
        assert contact is not None
        return contact

    def events(self, kind: type[ContactEvent]) -> list[ContactEvent]:
        return [event for event in self.said if type(event) is kind]

    async def until(
        self, reached: Callable[[], object], what: str, within: float = PATIENCE
    ) -> None:
        end = time.monotonic() + within
        while not reached():
            if self.follower.done():
                await self.follower
            assert time.monotonic() < end, f"not reached in {within} s: {what}; {self.recent()}"
            await asyncio.sleep(0.01)

    def recent(self) -> str:
        said = [f"{type(e).__name__} {getattr(e, 'reason', '')}" for e in self.said[-15:]]
        states = [(c.id, str(c.state), c.agent) for c in self.contacts]
        agents = [
            (a.id, str(a.state), a.reason, a.unreachable)
            for a in self.replica.state.agents.values()
        ]
        return f"events {said}, contacts {states}, agents {agents}"
