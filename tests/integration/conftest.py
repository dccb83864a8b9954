"""A whole Patchbay in a temporary directory, and people who are signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from config.settings import Settings, load_settings
from router.core.commands import Accept, Command, SetReady, SignIn
from router.core.durations import HOUR
from router.core.model import AgentState
from router.ports import Accepted, Arrival
from server.accounts import User
from server.app import create_app
from server.bootstrap import Patchbay, running
from server.building.played import Simulation
from server.guard import COOKIE
from server.roles import Role
from tests import migrated
from tests.redis.fixtures import redis, redis_server, tenant  # noqa: F401 - fixtures

ORIGIN = "http://127.0.0.1:8080"
CHAT_SITE = "https://shop.example"

CATALOG = """
time_zone: Europe/London
skills: {english: English, spanish: Spanish}
queues:
  help: {label: Help, steps: [{ask: {english: 1}}], wrap_up: 30s, dispositions: [Solved, Other]}
  ayuda: {label: Ayuda, steps: [{ask: {spanish: 3}}]}
profiles:
  all: {label: Everything, queues: [help, ayuda], capacity: {voice: 1, chat: 3}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9, spanish: 5}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  line: {label: Customer line, channel: voice, queue: help}
  website:
    label: Chat with us
    channel: chat
    queue: help
    choices:
      es: {queue: ayuda, label: En español}
"""

PEOPLE = {
    "agent": User(id="ann", name="Ann", roles=frozenset({Role.AGENT}), agent="ann"),
    "supervisor": User(id="sue", name="Sue", roles=frozenset({Role.SUPERVISOR})),
    "admin": User(id="adam", name="Adam", roles=frozenset({Role.ADMIN})),
}


class Centre:
    """A running Patchbay with shortcuts for tests."""

    def __init__(self, patchbay: Patchbay, static: Path) -> None:
        self.patchbay = patchbay
        self.app = create_app(patchbay.services, static=static)
        self._commands = 0

    def client(self, *, cookie: str = "", origin: str | None = ORIGIN) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport,
            base_url=ORIGIN,
            cookies={COOKIE: cookie} if cookie else {},
            headers={"Origin": origin} if origin else {},
        )

    async def token(self, role: str) -> str:
        now = self.patchbay.clock.now()
        return await self.patchbay.accounts.open_session(PEOPLE[role].id, now, HOUR)

    async def signed_in(self, role: str) -> httpx.AsyncClient:
        return self.client(cookie=await self.token(role))

    async def do(self, command: Command) -> Accepted:
        outcome = await self.patchbay.sink.submit(command)
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def next_id(self) -> str:
        self._commands += 1
        return f"test-{self._commands}"

    async def call(self, contact: str, address: str = "+441632960001") -> None:
        arrival = Arrival(contact=contact, channel="voice", address=address, entry_point="line")
        outcome = await self.patchbay.intake.receive(arrival)
        assert isinstance(outcome, Accepted), outcome

    async def ready(self, agent: str) -> None:
        if self.patchbay.replica.state.agents[agent].state is AgentState.SIGNED_OUT:
            await self.do(SignIn(id=self.next_id(), agent=agent))
        await self.do(SetReady(id=self.next_id(), agent=agent))

    async def accept(self, contact: str, agent: str) -> None:
        offer = self.patchbay.replica.state.contacts[contact].offers[agent]
        await self.do(Accept(id=self.next_id(), offer=offer))


def settings_in(folder: Path, **given: object) -> Settings:
    catalog = folder / "catalog.yaml"
    catalog.write_text(CATALOG, encoding="utf-8")
    values: dict[str, object] = {
        "data_directory": folder,
        "catalog_path": catalog,
        "chat_sites": (CHAT_SITE,),
        "region": "GB",
    }
    return load_settings(**(values | given))


@pytest.fixture
def simulation() -> Simulation | None:
    """Nobody is played, unless a test module says otherwise."""
    return None


@pytest.fixture
async def centre(tmp_path: Path, simulation: Simulation | None) -> AsyncIterator[Centre]:
    migrated.put_into(tmp_path)
    async with running(settings_in(tmp_path), 8080, simulation) as patchbay:
        for user in PEOPLE.values():
            await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
        yield Centre(patchbay, tmp_path / "static")
