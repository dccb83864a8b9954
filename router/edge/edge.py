"""The open edge: one connection after another to the broker, for as long as Patchbay runs.

Nothing here keeps contacts out: while the broker is away events wait in the journal, where they
are anyway, and ``problem`` says so.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec

from router.core.durations import SECOND
from router.edge.connection import BrokerLost, BrokerRefuses, Connection, all_of
from router.edge.desk import CommandDesk, Counted
from router.edge.messages import status
from router.edge.naming import Topics
from router.edge.pump import EventPump, Follow, PositionStore, PositionUnavailable
from router.edge.settings import EdgeSettings
from router.edge.views import Figures, RetainedViews
from router.ports import Clock, CommandSink, EngineStopped, StillWrites, nobody_else_does
from router.replica import Replica

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between two attempts
STEADY: Final = 60 * SECOND  # a connection that lasted so long was none of several failures
FAREWELL: Final = 2.0  # seconds to say goodbye
STOPPING: Final = 5.0  # seconds until what does not end is asked to end again

log = logging.getLogger(__name__)


class EdgeParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the edge needs of the rest: the log to read, its fold, and where commands go."""

    replica: Replica
    follow: Follow
    sink: CommandSink
    store: PositionStore
    clock: Clock
    figures: Figures
    counted: Counted
    still_writes: StillWrites = nobody_else_does


class Edge:
    """``start`` it, ``stop`` it, as often as you like. ``problem`` is a sentence for the operator,
    empty when well.
    """

    def __init__(
        self,
        settings: EdgeSettings,
        parts: EdgeParts,
        *,
        chance: random.Random | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.connected = False
        self.problem = ""
        self._settings = settings
        self._parts = parts
        self._topics = topics = Topics(settings.tenant)
        self._chance = chance or random.Random()  # noqa: S311 - no secret
        self._pause = pause
        self._pump = EventPump(parts.follow, parts.store, topics, settings.privacy)
        self._views = RetainedViews(
            parts.replica,
            parts.figures,
            parts.follow,
            topics,
            clock=parts.clock,
            figures_every=settings.figures_every,
        )
        self._desk = CommandDesk(parts.sink, topics, settings, parts.clock, parts.counted)
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def position(self) -> int:
        """Of the journal: everything up to it the broker has."""
        return self._pump.position

    @property
    def behind(self) -> int:
        """How many entries the broker has not been told yet."""
        return max(self._parts.replica.position - self._pump.position, 0)

    async def start(self) -> None:
        """Return at once, whether the broker is there or not."""
        now = self._parts.replica.position
        self._stopping = False
        self._tasks = [
            asyncio.create_task(self._run(now), name="mqtt edge"),
            asyncio.create_task(self._pump.keep(), name="mqtt position"),
        ]

    async def stop(self) -> None:
        """Say goodbye, and write down what the broker has."""
        self._stopping = True
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=STOPPING)
        self._tasks = []
        await self._pump.save()

    async def _run(self, now: int) -> None:
        """``now`` is the newest entry that was there at the start."""
        while not await self._has_begun(now):
            await self._pause(FIRST_PAUSE)
        failures = 0
        while not self._stopping:
            began = self._parts.clock.now()
            try:
                await self._connected_once(began)
            except EngineStopped:
                return
            except (BrokerLost, BrokerRefuses) as problem:
                self._note(str(problem))
            except Exception:
                log.exception("the MQTT edge failed; it connects again")
                self.problem = "The MQTT edge failed: the log says why. It tries again."
            lasted = self._parts.clock.now() - began
            failures = 1 if lasted >= STEADY else failures + 1
            await self._pause(self._seconds_after(failures))

    async def _has_begun(self, now: int) -> bool:
        try:
            await self._pump.begin(now)
        except PositionUnavailable as problem:
            self.problem = f"What was told over MQTT cannot be read: {problem}"
            return False
        return True

    def _seconds_after(self, failures: int) -> float:
        """A random time between half and whole: not all that lost a broker come back at once."""
        whole = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE)
        return self._chance.uniform(whole / 2, whole)

    def _note(self, why: str) -> None:
        at = f"{self._settings.host}:{self._settings.port}"
        if not self.problem:
            log.warning("the MQTT broker %s: %s; events wait in the journal", at, why)
        self.problem = f"The MQTT broker {at} cannot be used: {why}. Events wait in the journal."

    async def _connected_once(self, session: int) -> None:
        """Work on one connection until it is over. Raises why."""
        settings, topics = self._settings, self._topics
        await self._parts.still_writes()
        connection = Connection(
            settings,
            f"patchbay-{settings.tenant}-{settings.node}",
            will=status("offline", settings.node, session, topics),
            on_retained=self._views.found,
        )
        await connection.open()
        try:
            if self._stopping:  # connecting may forget that it was cancelled
                return
            await self._desk.listen(connection)  # online is who hears commands
            await connection.told(status("online", settings.node, session, topics))
            self._is_connected()
            await self._work(connection)
        finally:
            self.connected = False
            if not connection.lost:
                with suppress(BrokerLost, BrokerRefuses, TimeoutError):
                    async with asyncio.timeout(FAREWELL):
                        await connection.told(status("offline", settings.node, session, topics))
            await connection.close()

    def _is_connected(self) -> None:
        self.connected = True
        self.problem = ""
        log.info(
            "connected to the MQTT broker %s:%d; %d entries are to be told",
            self._settings.host,
            self._settings.port,
            self.behind,
        )

    async def _work(self, connection: Connection) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.ends())
                group.create_task(self._pump.run(connection))
                group.create_task(self._views.run(connection))
                group.create_task(self._desk.run(connection))
        except ExceptionGroup as problems:
            raise _first(problems) from None


def _first(problems: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one that says most about what happened."""
    flat = all_of(problems)
    known = (EngineStopped, BrokerRefuses, BrokerLost)
    unknown = [one for one in flat if not isinstance(one, known)]
    named = [one for kind in known for one in flat if isinstance(one, kind)]
    return (unknown + named)[0]
