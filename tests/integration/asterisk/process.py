"""``patchbay serve`` beside a real Asterisk: a process that is killed and started again, and the
agents' desks, which are its clients and outlive it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from router.core.events import Entry
from router.core.state import State
from router.journal.reading import read_entries
from server.accounts import User
from server.roles import Role
from tests.asterisk.server import AsteriskServer
from tests.integration.asterisk.live_calls import (
    AGENTS,
    CAPACITY,
    RECONCILED,
    disagreements,
    numbers,
    picture,
)
from tests.integration.served import Served, prepare, served

COMES_BACK = 0.2  # seconds between two tries of a desk
PINGS = 5  # seconds
PATIENCE = 15

_CATALOG: dict[str, Any] = {
    "skills": {"english": "English"},
    "queues": {"care": {"label": "Care", "wrap_up": "0s", "offer_for": "10s"}},
    "profiles": {"all": {"label": "Everything", "queues": ["care"], "capacity": CAPACITY}},
    "entry_points": {"line": {"label": "Line", "channel": "voice", "queue": "care"}},
}


class RouterProcess:
    """Over a folder of its own. ``start`` returns when it is ready."""

    def __init__(
        self,
        server: AsteriskServer,
        folder: Path,
        *,
        agents: Sequence[str] = AGENTS,
        branch: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """With ``branch`` the telephone system is looked after by an adapter there."""
        self._agents = agents
        self._branch = {"branch": branch} if branch else {}
        self._settings = settings or {}
        self.desks: dict[str, Desk] = {}
        self.kills = 0
        self._server = server
        self._folder = folder
        self._catalog, self._systems = folder / "catalog.yaml", folder / "asterisk.yaml"
        self._running: Served | None = None
        self._stack = AsyncExitStack()
        self._pages: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        ami = {"host": "127.0.0.1", "port": self._server.ports.ami}
        router = self._server.site.router
        user = {"username": router.name, "secret": router.secret}
        system = ami | user | {"numbers": {"100": "line"}} | self._branch
        # what is written as JSON can be read as YAML
        people = {name: {"name": name.title(), "profile": "all"} for name in self._agents}
        self._catalog.write_text(json.dumps(_CATALOG | {"agents": people}), encoding="utf-8")
        self._systems.write_text(json.dumps({"pbxs": {"main": system}}), encoding="utf-8")
        people = [
            User(id=one, name=one, roles=frozenset({Role.AGENT}), agent=one) for one in self._agents
        ]
        tokens = await prepare(self._folder / "data", [(one, "none fits") for one in people])
        self.desks = {name: Desk(self, name, token) for name, token in tokens.items()}
        await self.start()
        self._pages = [asyncio.create_task(desk.run()) for desk in self.desks.values()]
        await self.everybody_is_ready()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._running is not None:
            print(self._running.words[-4_000:])
        for page in self._pages:
            page.cancel()
        await asyncio.gather(*self._pages, return_exceptions=True)
        await self.kill()

    @property
    def running(self) -> Served | None:
        return self._running

    async def start(self) -> None:
        log = self._folder / f"service-{self.kills}.log"
        settings = ("env", f"PATCHBAY_ASTERISK_PATH={self._systems}")
        service = served(
            self._folder / "data", self._catalog, log, within=settings, settings=self._settings
        )
        self._running = await self._stack.enter_async_context(service)
        await self._running.becomes(200)

    async def kill(self) -> None:
        """SIGKILL."""
        self._running = None
        self.kills += 1
        await self._stack.aclose()

    async def everybody_is_ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while away := [desk.agent for desk in self.desks.values() if desk.state != "ready"]:
            assert time.monotonic() < end, f"{away} are not ready"
            await asyncio.sleep(0.05)

    # -- what is recorded -------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """The journal as it is on disk."""
        return list(read_entries(self._folder / "data/journal.db"))

    def recorded(self) -> State:
        state = State()
        for entry in self.entries():
            state.apply_entry(entry)
        return state

    async def agrees(self, talking: int, waiting: int, within: float = RECONCILED) -> None:
        """What is recorded, and what the desks show, becomes right about every call."""
        began = time.monotonic()
        while True:
            seen = await asyncio.to_thread(picture, self._server)
            state = await asyncio.to_thread(self.recorded)
            wrong = [*disagreements(state, seen), *self._wrong_desks(state)]
            if not wrong and numbers(state) == (talking, waiting):
                took = time.monotonic() - began
                print(f"{talking} talk and {waiting} wait after {took:.2f} s")
                return
            assert time.monotonic() < began + within, (wrong, numbers(state))
            await asyncio.sleep(0.05)

    def _wrong_desks(self, state: State) -> list[str]:
        return [
            f"the desk of {name} shows {desk.contacts} and {desk.offers}"
            for name, desk in self.desks.items()
            if desk.contacts.keys() | desk.offers.values() != state.agents[name].slots.keys()
        ]


class Desk:
    """An agent's page: it connects again whenever it can, and says that its agent is ready."""

    def __init__(self, process: RouterProcess, agent: str, token: str) -> None:
        self.agent = agent
        self.state = ""  # empty without a connection
        self.contacts: dict[str, str] = {}  # what is done about each
        self.offers: dict[str, str] = {}  # the contact of each
        self._process = process
        self._token = token
        self._connection: Any = None
        self._acts = 0

    async def run(self) -> None:
        while True:
            service = self._process.running
            if service is not None:
                try:
                    async with service.connect("/ws/desk", self._token) as self._connection:
                        await self._work()
                except (OSError, ConnectionClosed, InvalidHandshake):
                    self.state = ""
            await asyncio.sleep(COMES_BACK)

    async def act(self, kind: str, **fields: str) -> None:
        self._acts += 1
        act = {"type": kind, "id": f"{self.agent}-{time.time_ns()}-{self._acts}", **fields}
        await self._connection.send(json.dumps(act))

    async def _work(self) -> None:
        pings = asyncio.create_task(self._ping())
        try:
            async for text in self._connection:
                await self._hear(json.loads(text))
        finally:
            pings.cancel()
            await asyncio.gather(pings, return_exceptions=True)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PINGS)
            await self.act("ping")

    async def _hear(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "desk_snapshot":
                self.state = message["me"]["state"]
                self.contacts = {one["contact"]: one["doing"] for one in message["contacts"]}
                self.offers = {one["offer"]: one["contact"] for one in message["offers"]}
                if self.state != "ready":
                    await self.act("go_ready")
            case "me_changed":
                self.state = message["me"]["state"]
            case "offer_made":
                self.offers[message["offer"]["offer"]] = message["offer"]["contact"]
            case "offer_gone":
                self.offers.pop(message["offer"], None)
            case "contact_changed":
                self.contacts[message["contact"]["contact"]] = message["contact"]["doing"]
            case "contact_gone":
                self.contacts.pop(message["contact"], None)
            case _:
                pass
