"""Which log the database goes with: what it knows of contacts was read from that one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database, insert_missing

MAX_NAME: Final = 64
_ONLY: Final = 1


class FollowedLogRow(Base):
    """One row, once a log in Redis was followed."""

    __tablename__ = "followed_log"

    only: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(MAX_NAME))


async def followed(database: Database) -> str:
    """The log's name, empty when none is known. Raises ``DatabaseUnavailable``."""
    return await database.ask(_name)


async def follow(database: Database, name: str) -> str:
    """The name of the log that is followed: ``name`` unless there is one. Raises
    ``DatabaseUnavailable``.
    """

    def store(connection: Connection) -> str:
        row = insert_missing(connection, FollowedLogRow, key=("only",))
        connection.execute(row, [{"only": _ONLY, "name": name}])
        return _name(connection)

    return await database.change(store)


async def follow_instead(database: Database, name: str) -> None:
    """From now on ``name``, or none if it is empty, whatever was followed. Raises
    ``DatabaseUnavailable``.
    """

    def store(connection: Connection) -> None:
        connection.execute(delete(FollowedLogRow))
        if name:
            connection.execute(insert(FollowedLogRow), [{"only": _ONLY, "name": name}])

    await database.change(store)


def _name(connection: Connection) -> str:
    return connection.scalar(select(FollowedLogRow.name)) or ""
