"""Every customer as CSV, in the form the import reads."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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
    while True:
        async with database.reading() as session:
            query = select(CustomerRow).where(CustomerRow.id > last).order_by(CustomerRow.id)
            rows = list(await session.scalars(query.limit(_AT_ONCE)))
            if not rows:
                return
            yield await _piece(session, rows)
        last = rows[-1].id


async def _piece(session: AsyncSession, rows: list[CustomerRow]) -> str:
    ids = [row.id for row in rows]
    addresses: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    identities = select(IdentityRow).where(IdentityRow.customer_id.in_(ids))
    for each in await session.scalars(identities.order_by(IdentityRow.id)):
        addresses[each.customer_id, each.kind].append(each.value)
    notes: defaultdict[str, list[str]] = defaultdict(list)
    written = select(NoteRow).where(NoteRow.customer_id.in_(ids))
    for note in await session.scalars(written.order_by(NoteRow.at, NoteRow.id)):
        notes[note.customer_id].append(note.text)
    return _csv(
        [
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
        for row in rows
    )


def _csv(rows: Any) -> str:  # noqa: ANN401 - any cells
    out = StringIO()
    csv.writer(out).writerows([to_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue()
