"""A service with a mailbox on real mail servers, its agents, and a customer who writes mails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx

from config.settings import load_settings
from router.core.durations import HOUR
from router.ports import Arrival
from server.accounts import User
from server.app import create_app
from server.bootstrap import Patchbay, running
from server.guard import COOKIE
from server.http_server import http_server, listen
from server.pages import STATIC
from server.roles import Role
from tests.mail.servers import MailServers

PATIENCE = 60  # seconds; the machine may be busy
CATALOG = """
time_zone: Europe/London
skills: {english: English}
queues:
  help: {label: Help desk, wrap_up: 30s, dispositions: [Solved], offer_for: 60s}
profiles:
  all: {label: Everything, queues: [help], capacity: {chat: 3, email: 6}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  post: {label: Mail, channel: email, queue: help}
"""
MAILBOXES = """
mailboxes:
  help:
    address: {address}
    name: Help desk
    entry_point: post
    password_file: {folder}/secret
    imap: {{host: localhost, port: {ports.imaps}, ca_file: {ca_file}}}
    smtp: {{host: localhost, port: {ports.submissions}, ca_file: {ca_file}}}
    from_the_first: true
    undo: 6s
    signature: |
      Kind regards
      Help desk
"""

Found = TypeVar("Found")


class MailCentre:
    """Runs in a thread, so that Playwright's own loop is left alone."""

    def __init__(
        self,
        folder: Path,
        servers: MailServers,
        *,
        catalog: str = CATALOG,
        mailbox: bool = True,
        site_secret: str = "",
        **settings: object,
    ) -> None:
        """``site_secret`` is what its own pages sign visitors with; empty: they do not."""
        self._catalog = catalog
        self._mailbox = mailbox
        self._site_secret = site_secret
        self._settings = settings
        self._folder = folder
        self.servers = servers
        self.address, password = servers.add_user()
        self.customer, _ = servers.add_user()
        (folder / "secret").write_text(password, encoding="utf-8")
        self._started = threading.Event()
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._patchbay: Patchbay | None = None
        self._failure: Exception | None = None
        self._clients: dict[str, httpx.Client] = {}
        self._letters = 0
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
            assert self._patchbay is not None, "the service does not run"
            now = self._patchbay.clock.now()
            token = self._do(self._patchbay.accounts.open_session(user, now, HOUR))
            self._clients[user] = httpx.Client(
                base_url=self.url,
                headers={"Origin": self.url},
                cookies={COOKIE: token},
                timeout=PATIENCE,
            )
        return self._clients[user]

    # -- the customer -------------------------------------------------------------------------

    def write(self, mail: EmailMessage) -> None:
        """The mail comes from outside."""
        whole = policy.SMTP.clone(max_line_length=900)  # a folded Message-ID would be encoded
        self.servers.deliver(self.customer, self.address, mail.as_bytes(policy=whole))

    def letter(self, text: str, html: str = "", **headers: str) -> EmailMessage:
        """A mail of the customer's; headers with ``_`` for ``-``."""
        self._letters += 1
        mail = EmailMessage()
        usual = {
            "From": f"María Díaz <{self.customer}>",
            "To": self.address,
            "Subject": "My order 4411",
            "Message-ID": f"<{self._letters}.{self.customer}>",
        }
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {**usual, **given}.items():
            mail[name] = value
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        return mail

    def answers(self, count: int = 1) -> list[EmailMessage]:
        """What the customer got; waits for that many."""
        found = self.servers.wait_for_mails(self.customer, count)
        return [message_from_bytes(raw, policy=policy.default) for raw in found]

    def call(self, contact: str, number: str) -> None:
        """Somebody calls; no telephone system is behind it."""
        assert self._patchbay is not None, "the service does not run"
        arrival = Arrival(contact=contact, channel="voice", address=number, entry_point="line")
        self._do(self._patchbay.intake.receive(arrival))

    # -- inside -------------------------------------------------------------------------------

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
        catalog, mailboxes = self._folder / "catalog.yaml", self._folder / "mailboxes.yaml"
        catalog.write_text(self._catalog, encoding="utf-8")
        text = MAILBOXES.format(
            address=self.address,
            folder=self._folder,
            ports=self.servers.ports,
            ca_file=self.servers.ca_file,
        )
        mailboxes.write_text(text, encoding="utf-8")
        with listen("127.0.0.1", 0) as listening:
            port = listening.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            settings = load_settings(
                data_directory=self._folder,
                catalog_path=catalog,
                mailboxes_path=mailboxes if self._mailbox else None,
                chat_site_secrets={self.url: self._site_secret} if self._site_secret else {},
                region="GB",
                **self._settings,
            )
            async with running(settings, port) as patchbay:
                self._patchbay = patchbay
                for agent in ("ann", "ben"):
                    user = User(id=agent, name=agent, roles=frozenset({Role.AGENT}), agent=agent)
                    await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
                server = http_server(
                    create_app(patchbay.services, static=STATIC), max_frame=settings.max_frame
                )
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                while not server.started:  # noqa: ASYNC110 - uvicorn does not say
                    await asyncio.sleep(0.02)
                self._started.set()
                await self._ending.wait()
                server.should_exit = True
                await serving
