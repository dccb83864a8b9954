"""``patchbay import customers FILE.csv``: a file of customers into the database.

A row is an existing customer when its external id is known, or else when a customer of the same
name has one of its addresses; importing a file again changes nothing. The same number under two
names is two customers: a family, a company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection

from crm import import_rows
from crm.csv_rows import CsvProblem, CsvRow, count_lines, read_rows
from crm.customers import InvalidCustomer
from crm.database import Database
from crm.import_rows import ImportRow
from crm.repeats import Repeats
from crm.upserts import Outcome, Upserts
from router.ports import Clock

BATCH: Final = 500  # rows a transaction: what live work may have to wait behind
MAX_ERRORS: Final = 1_000  # reported one by one; more are counted

Progress = Callable[[int, int], None]


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """``line`` of the file, ``column`` by name (or ""), ``message`` says what to do."""

    line: int
    column: str
    message: str


class ImportReport(msgspec.Struct, kw_only=True):
    """What was done (with ``dry_run``: would be). ``repeated`` rows name a customer of an earlier
    row of the same file; ``rejected`` rows were left out, ``errors`` holds the first of them.
    """

    dry_run: bool = False
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    errors: list[RowError] = []
    ignored_columns: tuple[str, ...] = ()

    def reject(self, line: int, column: str, message: str) -> None:
        self.rejected += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(RowError(line=line, column=column, message=message))


class Importer:
    """``region`` is assumed for numbers without a country code."""

    def __init__(self, database: Database, clock: Clock, *, region: str = "US") -> None:
        self._database = database
        self._clock = clock
        self._region = region

    async def run(
        self, path: Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> ImportReport:
        """Import the file, batch by batch; ``progress`` hears (lines done, lines in all).

        A file that is broken off in the middle keeps its finished batches: import it again.
        Raises ``CsvProblem`` before anything is changed, or ``DatabaseUnavailable``.
        """
        lines = count_lines(path)
        report = ImportReport(dry_run=dry_run)
        rows = read_rows(path)
        head = _header(next(rows, None))
        report.ignored_columns = head.ignored
        with Repeats() as repeats:
            for batch in _batches(rows):
                checked = list(self._checked(batch, head, report))
                repeated = repeats.among(checked)
                report.repeated += len(repeated)
                await self._store(checked, repeated, report)
                if progress:
                    progress(batch[-1].line, lines)
        if progress:
            progress(lines, lines)
        return report

    def _checked(
        self, batch: Iterable[CsvRow], head: import_rows.Header, report: ImportReport
    ) -> Iterator[ImportRow]:
        today = datetime.fromtimestamp(self._clock.now() / 1e6, UTC).date()
        for row in batch:
            report.rows += 1
            if row.problem:
                report.reject(row.line, "", row.problem)
                continue
            try:
                yield import_rows.read(row.line, row.cells, head, self._region, today)
            except InvalidCustomer as problem:
                report.reject(row.line, problem.field, str(problem))

    async def _store(self, rows: list[ImportRow], repeated: set[int], report: ImportReport) -> None:
        """Change the database in one transaction; a dry run only reads it."""
        now = self._clock.now()
        if report.dry_run:
            outcomes = await self._database.ask(lambda it: _folded(it, rows, now)[1])
        else:
            outcomes = await self._database.change(lambda it: _stored(it, rows, now))
        for row, outcome in zip(rows, outcomes, strict=True):
            if row.line not in repeated:
                setattr(report, outcome, getattr(report, outcome) + 1)


def _folded(
    connection: Connection, rows: list[ImportRow], now: int
) -> tuple[Upserts, list[Outcome]]:
    """What is to be written, and what that does to each row."""
    upserts = Upserts.prepare(connection, rows, now)
    return upserts, [upserts.add(row) for row in rows]


def _stored(connection: Connection, rows: list[ImportRow], now: int) -> list[Outcome]:
    upserts, outcomes = _folded(connection, rows, now)
    upserts.write(connection)
    return outcomes


def _header(first: CsvRow | None) -> import_rows.Header:
    if first is None:
        raise CsvProblem("The file is empty: its first line names the columns, then come rows.")
    if first.problem:
        raise CsvProblem(f"Line {first.line}, which names the columns: {first.problem}.")
    return import_rows.header(first.cells)


def _batches(rows: Iterator[CsvRow]) -> Iterator[list[CsvRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
