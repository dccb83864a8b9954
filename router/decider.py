"""Commands in, journal entries and answers out: the part of the engine that decides.

It knows neither the journal nor asyncio. What it decides is not yet durable, so nothing here may
be shown to anyone before the engine has stored the entries.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from router.core.commands import Command, Tick
from router.core.events import Entry, Event, Rejected
from router.core.machine import RoutingCore
from router.ports import Accepted, Clock, Outcome
from router.recovery import copy_of
from router.replica import Replica

_OVERDUE_PAUSE = 10_000  # microseconds; a deadline that a tick did not clear must not spin the loop

_log = logging.getLogger(__name__)

BUG = Rejected(
    code="internal_error",
    reason="Patchbay could not carry this out because of a fault of its own; nothing was changed."
    " The log names the fault.",
)


class TimersFailed(Exception):
    """A tick ran into a fault of the core: without timers nothing more can be decided."""


class Decisions(msgspec.Struct, frozen=True):
    """What a batch came to: ``outcomes`` in the order of the commands."""

    entries: list[Entry]
    outcomes: list[Outcome]


class Decider:
    """The core with its clock. ``durable`` is what it falls back on after a fault in the core."""

    def __init__(self, clock: Clock, durable: Replica, seed: int = 0) -> None:
        self._clock = clock
        self._durable = durable
        self._seed = seed
        self._core = RoutingCore(copy_of(durable.state), seed=seed)
        self._at = durable.state.at

    def decide(self, commands: Sequence[Command]) -> Decisions:
        """Decide ``commands`` at one moment, after the timers that are due by then.

        That moment is never before the last one, even when the clock jumps back. Raises
        ``TimersFailed``.
        """
        self._at = max(self._at, self._clock.now())
        entries: list[Entry] = []
        outcomes: list[Outcome] = []
        for command in commands:
            self._tick_when_due(entries)
            outcomes.append(self._outcome(command, entries))
        self._tick_when_due(entries)
        return Decisions(entries, outcomes)

    def sleep_for(self) -> int | None:
        """Microseconds until the next timer is due; None when none is set."""
        deadline = self._core.next_deadline()
        if deadline is None:
            return None
        if deadline <= self._at:
            deadline = self._at + _OVERDUE_PAUSE
        return max(deadline - self._clock.now(), 0)

    def _tick_when_due(self, entries: list[Entry]) -> None:
        deadline = self._core.next_deadline()
        if deadline is None or deadline > self._at:
            return
        # No id: a tick is never repeated, and must not push real ids out of the core's memory.
        if self._outcome(Tick(id=""), entries) is BUG:
            raise TimersFailed("a tick ran into a fault; nothing of its batch was stored")

    def _outcome(self, command: Command, entries: list[Entry]) -> Outcome:
        try:
            result = self._core.handle(command, self._at)
        except Exception:  # noqa: BLE001  # whatever it was, the state is made anew
            _log.exception("a fault in the core on command %s %r", type(command), command.id)
            self._rebuild(entries)
            return BUG
        if not isinstance(result, list):
            return result
        if not result:
            return Accepted(position=self._durable.position + len(entries))
        return self._accepted(command, result, entries)

    def _accepted(self, command: Command, events: list[Event], entries: list[Entry]) -> Accepted:
        position = self._durable.position + len(entries) + 1
        facts = tuple(events)
        entries.append(
            Entry(position=position, at=self._at, cause=command.id, by=command.by, events=facts)
        )
        return Accepted(position=position, events=facts)

    def _rebuild(self, entries: Sequence[Entry]) -> None:
        """Begin again from what is certain: the fault may have left the state half changed."""
        state = copy_of(self._durable.state)
        for entry in entries:
            state.apply_entry(entry)
        self._core = RoutingCore(state, seed=self._seed)
