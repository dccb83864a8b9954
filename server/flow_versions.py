"""Every published version of the flows: a fold of ``FlowPublished`` kept in the database.

Times are microseconds UTC.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database
from ivr.published import FlowStore
from router.core.events import Entry, FlowPublished
from router.ports import Journal
from router.replica import Replica

MAX_LISTED = 200


class FlowVersionRow(Base):
    """``position`` is the journal entry that published it: folding twice changes nothing."""

    __tablename__ = "flow_versions"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    flow: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)


class FlowVersion(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    at: int
    by: str
    note: str


class FlowVersions(FlowStore):
    """The versions, newest first. Every method may raise ``DatabaseUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def catch_up(self, journal: Journal, replica: Replica) -> None:
        """Read what was published and is not kept here: the service stopped in between, or the
        database is another. Most starts read nothing.
        """
        kept, last = await self._kept(replica.position)
        if all(kept.get(name) == known.newest for name, known in replica.state.flows.items()):
            return
        async for entry in journal.read(after=last, until=replica.position):
            await self.handle(entry)

    async def handle(self, entry: Entry) -> None:
        for event in entry.events:
            if isinstance(event, FlowPublished):
                await self._keep(entry, event)

    async def versions(self, flow: str) -> list[FlowVersion]:
        query = (
            select(FlowVersionRow)
            .where(FlowVersionRow.flow == flow)
            .order_by(FlowVersionRow.position.desc())
            .limit(MAX_LISTED)
        )
        async with self._database.reading() as session:
            return [
                FlowVersion(version=row.version, at=row.at, by=row.by, note=row.note)
                for row in await session.scalars(query)
            ]

    async def source(self, flow: str, version: int) -> str | None:
        query = (
            select(FlowVersionRow.source)
            .where(FlowVersionRow.flow == flow, FlowVersionRow.version == version)
            .order_by(FlowVersionRow.position.desc())
            .limit(1)
        )
        async with self._database.reading() as session:
            return await session.scalar(query)

    async def _kept(self, up_to: int) -> tuple[dict[str, int], int]:
        """The newest version of each flow, and the position of the last; what is kept from beyond
        ``up_to`` came from another journal.
        """
        query = (
            select(FlowVersionRow.flow, func.max(FlowVersionRow.version))
            .where(FlowVersionRow.position <= up_to)
            .group_by(FlowVersionRow.flow)
        )
        last = select(func.max(FlowVersionRow.position)).where(FlowVersionRow.position <= up_to)
        async with self._database.reading() as session:
            rows = await session.execute(query)
            kept = {row[0]: row[1] for row in rows}
            return kept, await session.scalar(last) or 0

    async def _keep(self, entry: Entry, event: FlowPublished) -> None:
        row = FlowVersionRow(
            position=entry.position,
            flow=event.flow,
            version=event.version,
            at=entry.at,
            by=entry.by[:64],
            note=event.note,
            source=event.source,
        )
        async with self._database.writing() as session:
            await session.merge(row)
