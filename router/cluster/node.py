"""One of several processes that serve a tenant: it follows the log, and writes when it must.

A node begins as a replica. When nobody holds the lease it takes it, reads what is left of the log
and decides from then on; the others go on following. A writer that another has replaced never
becomes a replica again: what it shows may rest on timers and duties that are another's by now, so
it ends, and its process begins anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from redis.asyncio import Redis

from router.clock import SystemClock
from router.cluster.forwarding import Forwarding
from router.cluster.hearing import STALE, Hearing
from router.cluster.outage import Outage
from router.cluster.serving import CommandService
from router.cluster.spreading import Spreading
from router.cluster.tail import LogDiverged, Tail
from router.cluster.word import EVERY, Word
from router.core.commands import Command
from router.core.durations import SECOND
from router.core.events import Entry
from router.decider import Decider
from router.engine import Engine, EngineLimits, Health
from router.followers import Followers
from router.journal.redis import RedisJournal
from router.lease import LASTS, Lease, LeaseUnknown
from router.ports import (
    Clock,
    EngineStopped,
    Journal,
    JournalDamaged,
    JournalUnavailable,
    NotTheWriter,
    Outcome,
    OutcomeUnknown,
    Overloaded,
)
from router.recovery import recover
from router.replica import Replica
from router.tasks import end

LOOK: Final = 200  # milliseconds a replica waits for entries before it looks at the lease
PAUSE: Final = 0.2  # seconds, while Redis is out of reach
ORDERLY: Final = 2.0  # seconds for the commands of others in hand; who asked asks again
ENDING: Final = 15.0  # seconds that the lease is kept while duties come to their end

Duties = Callable[[], Coroutine[None, None, None]]

_log = logging.getLogger(__name__)


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """``lease`` in microseconds; ``renew`` and ``contend`` are seconds between two tries;
    ``replicas`` of Redis must have an entry before anybody hears of it.
    """

    lease: int = LASTS
    renew: float = 0.5
    contend: float = 0.25
    replicas: int = 0


class Node:
    """To the rest of the program what the ``Engine`` is where there is one machine.

    Make it with ``open``. ``name`` is unique among nodes and starts of them. ``ended`` is done when
    the node can no longer serve, with a sentence that says why.
    """

    def __init__(
        self,
        redis: Redis,
        tenant: str,
        name: str,
        *,
        replica: Replica,
        journal: RedisJournal,
        clock: Clock,
        limits: EngineLimits,
        timing: Timing,
        measured: Callable[[Journal], Journal],
        spreading: Spreading | None = None,
        sending: Redis | None = None,
    ) -> None:
        self.name = name
        self.replica = replica
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._redis = redis
        self._tenant = tenant
        self._clock = clock
        self._limits = limits
        self._timing = timing
        self._measured = measured
        self._followers = Followers(journal, replica.position)
        self._lease = Lease(redis, tenant, name, timing.lease)
        self._turn = spreading.turn_at(self._lease, tenant) if spreading else None
        self._tail = Tail(redis, tenant, replica.position)
        self._forwarding = Forwarding(sending or redis, tenant, name, self._followers.recent)
        self._forwarding.reached(replica.position)
        self._engine: Engine | None = None
        self._service: CommandService | None = None
        self._token = 0
        self._stopping = asyncio.Event()
        self._contends = True
        self._on_duty: asyncio.Task[None] | None = None
        self._off_duty = False
        self._word = Word(redis, tenant, timing.replicas)
        self._told = ""  # trouble of the node that writes; this one, when it does
        self._hearing = Hearing(asyncio.get_running_loop().time)
        self._lapsing = Outage(
            _log, "the lease cannot be renewed: %s", "the lease is renewed again"
        )
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls,
        redis: Redis,
        tenant: str,
        name: str,
        clock: Clock,
        *,
        limits: EngineLimits | None = None,
        timing: Timing | None = None,
        measured: Callable[[Journal], Journal] = lambda journal: journal,
        spreading: Spreading | None = None,
        sending: Redis | None = None,
    ) -> Node:
        """Recover the state from the log. ``measured`` wraps the journal of the writer; with
        ``spreading`` a process with several tenants leaves some of them to other nodes. What people
        do goes out by ``sending``, so that it takes no connection from what the node lives on.

        Raises ``JournalUnavailable`` and ``JournalDamaged``.
        """
        journal = await RedisJournal.open(redis, tenant)
        replica = Replica(await recover(journal))
        return cls(
            redis,
            tenant,
            name,
            replica=replica,
            journal=journal,
            clock=clock,
            limits=limits or EngineLimits(),
            timing=timing or Timing(),
            measured=measured,
            spreading=spreading,
            sending=sending,
        )

    @property
    def writes(self) -> bool:
        return self._engine is not None

    async def still_writes(self) -> None:
        """Return when Redis has said, after the call, that the lease is this node's. Raises
        ``EngineStopped`` when it is another's, or this node ends.
        """
        while not (self._stopping.is_set() or self.ended.done()):
            if await self._renew():
                return
            await asyncio.sleep(PAUSE)
        raise EngineStopped("This node is stopping.")

    async def start(self, duties: Duties | None = None) -> None:
        """Follow the log, and contend for the lease. ``duties`` is called once, if this node
        becomes the writer, as soon as it decides.
        """
        self._hearing.answered()
        self._tasks = [
            asyncio.create_task(self._live(duties or _nothing), name="node"),
            asyncio.create_task(self._forwarding.run(), name="answers"),
        ]

    def stand_down(self) -> None:
        """The process is about to end: a replica takes no lease any more."""
        self._contends = False

    async def end_duties(self) -> None:
        """None begin any more, and those that are just being begun are broken off."""
        self._off_duty = True
        if self._on_duty is not None:
            await end(self._on_duty)

    async def stop(self) -> None:
        """Finish what was taken, end the duties, and let another node write at once after that."""
        self._stopping.set()
        self._forwarding.stop()
        if self._service is not None:
            self._service.stop()
        keeping = asyncio.create_task(self._keep_the_lease(), name="lease while ending")
        try:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            if self._engine is not None:
                await self._engine.stop()
            self._followers.close()
            await end(keeping)
        if self._engine is not None:
            await self._release()

    async def submit(self, command: Command) -> Outcome:
        """The durable outcome of ``command``, which this node's replica holds by then.

        Raises ``Overloaded`` or ``JournalUnavailable`` when nothing was done, ``OutcomeUnknown``
        when something may have been.
        """
        if self._engine is not None:
            return await self._engine.submit(command)
        if self._stopping.is_set():
            raise EngineStopped("Patchbay is stopping: try again when it is back.")
        if self._forwarding.waiting >= self._limits.inbox:
            raise Overloaded("This node waits for too many answers: try again in a second.")
        if reason := self._out_of_reach():
            raise OutcomeUnknown(f"{reason} Try again in a moment.")  # it may have been sent before
        return await self._forwarding.send(command)

    def follow(self, after: int | None = None) -> AsyncGenerator[Entry]:
        """See ``Engine.follow``."""
        return self._followers.follow(after)

    @property
    def silent(self) -> float:
        """Seconds since Redis last did what this node asked, be it for the log or the lease."""
        return self._hearing.silent

    def health(self) -> Health:
        health = self._engine.health() if self._engine is not None else self._as_follower()
        if health.ready and (reason := self._troubles()):
            return msgspec.structs.replace(health, ready=False, reason=reason)
        return health

    def _as_follower(self) -> Health:
        return Health(
            ready=True,
            reason="",
            position=self.replica.position,
            waiting=self._forwarding.waiting,
        )

    def _troubles(self) -> str:
        if self.ended.done():
            return self.ended.result()
        if not self._tasks:
            return "This node has not been started."
        if self.writes:
            return self._hearing.trouble(self._timing.lease / SECOND) or self._told
        return self._out_of_reach()

    def _out_of_reach(self) -> str:
        """Why nobody would decide what is sent from here; empty when somebody may."""
        if reason := self._hearing.trouble(STALE):
            return reason
        return f"The node that writes says: {self._told}" if self._told else ""

    # -- a replica ----------------------------------------------------------------------------

    async def _live(self, duties: Duties) -> None:
        try:
            self._token = await self._until_leased()
            if self._token:
                await self._lead(duties)
        except (JournalDamaged, LogDiverged, EngineStopped) as problem:
            self._end(str(problem))
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - nobody awaits this task before stop
            _log.exception("the node stopped on a fault")
            self._end("A fault of its own stopped this node: see the log.")

    async def _until_leased(self) -> int:
        """Follow until the lease is ours: its token; 0 when the end was asked for."""
        loop = asyncio.get_running_loop()
        looked, asked = -self._timing.contend, -EVERY
        while not self._stopping.is_set():
            try:
                self._feed(await self._tail.next(LOOK))
                if self._contends and loop.time() - looked >= self._timing.contend:
                    looked = loop.time()
                    if token := await (self._turn or self._lease).take():
                        return token
                if loop.time() - asked >= EVERY:
                    asked = loop.time()
                    self._told = await self._word.heard()
                self._hearing.answered()
            except (JournalUnavailable, LeaseUnknown) as problem:
                self._hearing.failed(problem)
                await asyncio.sleep(PAUSE)
        return 0

    def _feed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.replica.feed(entry)
        if entries:
            self._followers.publish(entries)
            self._forwarding.reached(self.replica.position)

    # -- the writer ---------------------------------------------------------------------------

    async def _lead(self, duties: Duties) -> None:
        try:
            await self._write(duties)
        finally:
            if self._turn is not None:
                self._turn.gave()

    async def _write(self, duties: Duties) -> None:
        journal = await self._caught_up()
        if isinstance(self._clock, SystemClock):
            self._clock.start_from(self.replica.state.at)
        self._told = ""
        engine = Engine(
            self._measured(journal),
            self.replica,
            Decider(self._clock, self.replica),
            self._limits,
            self._followers,
        )
        await engine.start()
        self._engine = engine
        self._service = CommandService(
            self._redis, self._tenant, self._token, engine, journal.refusals
        )
        _log.info("node %s writes from entry %d on", self.name, self.replica.position + 1)
        serving = asyncio.create_task(self._service.run(), name="commands of nodes")
        following = asyncio.create_task(self._answer_own(), name="own answers")
        over = asyncio.Event()
        telling = asyncio.create_task(self._tell(engine, over), name="word to nodes")
        on_duty = asyncio.create_task(  # may take longer than the lease
            _nothing() if self._off_duty else duties(), name="duties"
        )
        self._on_duty = on_duty
        try:
            await self._hold(engine, (on_duty, serving, following, telling))
        finally:
            self._service.stop()
            over.set()
            await end(following, telling, on_duty)
            with suppress(TimeoutError):
                async with asyncio.timeout(ORDERLY):
                    await asyncio.gather(serving, return_exceptions=True)
            await end(serving)  # what it waits for is done, or refused, when the engine stops

    async def _caught_up(self) -> RedisJournal:
        """The journal to write to, with all of it fed."""
        while True:
            try:
                journal = await RedisJournal.open(
                    self._redis,
                    self._tenant,
                    self._token,
                    replicas=self._timing.replicas,
                    recall=self._followers.recent,
                )
                while self.replica.position < journal.last:
                    self._feed(await self._tail.next(0))
                if self.replica.position > journal.last:
                    await journal.write_again(journal.last, self.replica.position)
                await self._tail.confirm()
            except JournalUnavailable as problem:
                if isinstance(problem, NotTheWriter) or self._stopping.is_set():
                    raise
                self._hearing.failed(problem)
                await asyncio.sleep(PAUSE)
            else:
                self._hearing.answered()
                return journal

    async def _answer_own(self) -> None:
        """Commands sent before this node became the writer are answered as the log grows."""
        async for entry in self._followers.follow(None):
            self._forwarding.reached(entry.position)

    async def _tell(self, engine: Engine, over: asyncio.Event) -> None:
        """The others hear whether what people do can be stored, and so does this node. ``over``
        ends it, too: a client that connects may forget that it was cancelled.
        """
        while not over.is_set():
            try:
                await self._word.tell(self._token, engine.health().reason or self._told)
                self._told = ""
            except NotTheWriter:
                return
            except JournalUnavailable as problem:
                self._told = str(problem)
            await asyncio.sleep(EVERY)

    async def _hold(self, engine: Engine, beside: Sequence[asyncio.Task[None]]) -> None:
        """Renew the lease until the end is asked for. Raises ``EngineStopped``, and what a task
        ``beside`` raised.
        """
        while not self._stopping.is_set():
            if await self._renew():
                engine.try_again()  # its own pauses grow to seconds
            if engine.over:
                raise EngineStopped(engine.health().reason)
            for task in beside:
                if task.done() and not task.cancelled():
                    task.result()
            await self._pause(self._timing.renew)

    async def _renew(self) -> bool:
        """Whether Redis has answered. Raises ``NotTheWriter``."""
        try:
            ours = await self._lease.renew(self._token)
        except LeaseUnknown as problem:
            self._hearing.failed(problem)
            self._lapsing.goes_on(problem)
            return False
        if not ours:
            raise NotTheWriter("Another node writes now: this one begins anew.")
        self._hearing.answered()
        self._lapsing.is_over()
        return True

    async def _pause(self, seconds: float) -> None:
        """Shorter when the end is asked for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _keep_the_lease(self) -> None:
        """For as long as an end may take: nobody else begins duties that are not over here."""
        loop = asyncio.get_running_loop()
        end = loop.time() + ENDING
        while loop.time() < end:
            with suppress(LeaseUnknown):
                if self._token and not await self._lease.renew(self._token):
                    return
            await asyncio.sleep(self._timing.renew)
        _log.warning("the end takes long: the lease lapses, and another node may write")

    async def _release(self) -> None:
        try:
            await self._lease.release(self._token)
        except LeaseUnknown as problem:
            _log.warning("the lease was not released, and lapses: %s", problem)

    def _end(self, reason: str) -> None:
        _log.error("this node ends: %s", reason)
        if not self.ended.done():
            self.ended.set_result(reason)


async def _nothing() -> None:
    return None
