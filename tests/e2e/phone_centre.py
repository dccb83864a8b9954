"""A service whose telephone system is an Asterisk of the test's own, and its agents' softphones."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx

from config.settings import load_settings
from cti_adapters.asterisk.phone_secrets import PURPOSE, phone_password
from router.core.durations import HOUR
from server.accounts import User
from server.app import create_app
from server.bootstrap import Patchbay, running
from server.guard import COOKIE
from server.http_server import http_server, listen
from server.pages import STATIC
from server.roles import Role
from server.secret import derived
from tests.asterisk.server import AsteriskServer

SECRET = "the same at every start of this test"
SYSTEM = "main"
NUMBER = "100"  # where customers call
PATIENCE = 60  # seconds; the machine may be busy
CATALOG = """
time_zone: Europe/London
skills: {english: English}
queues:
  billing: {label: Billing English, wrap_up: 30s, dispositions: [Solved], offer_for: 60s}
profiles:
  all: {label: Everything, queues: [billing], capacity: {voice: 1, chat: 3}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  line: {label: Customer line, channel: voice, queue: billing}
"""

SYSTEMS = """
pbxs:
  {system}:
    port: {asterisk.ports.ami}
    username: {asterisk.site.router.name}
    secret: {asterisk.site.router.secret}
    numbers: {{"{number}": line}}
    softphone: {{websocket: "{asterisk.websocket}"}}
"""
SPOKEN = "    sounds: {asterisk.sounds}\n"

Found = TypeVar("Found")


def password_of(agent: str) -> str:
    """What the agent's softphone registers with."""
    return phone_password(derived(SECRET.encode(), PURPOSE), SYSTEM, agent)


class PhoneCentre:
    """Runs in a thread, so that Playwright's own loop is left alone."""

    def __init__(
        self,
        folder: Path,
        asterisk: AsteriskServer,
        *,
        catalog: str = CATALOG,
        systems: str = SYSTEMS,
        staff: Mapping[str, Role] | None = None,
    ) -> None:
        """``staff``: people without a desk, by user name."""
        self._folder = folder
        self._catalog = catalog
        self._systems = systems
        self._staff = staff or {}
        self._asterisk = asterisk
        self._started = threading.Event()
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._patchbay: Patchbay | None = None
        self._failure: Exception | None = None
        self._clients: dict[str, httpx.Client] = {}
        self.url = ""

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(PATIENCE), "the service did not start"
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        for client in self._clients.values():
            client.close()
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(PATIENCE)
        if self._failure is not None:
            raise self._failure

    def api(self, user: str) -> httpx.Client:
        """A client that is signed in; one session for each user."""
        if user not in self._clients:
            patchbay = self.patchbay
            now = patchbay.clock.now()
            token = self._do(patchbay.accounts.open_session(user, now, HOUR))
            client = httpx.Client(
                base_url=self.url,
                headers={"Origin": self.url},
                cookies={COOKIE: token},
                timeout=PATIENCE,
            )
            self._clients[user] = client
        return self._clients[user]

    @property
    def patchbay(self) -> Patchbay:
        assert self._patchbay is not None, "the service does not run"
        return self._patchbay

    def _do(self, work: Coroutine[Any, Any, Found]) -> Found:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._run()
        except Exception as failure:  # noqa: BLE001 - told to the test, in its own thread
            self._failure = failure
        finally:
            self._started.set()

    async def _run(self) -> None:
        catalog, systems = self._folder / "catalog.yaml", self._folder / "asterisk.yaml"
        catalog.write_text(self._catalog, encoding="utf-8")
        text = self._systems.format(system=SYSTEM, asterisk=self._asterisk, number=NUMBER)
        systems.write_text(text, encoding="utf-8")
        settings = load_settings(
            data_directory=self._folder,
            catalog_path=catalog,
            asterisk_path=systems,
            secret_key=SECRET,
            region="GB",
        )
        with listen("127.0.0.1", 0) as listening:
            port = listening.getsockname()[1]
            async with running(settings, port) as patchbay:
                self._patchbay = patchbay
                self.url = f"http://127.0.0.1:{port}"
                for agent in ("ann", "ben"):
                    user = User(id=agent, name=agent, roles=frozenset({Role.AGENT}), agent=agent)
                    await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
                for name, role in self._staff.items():
                    user = User(id=name, name=name, roles=frozenset({role}))
                    await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
                app = create_app(patchbay.services, static=STATIC)
                server = http_server(app, max_frame=settings.max_frame)
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                while not server.started:  # noqa: ASYNC110 - uvicorn does not say
                    await asyncio.sleep(0.02)
                self._started.set()
                await self._ending.wait()
                server.should_exit = True
                await serving
