"""What the chat may cost and how long it waits. Durations are microseconds."""

from __future__ import annotations

import secrets

import msgspec

from router.core.durations import MINUTE, SECOND


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """``burst`` at once, then ``per_second``."""

    burst: float
    per_second: float


class ChatSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` signs the visitors' tokens: keep it over restarts, or every chat is orphaned."""

    secret: bytes = msgspec.field(default_factory=lambda: secrets.token_bytes(32))
    grace: int = 60 * SECOND  # how long a visitor may be gone before the chat is given up
    transcript_for: int = 30 * MINUTE  # how long an ended chat can still be read
    refresh: int = 3 * SECOND  # between two looks at position and estimated wait
    typing_for: int = 10 * SECOND  # an agent who says no more has stopped typing

    lines: Allowance = Allowance(burst=10, per_second=2)  # of one visitor, all tabs together
    frames: Allowance = Allowance(burst=40, per_second=20)  # of one connection
    source_frames: Allowance = Allowance(burst=400, per_second=200)  # of one source address
    source_connections: Allowance = Allowance(burst=60, per_second=5)
    source_starts: Allowance = Allowance(burst=20, per_second=0.5)

    strikes: int = 20  # refused frames before a connection is closed
    tabs: int = 8  # connections of one chat
    chats_per_source: int = 50
    connections_per_source: int = 200
    chats: int = 5_000
    connections: int = 10_000
    lines_per_chat: int = 500  # of the visitor: the whole thread lives in the router's memory …
    characters_per_chat: int = 100_000  # … so its size is bounded as well
    outgoing: int = 64  # messages kept for a slow reader before it gets a fresh session instead
