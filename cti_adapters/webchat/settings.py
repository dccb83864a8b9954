"""What the chat may cost and how long it waits. Durations are microseconds."""

from __future__ import annotations

import secrets

import msgspec

from router.core.durations import MINUTE, SECOND
from router.limits import Rate


class ChatSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` signs the visitors' tokens: keep it over restarts, or every chat is orphaned."""

    secret: bytes = msgspec.field(default_factory=lambda: secrets.token_bytes(32))
    grace: int = 60 * SECOND  # how long a visitor may be gone before the chat is given up
    transcript_for: int = 30 * MINUTE  # how long an ended chat can still be read
    refresh: int = 3 * SECOND  # between two looks at position and estimated wait
    typing_for: int = 10 * SECOND  # an agent who says no more has stopped typing

    lines: Rate = Rate(burst=10, every=SECOND // 2)  # of one visitor, all tabs together
    frames: Rate = Rate(burst=40, every=SECOND // 20)  # of one connection
    source_frames: Rate = Rate(burst=400, every=SECOND // 200)  # of one source address
    source_connections: Rate = Rate(burst=60, every=SECOND // 5)
    source_starts: Rate = Rate(burst=20, every=2 * SECOND)

    strikes: int = 20  # refused frames before a connection is closed
    tabs: int = 8  # connections of one chat
    chats_per_source: int = 50
    connections_per_source: int = 200
    chats: int = 5_000
    connections: int = 10_000
    lines_per_chat: int = 500  # of the visitor: the whole thread lives in the router's memory …
    characters_per_chat: int = 100_000  # … so its size is bounded as well
    outgoing: int = 64  # changes kept for a slow reader before it gets a fresh session instead
