"""The board websocket ``/ws/board``: a snapshot, then changed rows at most once a second.

``n`` counts the server's messages on one connection from 1 without gaps. Times are
microseconds UTC, durations microseconds, shares 0-1. Acts of a supervisor go over HTTP.
"""

from __future__ import annotations

import msgspec

from router.core.commands import tag_of


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence the page words in its own language, by ``code`` with its ``values``.

    ``closed`` (reopens_at, 0 unknown) · ``nobody_signed_in`` (asks_for) · ``all_on_break``
    (agents, asks_for) · ``nobody_reachable`` (of, unreachable, not_ready, asks_for): the others are
    not ready · ``nobody_free`` (of, busy, wrapping, not_ready, unreachable, asks_for) ·
    ``step_widens_in`` (at, more, step, asks_for) · ``lendable`` (agent, name, skill, has, needs) ·
    ``longest_waits`` (contact, customer, tier, credit, since) · ``late`` (since, within) ·
    ``below_target`` (service_percent, target_percent, span: now | today).

    ``at``, ``since`` and ``reopens_at`` are microseconds UTC, so that a row need not change for
    time to pass; ``credit`` and ``within`` are microseconds; ``step`` counts from 1.
    """

    code: str
    values: dict[str, str | int] = {}


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    queue: str
    label: str
    status: str  # ok | warn | bad
    waiting: int
    longest_since: int  # when the longest waiting entered; 0: nobody waits
    late_at: int  # when that one has waited as long as the objective; 0: nobody waits, or never
    estimate_50: int | None  # estimated wait of a contact arriving now
    estimate_90: int | None
    service_within: int
    service_target: float
    objective_hours: str  # in words, the hours in which waiting counts to it; empty: always
    service_now: float | None  # last 30 minutes; None: nothing to measure yet
    service_today: float | None
    offered_today: int
    answered_today: int
    abandoned_today: int
    abandoned_share: float | None
    ready: int
    busy: int
    wrapping: int
    not_ready: int
    open: bool
    trend: tuple[int, ...]  # most waiting in each of the last twelve 5-minute spans
    why: tuple[Reason, ...]


class AgentContact(msgspec.Struct, frozen=True, kw_only=True):
    contact: str
    channel: str
    doing: str  # reserved | active | held | wrapping
    since: int
    queue: str
    customer: str = ""


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    agent: str
    name: str
    team: str
    state: str
    reason: str
    since: int
    next_state: str
    skills: tuple[tuple[str, int], ...]
    contacts: tuple[AgentContact, ...]
    handled: int
    missed: int
    occupancy: float
    unreachable: dict[str, str] = {}  # channel on which nothing is offered: why not


class ToBoard(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of):
    n: int
    at: int


class BoardSnapshot(ToBoard, frozen=True, kw_only=True):
    queues: tuple[QueueRow, ...]
    agents: tuple[AgentRow, ...]


class RowsChanged(ToBoard, frozen=True, kw_only=True):
    """Rows that changed since the last message, and the ids of rows that are gone."""

    queues: tuple[QueueRow, ...] = ()
    agents: tuple[AgentRow, ...] = ()
    queues_gone: tuple[str, ...] = ()
    agents_gone: tuple[str, ...] = ()


ServerMessage = BoardSnapshot | RowsChanged


class BoardAct(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of, forbid_unknown_fields=True):
    pass


class Resync(BoardAct, frozen=True, kw_only=True):
    pass


class Ping(BoardAct, frozen=True, kw_only=True):
    pass


ClientMessage = Resync | Ping
