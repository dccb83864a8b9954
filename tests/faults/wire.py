"""The pipe between the clients and the service under test: length-prefixed MessagePack."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

import msgspec

from router.core.commands import Command
from router.core.events import Entry

_LENGTH = struct.Struct(">I")


class Submit(msgspec.Struct, frozen=True, tag=True):
    command: Command


class Follow(msgspec.Struct, frozen=True, tag=True):
    after: int


class AskContacts(msgspec.Struct, frozen=True, tag=True):
    """Which contacts are live, and in which state?"""


Request = Submit | Follow | AskContacts


class Answered(msgspec.Struct, frozen=True, tag=True):
    """``result``: accepted | rejected | refused (nothing was done: try again)."""

    id: str
    result: str
    position: int = 0
    events: int = 0
    reason: str = ""


class Seen(msgspec.Struct, frozen=True, tag=True):
    entry: Entry


class Contacts(msgspec.Struct, frozen=True, tag=True):
    states: dict[str, str]


Reply = Answered | Seen | Contacts

_encoder = msgspec.msgpack.Encoder()


def pack(message: msgspec.Struct) -> bytes:
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


async def receive(stream: asyncio.StreamReader, decoder: msgspec.msgpack.Decoder[Any]) -> Any:
    """The next message. Raises ``ConnectionError`` when the other side is gone."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        return decoder.decode(await stream.readexactly(length))
    except asyncio.IncompleteReadError as end:
        raise ConnectionResetError("the other side is gone") from end
