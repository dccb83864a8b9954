"""The first line of a call log: which column is where, and which built-in mapping fits it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from simulator.call_log.mapping import BUILT_IN, Columns, Mapping

MAX_COLUMNS: Final = 500
_DELIMITERS: Final = "\t;,|"


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The index of each column, -1 where the log has none; ``id`` may have several."""

    arrived_at: int
    asked_at: int
    queued_at: int
    answered_at: int
    ended_at: int
    waited: int
    talk: int
    outcome: int
    customer: int
    tier: int
    type: int
    agent: int
    date: int
    id: tuple[int, ...]


def split(text: str, delimiter: str) -> list[str]:
    """The cells of one line. Raises ``csv.Error`` when a quote is never closed."""
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter, strict=True), [])


def delimiter_of(mapping: Mapping | None, header: str) -> str:
    """What separates the cells: as the mapping says, else what occurs most in the header."""
    if mapping is not None and mapping.delimiter:
        return mapping.delimiter
    return max(_DELIMITERS, key=header.count)


def fitting(header: Sequence[str]) -> Mapping | None:
    """The built-in mapping whose columns the header has."""
    return next((one for one in BUILT_IN if not missing(one, places(one.columns, header))), None)


def places(columns: Columns, header: Sequence[str]) -> Places:
    """Where each thing stands. Of two columns with one name the first counts."""
    where = {name.strip().lower(): i for i, name in reversed(list(enumerate(header)))}

    def found(names: Iterable[str]) -> list[int]:
        return [where[name.lower()] for name in names if name.lower() in where]

    first = {
        field: (found(getattr(columns, field)) or [-1])[0]
        for field in Places.__struct_fields__
        if field != "id"
    }
    return Places(**first, id=tuple(found(columns.id)))


def missing(mapping: Mapping, at: Places) -> list[str]:
    """The things without which no call can be read, each with the names that were looked for."""
    columns = mapping.columns
    lacking = []
    if at.arrived_at < 0:
        lacking.append(_named("arrived_at", columns.arrived_at))
    if at.waited < 0 and at.answered_at < 0:
        lacking.append(_named("waited or answered_at", columns.waited + columns.answered_at))
    if at.talk < 0 and at.ended_at < 0:
        lacking.append(_named("talk or ended_at", columns.talk + columns.ended_at))
    if mapping.times == "clock" and at.date < 0:
        lacking.append(_named("date", columns.date))
    return lacking


def _named(thing: str, names: Iterable[str]) -> str:
    return f"{thing} (looked for {', '.join(names) or 'no name'})"
