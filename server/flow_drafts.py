"""Flows that admins are working on: one draft a flow, saved as they go, with an optimistic lock."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Integer, String, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database
from router.ports import Clock


class FlowDraftRow(Base):
    __tablename__ = "flow_drafts"

    flow: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(Text)


class DraftMark(msgspec.Struct, frozen=True, kw_only=True):
    """``revision`` counts from 1; ``at`` is microseconds UTC."""

    revision: int
    at: int
    by: str


class Draft(DraftMark, frozen=True, kw_only=True):
    document: msgspec.Raw


class FlowDrafts:
    """Every method may raise ``DatabaseUnavailable``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def marks(self) -> dict[str, DraftMark]:
        """By flow."""
        query = select(
            FlowDraftRow.flow, FlowDraftRow.revision, FlowDraftRow.at, FlowDraftRow.by
        ).order_by(FlowDraftRow.flow)
        async with self._database.reading() as session:
            return {
                flow: DraftMark(revision=revision, at=at, by=by)
                for flow, revision, at, by in await session.execute(query)
            }

    async def load(self, flow: str) -> Draft | None:
        async with self._database.reading() as session:
            row = await session.get(FlowDraftRow, flow)
            if row is None:
                return None
            document = msgspec.Raw(row.document.encode())
            return Draft(revision=row.revision, at=row.at, by=row.by, document=document)

    async def save(self, flow: str, document: str, *, replaces: int, by: str) -> int | None:
        """The new revision; None when revision ``replaces`` (0: none yet) is not what is there."""
        fields = {"at": self._clock.now(), "by": by[:64], "document": document}
        async with self._database.writing() as session:
            if replaces == 0:
                if await session.get(FlowDraftRow, flow) is not None:
                    return None
                first = insert(FlowDraftRow).values(flow=flow, revision=1, **fields)
                await session.execute(first)
                return 1
            changed = await session.execute(
                update(FlowDraftRow)
                .where(FlowDraftRow.flow == flow, FlowDraftRow.revision == replaces)
                .values(revision=replaces + 1, **fields)
                .returning(FlowDraftRow.revision)
            )
            return changed.scalar()

    async def discard(self, flow: str) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(FlowDraftRow).where(FlowDraftRow.flow == flow))
