"""Every catalog that was in force: a fold of ``CatalogPublished`` kept in the database.

Revert and diff go by the source each version was compiled from. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import BigInteger, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database, upsert
from router.core.events import CatalogPublished, Entry
from router.ports import Heard

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

    def handle(self, entry: Entry) -> Heard:
        published = [event for event in entry.events if isinstance(event, CatalogPublished)]
        return self._keep_all(entry, published) if published else None

    async def _keep_all(self, entry: Entry, published: Iterable[CatalogPublished]) -> None:
        for event in published:
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
        row = await self._database.ask(lambda it: it.execute(query).first())
        return (0, 0) if row is None else (row.version, row.position)

    async def versions(self) -> list[CatalogVersion]:
        row = CatalogVersionRow
        query = (
            select(row.version, row.at, row.by, row.note)
            .order_by(row.position.desc())
            .limit(MAX_LISTED)
        )
        rows = await self._database.ask(lambda it: it.execute(query).all())
        return [
            CatalogVersion(version=version, at=at, by=by, note=note)
            for version, at, by, note in rows
        ]

    async def source(self, version: int) -> str | None:
        """The source of ``version``, None when it never was in force."""
        query = (
            select(CatalogVersionRow.source)
            .where(CatalogVersionRow.version == version)
            .order_by(CatalogVersionRow.position.desc())
        )
        return await self._database.ask(lambda it: it.scalar(query.limit(1)))

    async def _keep(self, entry: Entry, event: CatalogPublished) -> None:
        row = {
            "position": entry.position,
            "version": event.catalog.version,
            "at": entry.at,
            "by": entry.by[:64],
            "note": event.note,
            "source": event.catalog.source,
        }
        key = ("position",)
        await self._database.change(lambda it: it.execute(upsert(it, CatalogVersionRow, key), row))
