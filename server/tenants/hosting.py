"""One tenant in a process of several: started, ended and begun again apart from the others.

What stops one (a file with a mistake, a database out of reach, a lease that another node took)
leaves the others as they are; it is told to the log and to the operator, and tried again. When its
lease is handed over to another node, its successor here is there before it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, nullcontext
from typing import Any, Final

import msgspec
import structlog
from starlette.types import ASGIApp

from config.mqtt import MqttRefused
from config.settings import Settings
from config.tenants import Tenant
from crm.database import DatabaseProblem, DatabaseUnavailable
from cti_adapters.asterisk.settings_file import PbxsRefused
from cti_adapters.email.settings_file import MailboxesRefused
from cti_adapters.webhook.settings_file import HooksRefused
from ivr.connectors.settings_file import ConnectorsRefused
from router.files import FilesUnavailable
from router.ports import JournalDamaged, JournalUnavailable
from server.app import create_app
from server.bootstrap import Patchbay, running
from server.catalog_upkeep import CatalogRefused
from server.flow_upkeep import FlowsRefused
from server.secret import SecretProblem
from server.shared import Shared
from server.somebody import anybody
from server.tenants.emptying import Emptying
from server.tenants.limiter import Limiter

AGAIN_SECONDS: Final = (1.0, 30.0)  # before it is tried again: at first, and at most
STARTING: Final = "It is being started."
OWN_FAULT: Final = "A fault of its own stopped it: see the log."
NOBODY: Final = (
    "Nobody could sign in: add a first user with `PATCHBAY_TENANT={tenant} patchbay user add NAME"
    " --role admin --role supervisor`."
)


class NobodyYet(Exception):
    """The tenant has no user, who could sign in."""


PROBLEMS: Final = (
    CatalogRefused,
    ConnectorsRefused,
    DatabaseProblem,
    DatabaseUnavailable,
    FilesUnavailable,
    FlowsRefused,
    HooksRefused,
    JournalDamaged,
    JournalUnavailable,
    MailboxesRefused,
    MqttRefused,
    NobodyYet,
    OSError,
    PbxsRefused,
    SecretProblem,
)

log = structlog.get_logger(__name__)


class _Life(msgspec.Struct, frozen=True, kw_only=True):
    """From a start to an end; ``stack`` ends it."""

    patchbay: Patchbay
    app: Emptying
    stack: AsyncExitStack


class Hosted:
    """``app`` is None, and ``reason`` says why, while the tenant is not served."""

    def __init__(
        self, tenant: Tenant, settings: Settings, port: int, shared: Shared, now: Callable[[], int]
    ) -> None:
        """``now`` is microseconds."""
        self.id = tenant.id
        self.hosts = tenant.hosts
        self.limiter = Limiter(tenant.limits, now())
        self.app: ASGIApp | None = None
        self.patchbay: Patchbay | None = None
        self.reason = STARTING
        self.handed_over = 0  # leases that were given to other nodes
        self.tried = asyncio.Event()  # set once it is served, or has failed
        self._settings = settings
        self._port = port
        self._shared = shared
        self._handing_over = asyncio.Event()
        self._handing = False

    def application(self) -> ASGIApp | None:
        """What serves it now."""
        return self.app

    async def run(self, start: asyncio.Semaphore) -> None:
        """Serve for ever; cancel it to stop. So many start at once as ``start`` lets."""
        structlog.contextvars.bind_contextvars(tenant=self.id)
        first, most = AGAIN_SECONDS
        pause = first
        while True:
            try:
                await self._lives(start)
                pause = first
            except PROBLEMS as problem:
                self._fails(str(problem))
            except Exception:
                log.exception("tenant_failed")
                self._fails(OWN_FAULT)
            self.tried.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, most)

    def hand_over(self) -> None:
        """Let another node write: what serves here begins again, as one that follows the log."""
        self._handing = True
        self._handing_over.set()

    @property
    def sound(self) -> bool:
        """Whether it serves, could write or does, and is not being handed over."""
        serves = self.patchbay is not None and self.patchbay.engine.health().ready
        return serves and not self._handing

    @property
    def writes(self) -> bool:
        return self.patchbay is not None and self.patchbay.in_charge()

    async def _lives(self, start: asyncio.Semaphore) -> None:
        """One after the other, until one can no longer go on. Raises one of ``PROBLEMS`` when the
        first cannot be started.
        """
        lives = [await self._begun(start)]
        try:
            while await self._hands_over(lives[-1].patchbay):
                try:
                    lives.append(await self._begun(start))
                except PROBLEMS as problem:
                    log.warning("tenant_not_handed_over", reason=str(problem))
                else:
                    await _whole(self._give_way(lives.pop(0)))
                self._handing = False
        finally:
            self.app = self.patchbay = None
            self._handing = False
            for life in lives:
                await life.stack.aclose()

    async def _begun(self, start: asyncio.Semaphore) -> _Life:
        """Pages that come from now on are its."""
        async with AsyncExitStack() as stack:
            async with start:
                patchbay = await self._started(stack)
            app = Emptying(create_app(patchbay.services))
            self.app, self.patchbay, self.reason = app, patchbay, ""
            self.tried.set()
            return _Life(patchbay=patchbay, app=app, stack=stack.pop_all())

    async def _hands_over(self, patchbay: Patchbay) -> bool:
        """Whether it is to; else it has ended."""
        ended = patchbay.ended
        asked = asyncio.create_task(self._handing_over.wait())
        try:
            both: set[asyncio.Future[Any]] = {asked, ended}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
            self._handing_over.clear()
        if ended.done():
            self._fails(ended.result())
        return not ended.done()

    async def _give_way(self, life: _Life) -> None:
        """End in order what another took the place of here, and leave its lease to other nodes."""
        spreading = self._shared.spreading
        with spreading.handing_over(self.id) if spreading else nullcontext():
            await life.app.empty()
            await life.stack.aclose()
        self.handed_over += 1
        log.info("tenant_handed_over")

    async def _started(self, stack: AsyncExitStack) -> Patchbay:
        self._settings.data_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not await anybody(self._settings):
            raise NobodyYet(NOBODY.format(tenant=self.id))
        return await stack.enter_async_context(
            running(self._settings, self._port, shared=self._shared)
        )

    def _fails(self, reason: str) -> None:
        self.reason = reason
        log.error("tenant_not_served", reason=reason)


async def _whole(ending: Coroutine[None, None, None]) -> None:
    """An end that has begun is not broken off: who is cancelled meanwhile is so after it."""
    task = asyncio.create_task(ending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
