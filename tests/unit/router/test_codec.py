"""Records: what is damaged is noticed, what is old is still read."""

from __future__ import annotations

import msgspec
import pytest

from router.core.events import SCHEMA, AgentReady, ContactArrived, Entry
from router.core.state import State
from router.journal.codec import (
    SNAPSHOT_UPGRADES,
    UPGRADES,
    RecordDamaged,
    RecordNewer,
    decode,
    decode_snapshot,
    encode,
    encode_snapshot,
    seal,
    unseal,
)
from router.ports import Snapshot

ENTRY = Entry(
    position=7,
    at=1_700_000_000_000_000,
    cause="c-7",
    by="ann",
    events=(
        ContactArrived(contact="k", sequence=1, channel="voice", direction="inbound"),
        AgentReady(agent="ann"),
    ),
)


def test_an_entry_survives_encoding() -> None:
    assert decode(encode(ENTRY)) == ENTRY


def test_every_single_flipped_bit_is_noticed() -> None:
    record = encode(ENTRY)
    for bit in range(len(record) * 8):
        flipped = bytearray(record)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RecordDamaged):
            decode(bytes(flipped))


def test_a_record_cut_anywhere_is_noticed() -> None:
    record = encode(ENTRY)
    for length in range(len(record)):
        with pytest.raises(RecordDamaged):
            decode(record[:length])


def test_a_record_with_bytes_added_is_noticed() -> None:
    with pytest.raises(RecordDamaged, match="checksum"):
        decode(encode(ENTRY) + b"\0")


def test_a_whole_record_that_is_no_entry_is_refused() -> None:
    with pytest.raises(RecordDamaged, match="not an entry"):
        decode(seal(msgspec.msgpack.encode({"position": "seven"})))


def test_the_schema_number_stands_on_the_record() -> None:
    assert unseal(encode(ENTRY))[0] == SCHEMA


def test_an_old_record_is_brought_up_step_by_step() -> None:
    old = msgspec.to_builtins(ENTRY)
    old["who"] = old.pop("by")
    del old["schema"]
    record = seal(msgspec.msgpack.encode(old), schema=SCHEMA - 1)

    def rename_who(fields: dict[str, object]) -> dict[str, object]:
        return {("by" if name == "who" else name): value for name, value in fields.items()}

    assert decode(record, upgrades={SCHEMA - 1: rename_who}) == ENTRY


def test_a_schema_nobody_knows_any_more_is_refused() -> None:
    record = seal(msgspec.msgpack.encode(msgspec.to_builtins(ENTRY)), schema=SCHEMA - 1)
    with pytest.raises(RecordDamaged, match="unknown"):
        decode(record, upgrades={})


def test_a_record_of_a_newer_program_says_so() -> None:
    body = msgspec.msgpack.encode(ENTRY)
    with pytest.raises(RecordDamaged, match="newer Patchbay"):
        decode(seal(body, schema=SCHEMA + 1))


def test_whatever_older_versions_wrote_is_read_entries_and_snapshots() -> None:
    """In Redis what came before a snapshot may be gone: without it a log could not be read."""
    before = set(range(1, SCHEMA))
    assert set(UPGRADES) >= before
    assert set(SNAPSHOT_UPGRADES) >= before


def snapshot() -> Snapshot:
    state = State()
    state.apply_entry(msgspec.structs.replace(ENTRY, position=1, events=ENTRY.events[:1]))
    return Snapshot(position=1, at=ENTRY.at, body=state.snapshot())


def test_a_snapshot_survives_encoding() -> None:
    assert decode_snapshot(encode_snapshot(snapshot())) == snapshot()


def test_an_old_snapshot_is_brought_up_step_by_step() -> None:
    image = msgspec.msgpack.decode(snapshot().body)
    image["people"] = image.pop("contacts")
    old = msgspec.structs.replace(snapshot(), body=msgspec.msgpack.encode(image))
    record = seal(msgspec.msgpack.encode(old), schema=SCHEMA - 1)

    def rename_people(fields: dict[str, object]) -> dict[str, object]:
        return {("contacts" if n == "people" else n): value for n, value in fields.items()}

    found = decode_snapshot(record, upgrades={SCHEMA - 1: rename_people})
    restored = State.restore(found.body)
    assert (found.position, list(restored.contacts)) == (1, ["k"])
    assert restored.position == 1
    with pytest.raises(RecordDamaged, match="unknown"):
        decode_snapshot(record, upgrades={})


def test_a_snapshot_of_a_newer_program_says_so() -> None:
    with pytest.raises(RecordNewer, match="install that version here"):
        decode_snapshot(seal(b"whatever", schema=SCHEMA + 1))


def test_a_whole_record_that_is_no_snapshot_is_refused() -> None:
    with pytest.raises(RecordDamaged, match="not a snapshot"):
        decode_snapshot(seal(msgspec.msgpack.encode({"position": "seven"})))
