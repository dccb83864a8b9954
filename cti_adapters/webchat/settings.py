"""What the chat may cost and how long it waits. Durations are microseconds."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec

from cti_adapters.webchat.file_kinds import USUAL
from cti_adapters.webchat.opening import FormWhen
from router.core.durations import HOUR, MINUTE, SECOND
from router.limits import Rate

MIB = 1024 * 1024


class ChatSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` signs the visitors' tokens: keep it over restarts, or every chat is orphaned."""

    secret: bytes = msgspec.field(default_factory=lambda: secrets.token_bytes(32))
    site_secrets: Mapping[str, bytes] = {}  # by origin: what its visitors' tokens are signed with
    grace: int = 60 * SECOND  # how long a visitor may be gone before the chat is given up
    transcript_for: int = 30 * MINUTE  # how long an ended chat can still be read
    refresh: int = 3 * SECOND  # between two looks at position and estimated wait
    typing_for: int = 10 * SECOND  # an agent who says no more has stopped typing

    lines: Rate = Rate(burst=10, every=SECOND // 2)  # of one visitor, all tabs together
    pages: Rate = Rate(burst=3, every=10 * SECOND)  # of one visitor, told to the agent
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
    file_size: int = 10 * MIB
    files_per_chat: int = 20  # of each side
    file_bytes_per_chat: int = 50 * MIB
    file_types: frozenset[str] = frozenset(USUAL)  # empty: nobody sends files
    source_files: Rate = Rate(burst=20, every=15 * SECOND)
    away: int = 10 * SECOND  # how long a visitor may be gone before the agent is told
    time_zone: str = "UTC"  # of the times in mails about chats
    mails_per_chat: int = 2  # addresses that get the transcript of one chat
    mails_of_source: Rate = Rate(burst=5, every=10 * MINUTE)
    mails_to_address: Rate = Rate(burst=3, every=6 * HOUR)
    mails: Rate = Rate(burst=60, every=20 * SECOND)  # of all visitors together
    form_when: FormWhen = "never"  # when a question is left in a form instead of a chat begun
    questions_of_source: Rate = Rate(burst=5, every=2 * MINUTE)
    questions_of_address: Rate = Rate(burst=5, every=10 * MINUTE)
    questions: Rate = Rate(burst=100, every=3 * SECOND)  # of all visitors together
    outgoing: int = 64  # changes kept for a slow reader before it gets a fresh session instead
