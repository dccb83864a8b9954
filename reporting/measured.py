"""A command sink and a journal that tell the metrics what they do; otherwise as they were."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence

from reporting.metrics import Metrics
from router.core.commands import Command
from router.core.events import Entry, Rejected
from router.ports import NOTHING, CommandSink, Journal, Outcome, Snapshot


class MeasuredSink:
    """Counts refusals by their code."""

    def __init__(self, sink: CommandSink, metrics: Metrics) -> None:
        self._sink = sink
        self._metrics = metrics

    async def submit(self, command: Command) -> Outcome:
        outcome = await self._sink.submit(command)
        if isinstance(outcome, Rejected):
            self._metrics.rejected(outcome.code)
        return outcome


class MeasuredJournal:
    """Measures commits. The engine opens the journal before there is a state to make metrics
    of, so ``metrics`` is set afterwards.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.metrics: Metrics | None = None

    def over(self, journal: Journal) -> MeasuredJournal:
        """Itself, in front of another journal: a node has become the writer."""
        self._journal = journal
        return self

    async def append(
        self, entries: Sequence[Entry], refused: Mapping[str, Rejected] = NOTHING
    ) -> None:
        began = time.perf_counter_ns()
        await self._journal.append(entries, refused)
        if self.metrics is not None:
            self.metrics.committed((time.perf_counter_ns() - began) // 1_000, len(entries))

    async def confirm(self, refused: Mapping[str, Rejected] = NOTHING) -> None:
        await self._journal.confirm(refused)

    def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        return self._journal.read(after, until)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        await self._journal.save_snapshot(snapshot)

    async def load_snapshot(self) -> Snapshot | None:
        return await self._journal.load_snapshot()

    async def close(self) -> None:
        await self._journal.close()
