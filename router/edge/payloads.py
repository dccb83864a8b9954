"""What is said on the edge beside events. Times are microseconds UTC.

``position`` is the journal's: everything up to it is counted. Who also follows events goes by
events with a greater one, and takes nothing back for a message with a smaller one.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """Retained, for each agent. ``contacts`` counts those in hand by channel, ringing and wrapping
    up included; on ``unreachable`` channels nothing is offered.
    """

    position: int
    agent: str
    team: str
    state: Literal["signed_out", "ready", "not_ready"]
    reason: str
    since: int
    next_state: str
    contacts: dict[str, int]
    unreachable: tuple[str, ...]


class QueueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Retained, for each queue. ``longest_since`` is when the one who waits longest came, 0 when
    nobody waits. ``today`` begins at midnight of the centre's time zone, ``now`` are the last 30
    minutes; shares are 0-1, None while there is nothing to measure.
    """

    position: int
    queue: str
    label: str
    open: bool
    waiting: int
    longest_since: int
    ready: int
    busy: int
    wrapping: int
    not_ready: int
    offered_today: int
    answered_today: int
    abandoned_today: int
    service_within: int  # microseconds
    service_target: float
    service_now: float | None
    service_today: float | None


class EdgeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Retained, for each node; ``offline`` is also its last will. ``session`` is when the
    connection began: a status with a smaller one than seen before is an old one.
    """

    node: str
    status: Literal["online", "offline"]
    session: int


class CommandAccepted(msgspec.Struct, frozen=True, kw_only=True):
    """It is durable, and was at ``position`` of the journal. A repeated ``command`` has no further
    effect, and may be given a later position.
    """

    command: str
    position: int


class CommandRejected(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing changed. ``code`` is stable: ``malformed``, ``unauthorised``, ``too_fast``, or one of
    the router's such as ``invalid`` and ``wrong_state``; ``reason`` is for people. ``command`` is
    empty when its id could not be read.
    """

    command: str
    code: str
    reason: str
