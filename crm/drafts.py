"""Notes agents have not finished: kept as they type, so that a reload loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select, tuple_

from crm.database import Database, upsert
from crm.limits import MAX_NOTE
from crm.models import DraftRow
from crm.words import paragraph
from router.ports import Clock


class SavedDrafts:
    """One draft an agent and contact. Raises ``DatabaseUnavailable``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, agent: str) -> Mapping[str, str]:
        """The agent's drafts, contact to text."""
        query = select(DraftRow.contact, DraftRow.text).where(DraftRow.agent == agent)
        rows = await self._database.ask(lambda it: it.execute(query).all())
        return dict(rows)

    async def save(self, agent: str, contact: str, text: str) -> None:
        """Keep ``text``; what passes the limit of a note is cut, an empty text is forgotten."""
        kept = paragraph(text[:MAX_NOTE])
        row = {"contact": contact, "agent": agent, "text": kept, "at": self._clock.now()}

        def save(connection: Connection) -> None:
            if kept:
                connection.execute(upsert(connection, DraftRow, key=("agent", "contact")), [row])
            else:
                discard(connection, [(agent, contact)])

        await self._database.change(save)


def discard(connection: Connection, drafts: Sequence[tuple[str, str]]) -> None:
    """Forget the drafts of these (agent, contact): the contact's note is in the journal now."""
    if drafts:
        key = tuple_(DraftRow.agent, DraftRow.contact)
        connection.execute(delete(DraftRow).where(key.in_(drafts)))
