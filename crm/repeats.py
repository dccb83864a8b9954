"""Which rows of a file name a customer of an earlier row, in flat memory however long the file.

Fingerprints of what makes a row its customer's go to a temporary file that disappears by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Self

from crm.import_rows import ImportRow
from crm.words import fold

_KEYS_AT_ONCE: Final = 10_000


class Repeats:
    """A context manager; ``among`` is given the batches in the order of the file."""

    def __init__(self) -> None:
        self._seen = sqlite3.connect("", isolation_level=None)
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, has_id INTEGER) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._seen.close()

    def among(self, rows: Sequence[ImportRow]) -> set[int]:
        """Lines whose customer was named before, in these rows or in earlier ones."""
        keys = {row.line: _address_keys(row) for row in rows}
        ids = {row.line: _id_key(row) for row in rows}
        known = self._look_up([*ids.values(), *(key for each in keys.values() for key in each)])
        repeated = set()
        for row in rows:
            id_key, address_keys = ids[row.line], keys[row.line]
            if _is_repeat(known, id_key, address_keys):
                repeated.add(row.line)
            known |= (
                dict.fromkeys(address_keys, bool(id_key))
                if id_key
                else {key: known.get(key, False) for key in address_keys}
            )
            if id_key:
                known[id_key] = True
        self._seen.execute("BEGIN")
        self._seen.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", known.items())
        self._seen.execute("COMMIT")
        return repeated

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, bool]:
        wanted = [key for key in keys if key]
        found: dict[bytes, bool] = {}
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            some = wanted[start : start + _KEYS_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, has_id FROM seen WHERE key IN ({marks})"  # noqa: S608 - marks
            found |= {key: bool(has_id) for key, has_id in self._seen.execute(query, some)}
        return found


def _is_repeat(known: dict[bytes, bool], id_key: bytes, address_keys: Sequence[bytes]) -> bool:
    if not id_key:
        return any(key in known for key in address_keys)
    # With another external id the same name and number are another person.
    return id_key in known or any(known.get(key) is False for key in address_keys)


def _id_key(row: ImportRow) -> bytes:
    external_id = row.fields.get("external_id")
    return _digest(str(external_id)) if external_id else b""


def _address_keys(row: ImportRow) -> list[bytes]:
    name = fold(str(row.fields["name"]))
    return [_digest(name, each.kind, each.value) for each in row.identities]


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()
