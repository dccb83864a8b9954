"""The single writer: commands in, decided in batches, one journal commit a batch, then told.

Nothing leaves before it is durable: answers, the replica and followers all wait for the commit,
rejections too, because they may rest on a decision of the same batch. While one batch is being
stored the next one gathers, so commits grow with the load by themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial

import msgspec

from router.clock import SystemClock
from router.core.commands import Command
from router.core.events import Entry, Rejected
from router.decider import Decider, Decisions
from router.followers import Followers
from router.ports import (
    Accepted,
    Clock,
    EngineStopped,
    Journal,
    JournalUnavailable,
    NotTheWriter,
    Outcome,
    OutcomeUnknown,
    Overloaded,
    Snapshot,
    StoppedMidway,
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
    """``answers``: of whoever asked, and of all who asked the same meanwhile."""

    command: Command
    answers: list[asyncio.Future[Outcome]]


class Engine:
    """A ``CommandSink``: ``open`` it, then ``start``. The journal stays the caller's to close."""

    def __init__(
        self,
        journal: Journal,
        replica: Replica,
        decider: Decider,
        limits: EngineLimits,
        followers: Followers | None = None,
    ) -> None:
        """``followers`` that there are already, where this engine takes over from another."""
        self.replica = replica
        self._journal = journal
        self._decider = decider
        self._limits = limits
        self._followers = followers or Followers(journal, replica.position)
        self._inbox: deque[_Request] = deque()
        self._in_hand: Sequence[_Request] = ()
        self._asked: dict[str, _Request] = {}  # by command id, until it is answered
        self._wake = asyncio.Event()
        self._stop_asked = False
        self._sound = True  # whether the replica may be trusted to be snapshot
        self._writer: asyncio.Task[None] | None = None
        self._snapshot: asyncio.Task[None] | None = None
        self._snapshot_at = replica.position
        self._unavailable = ""
        self._doubtful = False  # whether what is in hand may be stored though nobody said so
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

        Raises ``Overloaded`` or ``JournalUnavailable`` when nothing was done, ``StoppedMidway``
        when that is not known. A caller that stops waiting does not take the command back; sending
        the same id again tells what became of it.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if (same := self._asked.get(command.id)) is not None:
            same.answers.append(answer)  # a copy of what is not decided yet has no other answer
            return await answer
        if self._stopped:
            raise EngineStopped(self._stopped)
        if self._unavailable:
            raise JournalUnavailable(self._unavailable)
        if len(self._inbox) >= self._limits.inbox:
            raise Overloaded(
                f"{len(self._inbox)} commands are waiting already: try again in a second."
            )
        request = _Request(command, [answer])
        if command.id:
            self._asked[command.id] = request
        self._inbox.append(request)
        self._wake.set()
        return await answer

    def follow(self, after: int | None = None) -> AsyncGenerator[Entry]:
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

    @property
    def over(self) -> bool:
        """Whether it has stopped, for whatever reason."""
        return bool(self._stopped)

    def look_at_clock(self) -> None:
        """Run timers that a clock moved by hand has made due."""
        self._wake.set()

    def try_again(self) -> None:
        """The journal may be back: what waits for it does not wait any longer for its turn."""
        if self._unavailable:
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
        refused = _refused(requests, decisions)
        if decisions.entries:
            await self._insist(partial(self._journal.append, decisions.entries, refused))
        elif requests:
            await self._insist(partial(self._journal.confirm, refused))
        self._tell(requests, decisions)
        self._in_hand = ()
        self._snapshot_when_due()

    def _tell(self, requests: Sequence[_Request], decisions: Decisions) -> None:
        for entry in decisions.entries:
            self.replica.feed(entry)
        for request, outcome in zip(requests, decisions.outcomes, strict=True):
            self._asked.pop(request.command.id, None)
            _answer(request.answers[0], outcome)
            for copy in request.answers[1:]:
                _answer(copy, _repeated(outcome))
        self._followers.publish(decisions.entries)

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Store what was decided, however long the journal needs to come back.

        Raises ``JournalUnavailable`` only when the engine is asked to stop meanwhile, or another
        one writes by now.
        """
        pause = self._limits.first_retry
        unknown = False
        while True:
            self._doubtful = True
            try:
                await write()
            except JournalUnavailable as problem:
                self._doubtful = unknown = unknown or isinstance(problem, OutcomeUnknown)
                if self._stop_asked or isinstance(problem, NotTheWriter):
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
            self._refuse(self._inbox.popleft(), JournalUnavailable(self._unavailable))

    def _give_up(self, reason: str) -> None:
        self._stopped = reason
        midway = StoppedMidway if self._doubtful else EngineStopped
        for request in self._in_hand:
            self._refuse(request, midway(reason))
        for request in self._inbox:
            self._refuse(request, EngineStopped(reason))
        self._in_hand = ()
        self._inbox.clear()

    def _refuse(self, request: _Request, problem: Exception) -> None:
        self._asked.pop(request.command.id, None)
        for answer in request.answers:
            if not answer.done():
                answer.set_exception(problem)

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


def _answer(answer: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answer.done():
        answer.set_result(outcome)


def _repeated(outcome: Outcome) -> Outcome:
    """As the core answers an id that it knows: what it caused is the first one's."""
    return Accepted(position=outcome.position) if isinstance(outcome, Accepted) else outcome


def _refused(requests: Sequence[_Request], decisions: Decisions) -> dict[str, Rejected]:
    """By command id."""
    pairs = zip(requests, decisions.outcomes, strict=True)
    return {
        request.command.id: outcome
        for request, outcome in pairs
        if isinstance(outcome, Rejected) and request.command.id
    }
