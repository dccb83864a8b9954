"""What the centre's end of branches stands on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from router.core.events import Entry
from router.ports import (
    Clock,
    CommandSink,
    ContactIntake,
    FlowRunner,
    StillWrites,
    nobody_else_does,
)
from router.replica import Replica

Follow = Callable[[int | None], AsyncIterator[Entry]]
OnPhones = Callable[[str, bool, Mapping[str, str]], None]
"""Told of a branch whether its telephone system can be asked, and who cannot be rung from there."""


class BranchFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How a branch is doing. While it is not connected nothing else is known: ``behind`` counts
    entries of the log that it has not, ``waiting`` requests in its outbox, ``oldest`` is how long
    the first of them has waited, microseconds, ``calls`` are up there.
    """

    name: str
    connected: bool
    behind: int = 0
    waiting: int = 0
    oldest: int = 0
    calls: int = 0


class CentreParts(msgspec.Struct, frozen=True, kw_only=True):
    """``branches``: the telephone systems of each, by its name at the broker."""

    branches: Mapping[str, frozenset[str]]
    replica: Replica
    follow: Follow
    sink: CommandSink
    intake: ContactIntake
    flows: FlowRunner
    clock: Clock
    on_phones: OnPhones
    still_writes: StillWrites = nobody_else_does
