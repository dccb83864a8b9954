"""One row of an import file as a customer, checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from crm.csv_rows import CsvProblem
from crm.customers import (
    CustomerFields,
    InvalidCustomer,
    checked,
    checked_identity,
    checked_note,
)
from crm.limits import MAX_IDENTITIES, MAX_VALUE
from crm.spreadsheet import from_cell
from crm.value import Figures, valuation
from router.customers import Identity

_ADDRESSES: Final = ("phone", "email", "chat")
_FIELDS: Final = (
    "name",
    "tier",
    "why_valued",
    "language",
    "account_manager",
    "watch_out",
    "external_id",
)
_FIGURES: Final = ("value", "orders", "spent", "last_order")
COLUMNS: Final = (*_FIELDS, *_ADDRESSES, *_FIGURES, "notes")
_ALSO_CALLED: Final = {
    "e-mail": "email",
    "mail": "email",
    "telephone": "phone",
    "phone_number": "phone",
    "note": "notes",
    "id": "external_id",
}
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,13}(\.0{1,2})?")


class ImportRow(msgspec.Struct, frozen=True, kw_only=True):
    """``fields`` are checked and by name; ``name`` is among them."""

    line: int
    fields: dict[str, object]
    identities: tuple[Identity, ...]
    note: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """``columns`` names each column of the file, "" where it is not used."""

    columns: tuple[str, ...]
    ignored: tuple[str, ...]


def header(cells: Sequence[str]) -> Header:
    """Raises ``CsvProblem`` when the columns cannot make customers."""
    written = [re.sub(r"\s+", "_", cell.strip().lower()) for cell in cells]
    named = [_ALSO_CALLED.get(each, each) for each in written]
    columns = tuple(each if each in COLUMNS else "" for each in named)
    used = [each for each in columns if each]
    if "name" not in used:
        raise CsvProblem(
            "The first line must name the columns, with `name` among them: "
            f"use any of {', '.join(COLUMNS)}."
        )
    if twice := sorted({each for each in used if used.count(each) > 1}):
        raise CsvProblem(f"The column {twice[0]} is there twice: keep one of them.")
    if not {*_ADDRESSES, "external_id"} & set(used):
        raise CsvProblem("Add a column phone, email, chat or external_id: who is who by a name?")
    ignored = [cell.strip()[:40] for cell, name in zip(cells, columns, strict=True) if not name]
    return Header(columns=columns, ignored=tuple(each for each in ignored if each))


def read(line: int, cells: Sequence[str], head: Header, region: str, today: date) -> ImportRow:
    """Raises ``InvalidCustomer``, which names the column and says what to do."""
    if len(cells) > len(head.columns):
        raise InvalidCustomer(
            "",
            f"The row has {len(cells)} cells and the header {len(head.columns)}: "
            "put texts with a separator in quotation marks.",
        )
    given = {
        name: from_cell(cell.strip())
        for name, cell in zip(head.columns, cells, strict=False)
        if name
    }
    texts = {name: given[name] for name in _FIELDS if name in given}
    if not texts.get("name"):
        raise InvalidCustomer("name", "Give the customer a name.")
    fields = checked(msgspec.convert(texts, CustomerFields)) | _worth(given, today)
    identities = _identities(given, region)
    if not identities and not fields.get("external_id"):
        raise InvalidCustomer(
            "", "Give the row a phone number, a mail address, a chat handle or an external_id."
        )
    note = given.get("notes", "")
    return ImportRow(
        line=line,
        fields=fields,
        identities=identities,
        note=checked_note(note) if note.strip() else "",
    )


def _identities(given: Mapping[str, str], region: str) -> tuple[Identity, ...]:
    found: dict[tuple[str, str], Identity] = {}
    for kind in _ADDRESSES:
        parts = given.get(kind, "").split(";", MAX_IDENTITIES + 1)
        for part in parts:
            if value := from_cell(part.strip()):
                identity = checked_identity(kind, value, region)
                found[identity.kind, identity.value] = identity
    if len(found) > MAX_IDENTITIES:
        raise InvalidCustomer("phone", f"A customer has {MAX_IDENTITIES} addresses at most.")
    return tuple(found.values())


def _worth(given: Mapping[str, str], today: date) -> dict[str, object]:
    figures = Figures(
        stated_value=_number("value", given),
        orders=_number("orders", given),
        spent=_number("spent", given),
        last_order=_day("last_order", given),
    )
    worth = valuation(figures, today)
    if worth is None:
        return {}
    # What the file says itself is worth more than our sentence.
    why = {} if given.get("why_valued") or not worth.why else {"why_valued": worth.why}
    return {"value": worth.value, **why}


def _number(column: str, given: Mapping[str, str]) -> int | None:
    text = given.get(column, "")
    if not text:
        return None
    if not _WHOLE_NUMBER.fullmatch(text) or int(text.partition(".")[0]) > MAX_VALUE:
        raise InvalidCustomer(
            column, f"{text[:40]!r} is not a whole number: write it as 3200, without separators."
        )
    return int(text.partition(".")[0])


def _day(column: str, given: Mapping[str, str]) -> date | None:
    text = given.get(column, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidCustomer(
            column, f"{text[:40]!r} is not a date: write it as 2026-03-31."
        ) from None
