"""PostgreSQL through asyncpg: a question or a change as a whole is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine

POOL_SIZE: Final = 5
TIMEOUT: Final = 15  # seconds for one statement

AnswerT = TypeVar("AnswerT")


class Postgres:
    """Connections to a PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=POOL_SIZE,
            pool_pre_ping=True,
            # An error that quotes what was to be stored would bring customers' data into the log.
            hide_parameters=True,
            connect_args={"timeout": TIMEOUT, "command_timeout": TIMEOUT},
        )

    async def ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        async with self._engine.connect() as connection:
            return await connection.run_sync(question)

    async def change(self, change: Callable[[Connection], AnswerT]) -> AnswerT:
        async with self._engine.begin() as connection:
            return await connection.run_sync(change)

    async def close(self) -> None:
        await self._engine.dispose()
