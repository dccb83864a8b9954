"""Notes agents have not finished: kept as they type, so that a reload loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

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
        async with self._database.reading() as session:
            return dict((await session.execute(query)).all())

    async def save(self, agent: str, contact: str, text: str) -> None:
        """Keep ``text``; what passes the limit of a note is cut, an empty text is forgotten."""
        kept = paragraph(text[:MAX_NOTE])
        row = {"contact": contact, "agent": agent, "text": kept, "at": self._clock.now()}
        async with self._database.writing() as session:
            if kept:
                await session.execute(upsert(session, DraftRow, key=("agent", "contact")), [row])
            else:
                await discard(session, [(agent, contact)])


async def discard(session: AsyncSession, drafts: Sequence[tuple[str, str]]) -> None:
    """Forget the drafts of these (agent, contact): the contact's note is in the journal now."""
    if drafts:
        key = tuple_(DraftRow.agent, DraftRow.contact)
        await session.execute(delete(DraftRow).where(key.in_(drafts)))
