"""Two tenants in one process, alike in every name: what is one's cannot be known by its words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import websockets

from config.settings import load_settings
from config.tenants import read_tenants
from crm.database import Database
from router.clock import SystemClock
from router.cluster.balance import BalancePace
from router.core.commands import Accept, SetReady, SignIn
from router.core.durations import HOUR
from router.ports import Accepted, Arrival
from server.accounts import AccountStore, User
from server.guard import COOKIE
from server.http_server import http_server, listen
from server.roles import Role
from server.tenants.hosting import Hosted
from server.tenants.operator import OperatorPages
from server.tenants.serving import dispatcher_over, hosting
from tests import migrated
from tests.integration.conftest import CATALOG, PEOPLE
from tests.integration.live import comes

TENANTS = ("acme", "globex")
CONTACT = "call-1"
ALL = "all roles"
EVERYBODY = User(id="eve", name="Eve", roles=frozenset(Role), agent="ben")


def mark_of(tenant: str) -> str:
    """What stands in everything that is this tenant's, and nowhere else."""
    return f"only-of-{tenant}"


class Sides:
    """Both tenants. ``tokens`` are session cookies, by tenant and role."""

    def __init__(self, hosted: Mapping[str, Hosted], port: int, operator_port: int) -> None:
        self.hosted = hosted
        self.port = port
        self.operator = f"http://127.0.0.1:{operator_port}"
        self.tokens: dict[tuple[str, str], str] = {}
        self._clients: list[httpx.AsyncClient] = []

    def client(self, host: str, cookie: str = "", **headers: str) -> httpx.AsyncClient:
        """Somebody at the pages of ``host``; closed at the end."""
        made = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Host": host, "Origin": f"https://{host}", **headers},
            cookies={COOKIE: cookie} if cookie else {},
            timeout=60,
        )
        self._clients.append(made)
        return made

    def socket(self, host: str, path: str, cookie: str = "") -> Any:
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        return websockets.connect(
            f"ws://{host}:{self.port}{path}",
            host="127.0.0.1",
            port=self.port,
            origin=f"https://{host}",
            additional_headers=headers,
            proxy=None,
            max_queue=None,
        )

    async def at_work(self) -> None:
        """At each the same happens: an agent talks to a known customer."""
        for tenant, one in self.hosted.items():
            assert one.patchbay is not None
            mark, intake = mark_of(tenant), one.patchbay.intake
            admin = self.client(f"{tenant}.test", self.tokens[tenant, "supervisor"])
            body = {"name": mark, "identities": [{"kind": "phone", "value": "+441632960001"}]}
            made = await admin.post("/api/v1/customers", json=body)
            assert made.status_code < 300, made.text
            sink = one.patchbay.sink
            await sink.submit(SignIn(id="in", agent="ann"))
            await sink.submit(SetReady(id="ready", agent="ann"))
            arrival = Arrival(
                contact=CONTACT, channel="voice", address="+441632960001", entry_point="line"
            )
            assert isinstance(await intake.receive(arrival), Accepted)
            state = one.patchbay.replica.state
            offer = state.contacts[CONTACT].offers["ann"]
            await sink.submit(Accept(id="accept", offer=offer))

    async def close(self) -> None:
        for one in self._clients:
            await one.aclose()


async def _prepared(folder: Path, tenant: str) -> dict[str, str]:
    """Its folder with its people, and a session for each."""
    folder.mkdir(parents=True)  # noqa: ASYNC240 - takes no time
    migrated.put_into(folder)
    database, now = Database(f"sqlite:///{folder / 'patchbay.db'}"), SystemClock().now()
    accounts, tokens = AccountStore(database), {}
    for role, user in {**PEOPLE, ALL: EVERYBODY}.items():
        await accounts.add_user(user, "no password fits", now)
        tokens[role] = await accounts.open_session(user.id, now, HOUR)
    await database.close()
    mark = mark_of(tenant)
    named = CATALOG.replace("{label: Help,", f"{{label: {mark},").replace("Ann Lindqvist", mark)
    (folder / "catalog.yaml").write_text(named.replace("Everything", mark))
    return tokens


@asynccontextmanager
async def two_tenants(
    folder: Path, lines: str = "", pace: BalancePace | None = None, **given: object
) -> AsyncIterator[Sides]:
    """Both are served over HTTP. ``lines`` are more of each one's settings, ``given`` are the
    installation's.
    """
    tokens: dict[tuple[str, str], str] = {}
    document = ["tenants:"]
    for tenant in TENANTS:
        own = folder / "data" / tenant
        for role, token in (await _prepared(own, tenant)).items():
            tokens[tenant, role] = token
        told = f"PATCHBAY_CATALOG_PATH={own / 'catalog.yaml'}\n{lines}"
        (folder / f"{tenant}.env").write_text(told.replace("TENANT", tenant))
        document.append(f"  {tenant}: {{hosts: [{tenant}.test], settings: {tenant}.env}}")
    (folder / "tenants.yaml").write_text("\n".join([*document, "operator: {port: 0}"]))
    tenants = read_tenants(folder / "tenants.yaml")
    settings = load_settings(data_directory=folder / "data", region="GB", **given)
    async with AsyncExitStack() as stack:
        places = [stack.enter_context(listen("127.0.0.1", 0)) for _ in range(2)]
        port, operator_port = (one.getsockname()[1] for one in places)
        hosted = await stack.enter_async_context(hosting(settings, tenants, port, pace))
        app = dispatcher_over(hosted, operator_port, OperatorPages(hosted))
        server = http_server(app, max_frame=settings.max_frame)
        task = asyncio.create_task(server.serve(sockets=places))
        sides = Sides({one.id: one for one in hosted}, port, operator_port)
        sides.tokens = tokens
        try:
            await comes(lambda: server.started)
            async with asyncio.timeout(60):
                await asyncio.gather(*(one.tried.wait() for one in hosted))
            yield sides
        finally:
            await sides.close()
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await task
