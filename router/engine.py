"""The single writer: commands in, decided in batches, one journal commit a batch, then told.

Nothing leaves before it is durable: answers, the replica and followers all wait for the commit,
rejections too, because they may rest on a decision of the same batch. While one batch is being
stored the next one gathers, so commits grow with the load by themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence

import msgspec

from router.clock import SystemClock
from router.core.commands import Command
from router.core.events import Entry
from router.decider import Decider, Decisions
from router.followers import Followers
from router.ports import (
    Clock,
    EngineStopped,
    Journal,
    JournalUnavailable,
    Outcome,
    Overloaded,
    Snapshot,
)
from router.recovery import recover
from router.replica import Replica

_LONGEST_SLEEP = 1.0  # seconds; after the machine has slept, timers are looked at within this

_log = logging.getLogger(__name__)


class EngineLimits(msgspec.Struct, frozen=True, kw_only=True):
    """``inbox`` and ``batch`` count commands, ``snapshot_every`` entries, the rest is seconds."""

    inbox: int = 10_000
    batch: int = 256
    snapshot_every: int = 25_000  # a start folds this many at most: well under a second
    first_retry: float = 0.1
    longest_retry: float = 5.0


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """For ``/readyz``: ``reason`` is a sentence when not ready; ``waiting`` counts commands."""

    ready: bool
    reason: str
    position: int
    waiting: int


class _Request(msgspec.Struct, frozen=True):
    command: Command
    answer: asyncio.Future[Outcome]


class Engine:
    """A ``CommandSink``: ``open`` it, then ``start``. The journal stays the caller's to close."""

    def __init__(
        self, journal: Journal, replica: Replica, decider: Decider, limits: EngineLimits
    ) -> None:
        self.replica = replica
        self._journal = journal
        self._decider = decider
        self._limits = limits
        self._followers = Followers(journal, replica.position)
        self._inbox: deque[_Request] = deque()
        self._in_hand: Sequence[_Request] = ()
        self._wake = asyncio.Event()
        self._stop_asked = False
        self._sound = True  # whether the replica may be trusted to be snapshot
        self._writer: asyncio.Task[None] | None = None
        self._snapshot: asyncio.Task[None] | None = None
        self._snapshot_at = replica.position
        self._unavailable = ""
        self._stopped = "The engine has not been started."

    @classmethod
    async def open(
        cls,
        journal: Journal,
        clock: Clock,
        *,
        seed: int = 0,
        limits: EngineLimits | None = None,
    ) -> Engine:
        """Recover the state from ``journal``. Raises ``JournalDamaged``."""
        replica = Replica(await recover(journal))
        if isinstance(clock, SystemClock):
            clock.start_from(replica.state.at)
        return cls(journal, replica, Decider(clock, replica, seed), limits or EngineLimits())

    async def start(self) -> None:
        self._stopped = ""
        self._writer = asyncio.create_task(self._run(), name="engine")

    async def stop(self) -> None:
        """Finish the commands taken, snapshot, and let followers end after the last entry."""
        self._stopped = self._stopped or "Patchbay is stopping: try again when it is back."
        self._stop_asked = True
        self._wake.set()
        if self._writer is not None:
            await self._writer
        if self._snapshot is not None:
            await self._snapshot
        if self._sound and self.replica.position > self._snapshot_at:
            await self._save_snapshot()

    async def submit(self, command: Command) -> Outcome:
        """The durable outcome of ``command``.

        Raises ``Overloaded`` or ``JournalUnavailable`` when nothing was done. A caller that stops
        waiting does not take the command back; sending the same id again tells what became of it.
        """
        if self._stopped:
            raise EngineStopped(self._stopped)
        if self._unavailable:
            raise JournalUnavailable(self._unavailable)
        if len(self._inbox) >= self._limits.inbox:
            raise Overloaded(
                f"{len(self._inbox)} commands are waiting already: try again in a second."
            )
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Request(command, answer))
        self._wake.set()
        return await answer

    def follow(self, after: int | None = None) -> AsyncIterator[Entry]:
        """Every entry above ``after`` (None: from now on), in order, until the engine stops.

        However slow the follower, none is missed. Raises ``ValueError`` for a position not reached.
        """
        return self._followers.follow(after)

    def health(self) -> Health:
        reason = self._stopped or self._unavailable
        return Health(
            ready=not reason,
            reason=reason,
            position=self.replica.position,
            waiting=len(self._inbox) + len(self._in_hand),
        )

    def look_at_clock(self) -> None:
        """Run timers that a clock moved by hand has made due."""
        self._wake.set()

    # -- the writer ---------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            while not self._stop_asked or self._inbox:
                await self._next_work()
                await self._work()
        except JournalUnavailable as problem:
            self._give_up(str(problem))
        except asyncio.CancelledError:
            self._give_up("The engine was cancelled: start Patchbay again.")
            raise
        except Exception:  # noqa: BLE001  # nobody awaits this task before stop
            _log.exception("the engine stopped on a fault")
            self._sound = False
            self._give_up("A fault of its own stopped Patchbay: see the log, then start it again.")
        finally:
            self._followers.close()

    async def _next_work(self) -> None:
        """Return when there are commands, a timer may be due, or the end was asked for."""
        if self._inbox or self._stop_asked:
            return
        self._wake.clear()
        wait = self._decider.sleep_for()
        seconds = _LONGEST_SLEEP if wait is None else min(wait / 1e6, _LONGEST_SLEEP)
        alarm = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()

    async def _work(self) -> None:
        inbox = self._inbox
        requests = [inbox.popleft() for _ in range(min(len(inbox), self._limits.batch))]
        self._in_hand = requests
        decisions = self._decider.decide([request.command for request in requests])
        if decisions.entries:
            await self._store(decisions.entries)
        self._tell(requests, decisions)
        self._in_hand = ()
        self._snapshot_when_due()

    def _tell(self, requests: Sequence[_Request], decisions: Decisions) -> None:
        for entry in decisions.entries:
            self.replica.feed(entry)
        for request, outcome in zip(requests, decisions.outcomes, strict=True):
            if not request.answer.done():
                request.answer.set_result(outcome)
        self._followers.publish(decisions.entries)

    async def _store(self, entries: Sequence[Entry]) -> None:
        """Store decided entries, however long the journal needs to come back.

        Raises ``JournalUnavailable`` only when the engine is asked to stop meanwhile.
        """
        pause = self._limits.first_retry
        while True:
            try:
                await self._journal.append(entries)
            except JournalUnavailable as problem:
                if self._stop_asked:
                    raise
                self._suspend(str(problem))
                await self._stop_or_pause(pause)
                pause = min(pause * 2, self._limits.longest_retry)
            else:
                if self._unavailable:
                    _log.warning("the journal is available again")
                    self._unavailable = ""
                return

    async def _stop_or_pause(self, seconds: float) -> None:
        alarm = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        self._wake.clear()
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()

    def _suspend(self, problem: str) -> None:
        """Refuse what has not been decided yet; what has been is kept and tried again."""
        if not self._unavailable:
            _log.error("no commands are taken until the journal is available: %s", problem)
        self._unavailable = f"{problem} Nothing was done; Patchbay goes on by itself."
        while self._inbox:
            _refuse(self._inbox.popleft(), JournalUnavailable(self._unavailable))

    def _give_up(self, reason: str) -> None:
        self._stopped = reason
        for request in (*self._in_hand, *self._inbox):
            _refuse(request, EngineStopped(reason))
        self._in_hand = ()
        self._inbox.clear()

    # -- snapshots ----------------------------------------------------------------------------

    def _snapshot_when_due(self) -> None:
        due = self.replica.position - self._snapshot_at >= self._limits.snapshot_every
        if due and (self._snapshot is None or self._snapshot.done()):
            self._snapshot = asyncio.create_task(self._save_snapshot(), name="snapshot")

    async def _save_snapshot(self) -> None:
        """A snapshot only saves time at the next start, so failing to store one is just noted."""
        state = self.replica.state
        self._snapshot_at = state.position
        snapshot = Snapshot(position=state.position, at=state.at, body=state.snapshot())
        try:
            await self._journal.save_snapshot(snapshot)
        except JournalUnavailable as problem:
            _log.warning("no snapshot was stored: %s", problem)


def _refuse(request: _Request, problem: Exception) -> None:
    if not request.answer.done():
        request.answer.set_exception(problem)
