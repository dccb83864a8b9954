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

_RETRY_TICK = 1_000_000  # microseconds before timers are tried again after a bug stopped them
_OVERDUE_PAUSE = 10_000  # so that a deadline which a tick did not clear cannot spin the loop

_log = logging.getLogger(__name__)

BUG = Rejected(
    code="internal_error",
    reason="Patchbay could not carry this out because of a fault of its own; nothing was changed."
    " The log names the fault.",
)


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
        self._ticks_from = 0
        self.fault = ""  # why timers stand still now; empty when they run

    def decide(self, commands: Sequence[Command]) -> Decisions:
        """Decide ``commands`` at one moment, after the timers that are due by then.

        That moment is never before the last one, even when the clock jumps back.
        """
        self._at = max(self._at, self._clock.now())
        entries: list[Entry] = []
        if self._tick_is_due():
            self._tick(entries)
        return Decisions(entries, [self._outcome(command, entries) for command in commands])

    def sleep_for(self) -> int | None:
        """Microseconds until the next timer is due; None when none is set."""
        deadline = self._core.next_deadline()
        if deadline is None:
            return None
        if deadline <= self._at:
            deadline = max(self._at + _OVERDUE_PAUSE, self._ticks_from)
        return max(deadline - self._clock.now(), 0)

    def _tick_is_due(self) -> bool:
        deadline = self._core.next_deadline()
        return deadline is not None and deadline <= self._at and self._at >= self._ticks_from

    def _tick(self, entries: list[Entry]) -> None:
        # No id: a tick is never repeated, and must not push real ids out of the core's memory.
        outcome = self._outcome(Tick(id=""), entries)
        if outcome is BUG:
            self._ticks_from = self._at + _RETRY_TICK
            self.fault = "A fault in Patchbay keeps its timers from running; the log names it."
        else:
            self.fault = ""

    def _outcome(self, command: Command, entries: list[Entry]) -> Outcome:
        try:
            result = self._core.handle(command, self._at)
        except Exception:  # noqa: BLE001  # whatever it was, the state is made anew
            _log.exception("a fault in the core on command %s %r", type(command), command.id)
            self._rebuild(entries)
            return BUG
        if isinstance(result, Rejected):
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
