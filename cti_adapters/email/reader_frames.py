"""What a reader's process and its pool say to each other: bytes with their length in front."""

from __future__ import annotations

from typing import Final

import msgspec

from cti_adapters.email.model import MAX_BYTES, Mail, Unreadable

LENGTH: Final = 8  # bytes of the number in front of a frame, big-endian
MAX_ANSWER: Final = 4 * MAX_BYTES  # a frame longer than this is no answer of ours


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of ``mail`` and ``unreadable``. ``worn`` says that the process ends after it."""

    mail: Mail | None = None
    unreadable: Unreadable | None = None
    files: dict[str, bytes] = {}
    worn: bool = False


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH, "big") + content


def encode(reply: Reply) -> bytes:
    return msgspec.msgpack.encode(reply)


def decode(content: bytes) -> Reply:
    """Raises ``msgspec.DecodeError`` for what is no reply."""
    return msgspec.msgpack.decode(content, type=Reply)
