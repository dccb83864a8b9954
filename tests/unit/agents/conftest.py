"""A small centre on the real core, without a loop of its own, and a page that behaves like one."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from agents.desk import DeskHub
from agents.drafts import MemoryDrafts
from agents.screenpop import PopLimits, ScreenPops
from router.clock import ManualClock
from router.core import commands as c
from router.core.catalog import (
    SECOND,
    AgentDefinition,
    Catalog,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.events import Entry, Rejected
from router.core.machine import RoutingCore
from router.core.requirements import Traits
from router.core.state import State
from router.customers import CustomerRecord, Identification
from router.ports import Accepted
from router.replica import Replica

START = 1_800_000_000 * SECOND

CATALOG = Catalog(
    version=1,
    queues={
        "billing": Queue(id="billing", label="Billing", dispositions=("paid", "promised")),
        "support": Queue(id="support", label="Support"),
    },
    profiles={
        "all": Profile(
            id="all",
            label="All",
            queues=(ProfileQueue(queue="support", band=2), ProfileQueue(queue="billing")),
            capacity={"voice": 1, "chat": 2},
            alone=(),
        ),
    },
    agents={
        agent: AgentDefinition(
            id=agent,
            name=agent.title(),
            profile="all",
            traits=Traits(skills=(("es", 3),), team="north"),
        )
        for agent in ("ann", "ben", "chi")
    },
    skills={"es": "Spanish"},
)


class Records:
    """A customer store that can be slow or broken."""

    def __init__(self) -> None:
        self.records: dict[str, CustomerRecord] = {}
        self.found = Identification()
        self.asked: list[str] = []
        self.failures = 0
        self.gate: asyncio.Event | None = None

    async def record(self, customer: str) -> CustomerRecord | None:
        self.asked.append(customer)
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return self.records.get(customer)

    async def identify(self, channel: str, address: str) -> Identification:
        self.asked.append(address)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return self.found


class Centre:
    """Commands go straight through the core; entries reach the hub at once, or at ``deliver``."""

    def __init__(self, catalog: Catalog = CATALOG, **hub: Any) -> None:
        self.clock = ManualClock(START)
        self.core = RoutingCore(State())
        self.replica = Replica(State())
        self.failure: Exception | None = None
        self.submitted: list[c.Command] = []
        self.held_back: list[Entry] | None = None
        self.ids = 0
        self.pages: list[Page] = []
        self.do(c.PublishCatalog(id="catalog", catalog=catalog, replaces=0))
        self.records = Records()
        self.drafts = MemoryDrafts()
        self.pops = ScreenPops(self.records, self.records, PopLimits(pauses=(0.0,)))
        self.hub = DeskHub(self, self.replica, self.pops, self.drafts, self.clock, **hub)

    # -- the sink -----------------------------------------------------------------------------

    async def submit(self, command: c.Command) -> Accepted | Rejected:
        if self.failure is not None:
            raise self.failure
        self.submitted.append(command)
        return self.do(command)

    def do(self, command: c.Command) -> Accepted | Rejected:
        due = self.core.next_deadline()
        if due is not None and due <= self.clock.now() and not isinstance(command, c.Tick):
            self.do(c.Tick(id=""))
        events = self.core.handle(command, self.clock.now())
        if isinstance(events, Rejected):
            return events
        if events:
            self._record(command, events)
        return Accepted(position=self.replica.position, events=tuple(events))

    def _record(self, command: c.Command, events: list[Any]) -> None:
        entry = Entry(
            position=self.replica.position + 1,
            at=self.clock.now(),
            cause=command.id,
            by=command.by,
            events=tuple(events),
        )
        self.replica.feed(entry)
        if self.held_back is not None:
            self.held_back.append(entry)
        elif hasattr(self, "hub"):
            self.hub.handle(entry)

    def deliver(self, most: int | None = None) -> None:
        """Hand the entries held back to the hub, in order."""
        waiting = self.held_back or []
        for entry in waiting[:most]:
            self.hub.handle(entry)
        del waiting[:most]

    # -- what the tests do --------------------------------------------------------------------

    def new_id(self) -> str:
        self.ids += 1
        return f"t{self.ids}"

    def say(self, kind: type[c.CommandBase], **fields: Any) -> Accepted | Rejected:
        return self.do(kind(id=self.new_id(), **fields))

    def arrive(self, contact: str, queue: str = "billing", channel: str = "chat") -> None:
        self.say(c.Arrive, contact=contact, channel=channel, address=f"{contact}@example.org")
        self.say(c.Enqueue, contact=contact, queue=queue)

    def ready(self, *agents: str) -> None:
        for agent in agents:
            self.say(c.SignIn, agent=agent, by=agent)
            self.say(c.SetReady, agent=agent, by=agent)

    def advance(self, by: int) -> None:
        """Let time pass, running the core's timers on the way."""
        until = self.clock.now() + by
        while (due := self.core.next_deadline()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            self.do(c.Tick(id=""))
        self.clock.set(until)

    async def rest(self, seconds: int) -> None:
        """Seconds as the hub lives them: ten ticks and one sweep each."""
        for _ in range(seconds):
            self.advance(SECOND)
            for _ in range(10):
                self.hub.tick()
            await self.hub.sweep()

    def page(self, agent: str) -> Page:
        self.pages.append(Page(self, agent))
        return self.pages[-1]

    async def finish(self) -> None:
        self.hub.close()
        for page in self.pages:
            await page.read()
        await self.pops.close()

    @property
    def state(self) -> State:
        return self.replica.state


class Page:
    """What a browser makes of the frames: it applies changes and checks their numbers."""

    def __init__(self, centre: Centre, agent: str) -> None:
        self.session = centre.hub.connect(agent)
        self.frames: list[dict[str, Any]] = []
        self.me: dict[str, Any] = {}
        self.offers: dict[str, dict[str, Any]] = {}
        self.contacts: dict[str, dict[str, Any]] = {}
        self.waiting: list[dict[str, Any]] = []
        self.colleagues: dict[str, dict[str, Any]] = {}
        self.figures: dict[str, Any] = {}
        self.n = 0
        self.ended = False
        self._frames = self.session.outgoing()
        self._next: asyncio.Task[bytes] | None = None
        self._ids = 0

    async def read(self) -> list[dict[str, Any]]:
        """Everything that has been sent and not been read yet."""
        before = len(self.frames)
        while await self._read_one():
            pass
        return self.frames[before:]

    async def _read_one(self) -> bool:
        if self.ended:
            return False
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._frames))
        for _ in range(12):
            await asyncio.sleep(0)
            if self._next.done():
                break
        else:
            return False
        task, self._next = self._next, None
        try:
            self._apply(msgspec.json.decode(task.result()))
        except StopAsyncIteration:
            self.ended = True
            return False
        return True

    async def leave(self) -> None:
        self.session.close()
        await self.read()

    async def act(self, kind: str, act_id: str | None = None, **fields: Any) -> dict[str, Any]:
        """Send one act and return its reply."""
        self._ids += 1
        act_id = act_id or f"p{self.session.number}-{self._ids}"
        await self.session.receive(msgspec.json.encode({"type": kind, "id": act_id, **fields}))
        heard = await self.read()
        return next(m for m in reversed(heard) if m["type"] == "reply" and m["to"] == act_id)

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def shows(self) -> dict[str, Any]:
        return {
            "me": self.me,
            "offers": self.offers,
            "contacts": self.contacts,
            "waiting": self.waiting,
            "colleagues": self.colleagues,
        }

    def _apply(self, m: dict[str, Any]) -> None:
        self.frames.append(m)
        self.n += 1
        assert m["n"] == self.n, "numbers have no gaps"
        match m["type"]:
            case "desk_snapshot":
                self.me, self.waiting, self.figures = m["me"], m["waiting"], m["figures"]
                self.offers = {o["offer"]: o for o in m["offers"]}
                self.contacts = {card["contact"]: card for card in m["contacts"]}
                self.colleagues = {x["agent"]: x for x in m["directory"]["colleagues"]}
            case "me_changed":
                self.me = m["me"]
            case "offer_made":
                self.offers[m["offer"]["offer"]] = m["offer"]
            case "offer_gone":
                del self.offers[m["offer"]]
            case "contact_changed":
                known = self.contacts.get(m["contact"]["contact"], {})
                assert m["contact"]["messages"] == []
                m["contact"]["messages"] = known.get("messages", [])
                self.contacts[m["contact"]["contact"]] = m["contact"]
            case "contact_gone":
                del self.contacts[m["contact"]]
            case "message_added":
                self.contacts[m["contact"]]["messages"].append(m["message"])
            case "colleagues_changed":
                others = (x for x in m["colleagues"] if x["agent"] != self.session.agent)
                self.colleagues |= {x["agent"]: x for x in others}
            case "waiting_changed":
                self.waiting = m["waiting"]
            case "figures_changed":
                self.figures = m["figures"]
            case _:
                pass


@pytest.fixture
async def centre():
    made = Centre()
    yield made
    await made.finish()


@pytest.fixture
async def new_centre():
    """For a centre with other settings."""
    made: list[Centre] = []

    def build(**hub: Any) -> Centre:
        made.append(Centre(**hub))
        return made[-1]

    yield build
    for one in made:
        await one.finish()


@pytest.fixture(scope="session")
def make_centre():
    """For tests that run loops of their own and clean up themselves."""
    return Centre
