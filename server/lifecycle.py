"""How the parts are set going, in order; whoever starts them ends them in reverse.

Of a cluster every node serves, and the one that writes has the duties.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from crm.database import DatabaseUnavailable
from cti_adapters.email.ports import StoreUnavailable as MailsUnavailable
from cti_adapters.webhook.ports import StoreUnavailable as HooksUnavailable
from router.cluster.node import Node
from router.cluster.presence import SharedPresence
from router.journal.redis import KEPT_BEHIND
from router.journal.redis_name import give_name
from router.ports import EngineStopped, JournalUnavailable, Overloaded
from server.catalog_upkeep import CatalogRefused, keep_hours_ahead, put_in_force
from server.cut_off import CutOff
from server.flow_upkeep import FlowsRefused, publish_missing
from server.followers import Follower
from server.left_halfway import LeftHalfway
from server.statistics_file import keep_statistics
from server.stores import statistics_file

if TYPE_CHECKING:
    from server.bootstrap import Patchbay

LOOK_AT_DESKS_SECONDS = 1.0
AGAIN_SECONDS = 1.0
OUTAGES = (DatabaseUnavailable, JournalUnavailable, Overloaded, MailsUnavailable, HooksUnavailable)
TAIL = 20_000  # entries read at start for the timelines of contacts

DoneT = TypeVar("DoneT")
log = structlog.get_logger(__name__)


class Step(Protocol):
    """How a part of a start is done: see ``at_once`` and ``insist``."""

    async def __call__(self, work: Callable[[], Awaitable[DoneT]]) -> DoneT: ...


class Lifecycle:
    """Of one ``Patchbay``."""

    def __init__(self, parts: Patchbay) -> None:
        self._parts = parts

    async def start(self, stack: AsyncExitStack) -> None:
        """Set everything going; ``stack`` ends it again in reverse."""
        parts = self._parts
        stack.push_async_callback(parts.pops.close)
        stack.push_async_callback(parts.followers.finish)
        parts.followers.start(self._followers_everywhere())
        stack.push_async_callback(parts.engine.stop)
        if isinstance(parts.engine, Node):
            await self._join(parts.engine, stack)
        else:
            await parts.engine.start()
            await self._serve(stack)
            await self._take_duties(stack, at_once)

    async def _join(self, node: Node, stack: AsyncExitStack) -> None:
        """Serve as one of several; the duties come with the lease."""
        parts = self._parts
        await self._serve(stack)
        duties = await stack.enter_async_context(AsyncExitStack())
        if isinstance(parts.elsewhere, SharedPresence):
            stack.push_async_callback(parts.elsewhere.leave)
            parts.background.start("presence", parts.elsewhere.run())
        if parts.whispers is not None:
            parts.background.start("whispers", parts.whispers.run())
        pages = (parts.desk.close, parts.board.close, parts.chat.close_pages)
        parts.background.start("cut off", CutOff(lambda: node.silent, pages).run())
        halfway = LeftHalfway(parts.intake, parts.flows, parts.replica, parts.in_charge)
        parts.background.start("left halfway", halfway.run())

        async def on_writing() -> None:
            history = parts.stores.history
            await insist(self._name_the_log)
            await insist(lambda: history.take_up(last=parts.replica.position))
            parts.chat.take_up()
            try:
                await self._take_duties(duties, insist)
            except (CatalogRefused, FlowsRefused) as problem:
                raise EngineStopped(str(problem)) from problem

        await node.start(on_writing)
        stack.push_async_callback(node.end_duties)  # before what they began is ended
        stack.callback(node.stand_down)

    async def _name_the_log(self) -> None:
        """A Redis that had lost all of it is given the log back by nodes, and nobody else would
        know that it is the same.
        """
        stores, tenant = self._parts.stores, self._parts.settings.tenant
        if stores.redis is not None:
            await give_name(stores.redis, tenant, stores.log_name)

    async def _serve(self, stack: AsyncExitStack) -> None:
        """What every node does: pages and their connections, from what the replica holds."""
        parts = self._parts
        stack.callback(parts.desk.close)
        stack.callback(parts.board.close)
        stack.push_async_callback(parts.background.stop)
        parts.background.start("desk timer", parts.desk.run())
        parts.background.start("board timer", parts.board.run())
        parts.background.start("session watch", parts.watch.run())
        kept = keep_statistics(statistics_file(parts.settings), parts.stores.statistics)
        parts.background.start("statistics file", kept)
        await parts.flow_library.load()
        stack.callback(parts.connectors.close)
        stack.callback(parts.resolver.close)
        stack.push_async_callback(parts.flows.close)
        stack.push_async_callback(parts.intake.close)
        stack.push_async_callback(parts.chat.stop)
        await parts.chat.start()

    async def _take_duties(self, stack: AsyncExitStack, step: Step) -> None:
        """What one process does for all: upkeep, what was left halfway, other systems. Each is a
        ``step``, which may be tried again.
        """
        parts = self._parts
        parts.followers.start(await step(self._followers_on_duty))
        if (catalog := parts.settings.catalog_path) is not None:
            await step(lambda: put_in_force(parts.publisher, catalog, parts.clock))
        parts.background.start("retention", parts.retention.run())
        parts.background.start("opening hours", keep_hours_ahead(parts.publisher, parts.clock))
        if (folder := parts.settings.flows_path) is not None:
            publisher = parts.flow_publisher
            await step(lambda: publish_missing(publisher, parts.replica, folder, parts.clock))
        await step(parts.intake.recover)
        parts.flows.start()
        for adapter in parts.adapters.values():
            if adapter is not parts.chat:
                stack.push_async_callback(adapter.stop)
                await step(adapter.start)
        if parts.edge is not None:
            stack.push_async_callback(parts.edge.stop)
            await parts.edge.start()
        if parts.branches is not None:
            stack.push_async_callback(parts.branches.stop)
            await parts.branches.start()
        if parts.played is not None:
            parts.background.start("understudies", self._watch_understudies())
            for part in (parts.played.agents, parts.played.visitors):
                stack.push_async_callback(part.stop)
                await part.start()

    def _followers_everywhere(self) -> list[Follower]:
        """Each from where it stands; what lives in memory begins with what the replica holds."""
        parts = self._parts
        now, figures = parts.replica.position, parts.stores.statistics.position
        return [
            Follower("desk", parts.desk.handle, now),
            Follower("board", parts.board.handle, max(figures, now - KEPT_BEHIND)),
            Follower("timeline", parts.stores.timelines.handle, max(now - TAIL, 0)),
            Follower("metrics", parts.metrics.handle, now),
            Follower("flow versions", parts.stores.flow_versions.handle, now),
            Follower("flow library", parts.flow_library.handle, now),
            Follower("flows", parts.flows.handle, now),
            Follower("flow figures", parts.flow_figures.handle, max(now - TAIL, 0)),
            Follower("webchat", parts.chat.handle, now),
        ]

    async def _followers_on_duty(self) -> list[Follower]:
        parts = self._parts
        now = parts.replica.position
        apart = (parts.hooks, parts.chat)
        followed = {n: one.handle for n, one in parts.adapters.items() if one not in apart}
        if parts.played is not None:
            followed["simulated agents"] = parts.played.agents.handle
        return [
            Follower("history", parts.stores.history.handle, parts.stores.history.position()),
            Follower("catalog", parts.versions.handle, await self._versions_position(now)),
            Follower("webhook", parts.hooks.handle, await parts.hooks.position(now)),
            *(Follower(name, handle, now) for name, handle in followed.items()),
        ]

    async def _versions_position(self, now: int) -> int:
        """When the catalog in force is kept, no later one is missing."""
        parts = self._parts
        version, position = await parts.versions.newest(up_to=now)
        return now if version == parts.replica.state.catalog.version else position

    async def _watch_understudies(self) -> None:
        parts = self._parts
        while True:
            await asyncio.sleep(LOOK_AT_DESKS_SECONDS)
            parts.understudies.look(parts.watch.agents(), parts.clock.now())


async def at_once(work: Callable[[], Awaitable[DoneT]]) -> DoneT:
    """A step that ends the start when it fails: an operator is looking."""
    return await work()


async def insist(work: Callable[[], Awaitable[DoneT]]) -> DoneT:
    """A step of a node that has become the writer: an outage of the moment must not end it as well.
    Raises ``EngineStopped``, and what is no outage.
    """
    while True:
        try:
            return await work()
        except EngineStopped:
            raise
        except OUTAGES as outage:
            log.warning("duty_waits", reason=str(outage))
            await asyncio.sleep(AGAIN_SECONDS)
