"""What a flow may know of the world, as the caller gives it: nothing here looks anything up."""

from __future__ import annotations

from typing import Final, Literal, Protocol

import msgspec

from ivr.core.values import Duration

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
VOICE: Final = "voice"
UNATTENDED: Final = ("email", "voicemail", "fax")  # channels on which nobody is present
Opening = Literal["open", "closed", "holiday"]


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """The customer as a flow sees them. ``value`` is worth per year in the centre's currency."""

    id: str
    name: str = ""
    tier: str = ""
    value: int = 0
    language: str = ""


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """A queue at one moment; ``wait`` is the estimate for a newcomer, microseconds, None: unknown.

    ``calls_back``: whether a callback can be promised in it.
    """

    staffed: bool = True
    length: int = 0
    wait: Duration | None = None
    calls_back: bool = True


class LocalTime(msgspec.Struct, frozen=True, kw_only=True):
    """The clock on the centre's wall: weekday 1 (Monday) to 7, minutes after midnight."""

    weekday: int = 1
    minute: int = 12 * 60


class World(Protocol):
    """The world at the moment of one input. Every answer is quick: the caller holds it ready."""

    def hours(self, hours: str) -> Opening | None:
        """Whether these opening hours are open now; None when there are none of this name."""

    def queue(self, queue: str) -> QueueState | None:
        """None when there is no such queue."""

    def clock(self) -> LocalTime: ...

    def said(self) -> tuple[str, ...]:
        """What the customer has written so far, oldest first."""

    def may_call(self, number: str) -> bool:
        """Whether the centre would call this number back."""
