"""Serving several tenants over HTTP and websockets until a signal ends it."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Final

import msgspec
from starlette.types import ASGIApp

from config.settings import Settings, SettingsError
from config.tenants import Tenants, TenantsRefused, check_apart, read_tenants, settings_of
from router.cluster.balance import BalancePace
from router.cluster.spreading import KEYS as NODES
from router.cluster.spreading import Spreading
from router.core.events import SCHEMA
from router.journal.redis_address import connect
from router.tasks import end
from server.http_server import HttpServer, http_server, listen
from server.interpreter import spare_what_stays, take_short_turns
from server.open_files import allow_many
from server.shared import Shared
from server.signals import EndSignals
from server.tenants.balancing import Balancing
from server.tenants.dispatcher import Dispatcher
from server.tenants.door import Door
from server.tenants.hosting import Hosted
from server.tenants.operator import OperatorPages

SAME_PORT: Final = (
    "The operator's pages and the tenants' have the same port: give the operator another,"
    " also at another address."
)
STARTED_AT_ONCE: Final = 4  # tenants: a start is mostly work of the processor


class CannotServe(Exception):
    """Not one tenant can be served as things are; the text says what to do."""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Every tenant was tried. ``not_served`` has the reasons, by tenant; they are tried again."""

    port: int
    served: int
    not_served: dict[str, str]


async def serve_tenants(
    settings: Settings, file: Path, ready: Callable[[Ready], Awaitable[None]]
) -> None:
    """Serve the tenants of ``file``; ``ready`` is called once.

    Raises ``CannotServe`` for files with mistakes, and ``PortTaken``.
    """
    tenants = _read(file)
    with EndSignals() as signals, ExitStack() as open_ports:
        listening = [open_ports.enter_context(listen(settings.host, settings.port))]
        if tenants.operator is not None:
            place = tenants.operator
            listening.append(open_ports.enter_context(listen(place.host, place.port)))
        ports = [one.getsockname()[1] for one in listening]
        if len(set(ports)) < len(ports):
            raise CannotServe(SAME_PORT)
        allow_many()
        take_short_turns()
        async with hosting(settings, tenants, ports[0]) as hosted:
            operator = OperatorPages(hosted) if tenants.operator else None
            app = dispatcher_over(hosted, ports[-1], operator)
            server = http_server(app, max_frame=settings.max_frame)
            signals.serving(server)
            await _serve(server, listening, hosted, lambda: ready(_state(ports[0], hosted)))


def _read(file: Path) -> Tenants:
    try:
        return read_tenants(file)
    except TenantsRefused as problem:
        raise CannotServe(str(problem)) from None


@asynccontextmanager
async def hosting(
    settings: Settings, tenants: Tenants, port: int, pace: BalancePace | None = None
) -> AsyncIterator[Sequence[Hosted]]:
    """The tenants, each being started; they end when the context does. In a cluster their leases
    even out at ``pace``.

    Raises ``CannotServe`` when what they were told does not go together.
    """
    try:
        own = {one.id: settings_of(one, settings, port) for one in tenants.tenants}
        check_apart(own)
    except SettingsError as problem:
        sentence = str(problem)
        raise CannotServe(f"{sentence[0].upper()}{sentence[1:]}.") from None
    async with _spreading(settings) as spreading:
        hosted = [
            Hosted(
                one,
                own[one.id],
                port,
                Shared(commands_per_second=one.limits.commands_per_second, spreading=spreading),
                now,
            )
            for one in tenants.tenants
        ]
        start = asyncio.Semaphore(STARTED_AT_ONCE)
        tasks = [asyncio.create_task(one.run(start), name=f"tenant {one.id}") for one in hosted]
        if spreading is not None:
            balancing = Balancing(spreading, hosted, now, pace).run()
            tasks.append(asyncio.create_task(balancing, name="balancing"))
        try:
            yield hosted
        finally:
            if spreading is not None:
                await spreading.leave()
            await end(*tasks)


@asynccontextmanager
async def _spreading(settings: Settings) -> AsyncIterator[Spreading | None]:
    """Over the nodes of a cluster, while the context is entered."""
    if settings.redis_url is None:
        yield None
        return
    async with connect(settings.redis_url.get_secret_value(), NODES[0]) as redis:
        name = f"{settings.node_name or socket.gethostname()}-{secrets.token_hex(3)}"
        spreading = Spreading(redis, name, version=_version())
        await spreading.exchange()
        telling = asyncio.create_task(spreading.run(), name="spreading")
        try:
            yield spreading
        finally:
            await end(telling)


def _version() -> str:
    """What must be the same on all nodes before leases move for no other reason."""
    try:
        program = installed("patchbay")
    except PackageNotFoundError:
        program = "from its source"
    return f"{program}, schema {SCHEMA}"


def dispatcher_over(
    hosted: Sequence[Hosted], operator_port: int, operator: OperatorPages | None
) -> Dispatcher:
    doors: dict[str, tuple[str, ASGIApp]] = {}
    for one in hosted:
        door = Door(one.limiter, one.application, now)
        doors |= dict.fromkeys(one.hosts, (one.id, door))
    return Dispatcher(doors, operator_port, operator)


async def _serve(
    server: HttpServer,
    listening: list[socket.socket],
    hosted: Sequence[Hosted],
    ready: Callable[[], Awaitable[None]],
) -> None:
    announcing = asyncio.create_task(_announce(hosted, ready))
    try:
        await server.serve(sockets=listening)
    finally:
        await end(announcing)


async def _announce(hosted: Sequence[Hosted], ready: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(one.tried.wait() for one in hosted))
    spare_what_stays()
    await ready()


def _state(port: int, hosted: Sequence[Hosted]) -> Ready:
    away = {one.id: one.reason for one in hosted if one.app is None}
    return Ready(port=port, served=len(hosted) - len(away), not_served=away)


def now() -> int:
    """Microseconds that only ever grow: limits count differences."""
    return time.monotonic_ns() // 1_000
