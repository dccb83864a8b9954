"""Every customer as CSV, in the form the import reads."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from io import StringIO
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from crm.database import Database
from crm.models import CustomerRow, IdentityRow, NoteRow
from crm.spreadsheet import to_cell

COLUMNS: Final = (
    *("external_id", "name", "phone", "email", "chat", "tier", "value", "why_valued"),
    *("language", "account_manager", "watch_out", "notes"),
)
_AT_ONCE: Final = 500


async def export_customers(database: Database) -> AsyncIterator[str]:
    """CSV text, piece by piece, safe to open in a spreadsheet; notes of one customer are joined.

    Raises ``DatabaseUnavailable``.
    """
    yield _csv([COLUMNS])
    last = ""
    while found := await database.ask(partial(_piece, after=last)):
        piece, last = found
        yield piece


def _piece(connection: Connection, after: str) -> tuple[str, str] | None:
    """The next customers as CSV, and the id of the last of them; None when there are no more."""
    table = CustomerRow.__table__
    query = select(table).where(CustomerRow.id > after).order_by(CustomerRow.id)
    rows = connection.execute(query.limit(_AT_ONCE)).all()
    return (_csv(_cells(connection, rows)), rows[-1].id) if rows else None


def _cells(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[list[object]]:
    ids = [row.id for row in rows]
    addresses: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    identities = select(IdentityRow.customer_id, IdentityRow.kind, IdentityRow.value)
    theirs = identities.where(IdentityRow.customer_id.in_(ids)).order_by(IdentityRow.id)
    for customer, kind, address in connection.execute(theirs):
        addresses[customer, kind].append(address)
    notes: defaultdict[str, list[str]] = defaultdict(list)
    written = select(NoteRow.customer_id, NoteRow.text).where(NoteRow.customer_id.in_(ids))
    for customer, text in connection.execute(written.order_by(NoteRow.at, NoteRow.id)):
        notes[customer].append(text)
    for row in rows:
        yield [
            row.external_id or "",
            row.name,
            *(";".join(addresses[row.id, kind]) for kind in ("phone", "email", "chat")),
            row.tier,
            row.value,
            row.why_valued,
            row.language,
            row.account_manager,
            row.watch_out,
            "\n".join(notes[row.id]),
        ]


def _csv(rows: Any) -> str:  # noqa: ANN401 - any cells
    out = StringIO()
    csv.writer(out).writerows([to_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue()
