"""Whether contacts can be taken in now, and if not, why."""

from __future__ import annotations

from collections.abc import Callable

from crm.database import Database, DatabaseUnavailable
from crm.history import ContactHistory
from router.engine import Health
from router.replica import Replica

NO_CATALOG = "No catalog is in force: start with a catalog file, or publish one."


class Readiness:
    """What ``/readyz`` asks."""

    def __init__(
        self,
        health: Callable[[], Health],
        replica: Replica,
        database: Database,
        history: ContactHistory,
    ) -> None:
        self._health = health
        self._replica = replica
        self._database = database
        self._history = history

    async def reasons(self) -> list[str]:
        """One sentence for each thing that is in the way; empty when nothing is."""
        found = []
        health = self._health()
        if not health.ready:
            found.append(health.reason)
        try:
            await self._database.ping()
        except DatabaseUnavailable as problem:
            found.append(str(problem))
        if self._replica.state.catalog.version == 0:
            found.append(NO_CATALOG)
        return found

    def warnings(self) -> list[str]:
        """What wants an operator, though contacts can be taken in."""
        return [self._history.problem] if self._history.problem else []
