"""How an entry becomes bytes: ``crc32 | schema | msgpack``, and how old records stay readable.

The checksum covers the schema number and the body, and the body carries the entry's position,
so a flipped bit, a cut record and a record in the wrong place are all noticed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from router.core.events import SCHEMA, Entry

_CHECKSUM = struct.Struct(">I")
_SCHEMA = struct.Struct(">H")
_HEAD = _CHECKSUM.size + _SCHEMA.size

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[int, Upgrade] = {}
"""Schema number n to the function that turns a record of schema n into one of schema n + 1."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


class RecordDamaged(ValueError):
    """The bytes are not a record this program can read; the text says why."""


def seal(body: bytes, schema: int = SCHEMA) -> bytes:
    """``body`` with its schema number and checksum in front."""
    content = _SCHEMA.pack(schema) + body
    return _CHECKSUM.pack(zlib.crc32(content)) + content


def unseal(record: bytes) -> tuple[int, bytes]:
    """Schema number and body of a sealed record. Raises ``RecordDamaged``."""
    if len(record) < _HEAD:
        raise RecordDamaged("it is cut short")
    content = record[_CHECKSUM.size :]
    if _CHECKSUM.unpack_from(record)[0] != zlib.crc32(content):
        raise RecordDamaged("its checksum does not match")
    return _SCHEMA.unpack_from(content)[0], content[_SCHEMA.size :]


def encode(entry: Entry) -> bytes:
    return seal(_encoder.encode(entry))


def decode(record: bytes, upgrades: Mapping[int, Upgrade] = UPGRADES) -> Entry:
    """The entry in ``record``, brought to today's schema. Raises ``RecordDamaged``."""
    schema, body = unseal(record)
    if schema > SCHEMA:
        raise RecordDamaged(f"a newer Patchbay wrote it (schema {schema}, this one reads {SCHEMA})")
    try:
        return _decoder.decode(body) if schema == SCHEMA else _upgraded(body, schema, upgrades)
    except msgspec.MsgspecError as problem:
        raise RecordDamaged(f"its content is not an entry: {problem}") from problem


def _upgraded(body: bytes, schema: int, upgrades: Mapping[int, Upgrade]) -> Entry:
    fields = msgspec.msgpack.decode(body, type=dict[str, Any])
    for step in range(schema, SCHEMA):
        if step not in upgrades:
            raise RecordDamaged(f"schema {step} is unknown")
        fields = upgrades[step](fields)
    return msgspec.convert({**fields, "schema": SCHEMA}, Entry)
