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
from router.ports import Snapshot

_CHECKSUM = struct.Struct(">I")
_SCHEMA = struct.Struct(">H")
_HEAD = _CHECKSUM.size + _SCHEMA.size

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[int, Upgrade] = {}
"""Schema number n to the function that turns a record of schema n into one of schema n + 1."""

SNAPSHOT_UPGRADES: Mapping[int, Upgrade] = {}
"""The same for the image in a snapshot. In Redis the entries before a snapshot may be gone, so who
raises the number must be able to read the snapshots of the version before: rolling upgrades start
from them.
"""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


class RecordDamaged(ValueError):
    """The bytes are not a record this program can read; the text says why."""


class RecordOfAnother(RecordDamaged):
    """It is whole, as its checksum says: another version of Patchbay wrote it."""


class RecordNewer(RecordOfAnother):
    """A newer Patchbay wrote it; ``schema`` is its number."""

    def __init__(self, schema: int) -> None:
        super().__init__(
            f"a newer Patchbay wrote it (schema {schema}, this one reads {SCHEMA}): install that"
            " version here"
        )


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
        raise RecordNewer(schema)
    try:
        return _decoder.decode(body) if schema == SCHEMA else _upgraded(body, schema, upgrades)
    except msgspec.MsgspecError as problem:
        known = f"its content is not an entry that this version knows: {problem}"
        raise RecordOfAnother(known) from problem


def _upgraded(body: bytes, schema: int, upgrades: Mapping[int, Upgrade]) -> Entry:
    fields = _brought_up(body, schema, upgrades)
    return msgspec.convert({**fields, "schema": SCHEMA}, Entry)


def _brought_up(body: bytes, schema: int, upgrades: Mapping[int, Upgrade]) -> dict[str, Any]:
    fields = msgspec.msgpack.decode(body, type=dict[str, Any])
    for step in range(schema, SCHEMA):
        if step not in upgrades:
            raise RecordDamaged(f"schema {step} is unknown")
        fields = upgrades[step](fields)
    return fields


def encode_snapshot(snapshot: Snapshot) -> bytes:
    return seal(_encoder.encode(snapshot))


def decode_snapshot(record: bytes, upgrades: Mapping[int, Upgrade] = SNAPSHOT_UPGRADES) -> Snapshot:
    """With the image in it brought to today's schema. Raises ``RecordDamaged``."""
    schema, body = unseal(record)
    if schema > SCHEMA:
        raise RecordNewer(schema)
    try:
        snapshot = msgspec.msgpack.decode(body, type=Snapshot)
        if schema == SCHEMA:
            return snapshot
        image = _brought_up(snapshot.body, schema, upgrades)
    except msgspec.MsgspecError as problem:
        raise RecordDamaged(f"its content is not a snapshot: {problem}") from problem
    body = _encoder.encode({**image, "schema": SCHEMA})
    return msgspec.structs.replace(snapshot, body=body)
