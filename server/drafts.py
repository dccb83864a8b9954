"""What admins are working on and have not published: one draft of each thing, saved as they go,
with an optimistic lock. What a draft holds is text to this module, and may be imperfect.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    String,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database
from router.ports import Clock

Kind = Literal["flow", "catalog", "mail"]


class StudioDraftRow(Base):
    __tablename__ = "studio_drafts"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)


class DraftMark(msgspec.Struct, frozen=True, kw_only=True):
    """``revision`` counts from 1; ``at`` is microseconds UTC."""

    revision: int
    at: int
    by: str


class Draft(DraftMark, frozen=True, kw_only=True):
    content: str


class Drafts:
    """The drafts of one kind, by name. Every method may raise ``DatabaseUnavailable``."""

    def __init__(self, database: Database, clock: Clock, kind: Kind) -> None:
        self._database = database
        self._clock = clock
        self._kind = kind

    async def marks(self) -> dict[str, DraftMark]:
        """By name."""
        query = (
            select(
                StudioDraftRow.name, StudioDraftRow.revision, StudioDraftRow.at, StudioDraftRow.by
            )
            .where(StudioDraftRow.kind == self._kind)
            .order_by(StudioDraftRow.name)
        )
        rows = await self._database.ask(lambda it: it.execute(query).all())
        return {name: DraftMark(revision=revision, at=at, by=by) for name, revision, at, by in rows}

    async def load(self, name: str) -> Draft | None:
        row = StudioDraftRow
        query = select(row.revision, row.at, row.by, row.content).where(*self._is(name))
        found = await self._database.ask(lambda it: it.execute(query).mappings().first())
        return None if found is None else Draft(**found)

    async def save(self, name: str, content: str, *, replaces: int, by: str) -> int | None:
        """The new revision; None when revision ``replaces`` (0: none yet) is not what is there."""
        fields: dict[str, Any] = {"at": self._clock.now(), "by": by[:64], "content": content}
        if replaces == 0:
            row = {"kind": self._kind, "name": name, "revision": 1, **fields}
            return await self._database.change(lambda it: self._begin(it, row))
        change = (
            update(StudioDraftRow)
            .where(*self._is(name), StudioDraftRow.revision == replaces)
            .values(revision=replaces + 1, **fields)
        )
        changed = await self._database.change(lambda it: it.execute(change).rowcount == 1)
        return replaces + 1 if changed else None

    def _begin(self, connection: Connection, row: dict[str, Any]) -> int | None:
        if self._is_there(connection, row["name"]):
            return None
        connection.execute(insert(StudioDraftRow), row)
        return 1

    async def discard(self, name: str, *, revision: int | None = None) -> bool:
        """Whether it is gone; with ``revision`` only that one goes."""
        exact = [] if revision is None else [StudioDraftRow.revision == revision]

        def discard(connection: Connection) -> bool:
            connection.execute(delete(StudioDraftRow).where(*self._is(name), *exact))
            return not self._is_there(connection, name)

        return await self._database.change(discard)

    def _is_there(self, connection: Connection, name: str) -> bool:
        query = select(StudioDraftRow.revision).where(*self._is(name))
        return connection.scalar(query) is not None

    def _is(self, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return StudioDraftRow.kind == self._kind, StudioDraftRow.name == name
