"""Every published version of the flows: a fold of ``FlowPublished`` kept in the database.

Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database, upsert
from ivr.published import FlowStore
from router.core.events import Entry, FlowPublished
from router.ports import Heard, Journal
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
            if (waiting := self.handle(entry)) is not None:
                await waiting

    def handle(self, entry: Entry) -> Heard:
        published = [event for event in entry.events if isinstance(event, FlowPublished)]
        return self._keep_all(entry, published) if published else None

    async def _keep_all(self, entry: Entry, published: Iterable[FlowPublished]) -> None:
        for event in published:
            await self._keep(entry, event)

    async def versions(self, flow: str) -> list[FlowVersion]:
        row = FlowVersionRow
        query = (
            select(row.version, row.at, row.by, row.note)
            .where(row.flow == flow)
            .order_by(row.position.desc())
            .limit(MAX_LISTED)
        )
        rows = await self._database.ask(lambda it: it.execute(query).all())
        return [
            FlowVersion(version=version, at=at, by=by, note=note) for version, at, by, note in rows
        ]

    async def source(self, flow: str, version: int) -> str | None:
        query = (
            select(FlowVersionRow.source)
            .where(FlowVersionRow.flow == flow, FlowVersionRow.version == version)
            .order_by(FlowVersionRow.position.desc())
            .limit(1)
        )
        return await self._database.ask(lambda it: it.scalar(query))

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

        def kept(connection: Connection) -> tuple[dict[str, int], int]:
            newest = {row[0]: row[1] for row in connection.execute(query)}
            return newest, connection.scalar(last) or 0

        return await self._database.ask(kept)

    async def _keep(self, entry: Entry, event: FlowPublished) -> None:
        row = {
            "position": entry.position,
            "flow": event.flow,
            "version": event.version,
            "at": entry.at,
            "by": entry.by[:64],
            "note": event.note,
            "source": event.source,
        }
        key = ("position",)
        await self._database.change(lambda it: it.execute(upsert(it, FlowVersionRow, key), row))
