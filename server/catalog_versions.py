"""Every catalog that was in force: a fold of ``CatalogPublished`` kept in the database.

Revert and diff go by the source each version was compiled from. Times are microseconds UTC.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database
from router.core.events import CatalogPublished, Entry

MAX_LISTED = 200


class CatalogVersionRow(Base):
    """``position`` is the journal entry that published it: folding twice changes nothing."""

    __tablename__ = "catalog_versions"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, index=True)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)


class CatalogVersion(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    at: int
    by: str
    note: str


class CatalogVersions:
    """The versions, newest first. Every method may raise ``DatabaseUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def handle(self, entry: Entry) -> None:
        for event in entry.events:
            if isinstance(event, CatalogPublished):
                await self._keep(entry, event)

    async def newest(self, *, up_to: int) -> tuple[int, int]:
        """The version kept last and the journal position that published it; zeros without any.

        ``up_to`` is the journal's newest position: what is kept from beyond it came from another.
        """
        query = (
            select(CatalogVersionRow.version, CatalogVersionRow.position)
            .where(CatalogVersionRow.position <= up_to)
            .order_by(CatalogVersionRow.position.desc())
            .limit(1)
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).first()
            return (0, 0) if row is None else (row.version, row.position)

    async def versions(self) -> list[CatalogVersion]:
        query = select(CatalogVersionRow).order_by(CatalogVersionRow.position.desc())
        async with self._database.reading() as session:
            rows = await session.scalars(query.limit(MAX_LISTED))
            return [
                CatalogVersion(version=row.version, at=row.at, by=row.by, note=row.note)
                for row in rows
            ]

    async def source(self, version: int) -> str | None:
        """The source of ``version``, None when it never was in force."""
        query = (
            select(CatalogVersionRow.source)
            .where(CatalogVersionRow.version == version)
            .order_by(CatalogVersionRow.position.desc())
        )
        async with self._database.reading() as session:
            return await session.scalar(query.limit(1))

    async def _keep(self, entry: Entry, event: CatalogPublished) -> None:
        row = CatalogVersionRow(
            position=entry.position,
            version=event.catalog.version,
            at=entry.at,
            by=entry.by[:64],
            note=event.note,
            source=event.catalog.source,
        )
        async with self._database.writing() as session:
            await session.merge(row)
