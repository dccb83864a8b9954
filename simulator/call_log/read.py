"""Reading a call log that nobody vouches for: what is broken is counted, the rest is used."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from simulator.call_log.header import MAX_COLUMNS, delimiter_of, fitting, missing, places, split
from simulator.call_log.lines import TOO_LONG, Cut, Lines, Texts
from simulator.call_log.mapping import BUILT_IN, Mapping
from simulator.call_log.model import CallLog, LogError, LogProblem, RecordedCall
from simulator.call_log.rows import BadRow, RowReader

MAX_ROWS: Final = 5_000_000
SHOWN: Final = 20  # problems of each reason that are kept with their lines
_REASONS: Final = 200
_EVERY: Final = 20_000  # rows between two words of progress

Progress = Callable[[int, float], None]
"""Told the rows read so far and the share of the file that is, 0 to 1."""

_CLOCKS: Final = {
    "iso": "Times without a zone are taken as written; those with one are in UTC.",
    "clock": "Times are the wall clock of the log.",
    "unix": "Times are UTC.",
}


class _Complaints:
    """What is wrong with the rows, counted by reason; the first of each reason with their lines."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._shown: list[LogProblem] = []
        self.dropped = 0
        self.line = 0

    def drop(self, reason: str, found: str = "") -> None:
        self.dropped += 1
        self._add(LogProblem(line=self.line, reason=reason, found=found))

    def note(self, reason: str, found: str = "") -> None:
        self._add(LogProblem(line=self.line, reason=reason, found=found, dropped=False))

    def _add(self, problem: LogProblem) -> None:
        reason = problem.reason
        if reason not in self.counts and len(self.counts) >= _REASONS:
            reason = "something else"
        self.counts[reason] += 1
        if self.counts[reason] <= SHOWN:
            self._shown.append(problem)

    def shown(self) -> tuple[LogProblem, ...]:
        return tuple(self._shown)


def read_log(
    path: Path, mapping: Mapping | None = None, *, progress: Progress | None = None
) -> CallLog:
    """The calls of a log, plain or gzipped; without ``mapping`` the header decides which fits.

    A row that cannot be read costs nothing but itself. Raises ``LogError`` when the file as a
    whole is no call log.
    """
    lines = Lines(path)
    with closing(iter(lines)) as texts:
        return _read(path, mapping, lines, texts, progress)


def _read(
    path: Path, mapping: Mapping | None, lines: Lines, texts: Texts, progress: Progress | None
) -> CallLog:
    header = _header(path, texts)
    delimiter = delimiter_of(mapping, header)
    names = _cells_of_header(path, header, delimiter)
    chosen = mapping or fitting(names)
    if chosen is None:
        known = " nor ".join(f'"{one.name}"' for one in BUILT_IN)
        raise LogError(
            f"{path} has a header that fits neither {known}: give a mapping (--mapping)."
        )
    at = places(chosen.columns, names)
    if lacking := missing(chosen, at):
        raise LogError(f"{path} has no column for {'; '.join(lacking)}: change the mapping.")
    rows = _Rows(RowReader(chosen, at, len(names)), delimiter, lines, progress)
    rows.read(texts)
    rows.check(path)
    return _log(path, chosen, rows)


class _Rows:
    """The rows below the header, as far as they have been read."""

    def __init__(
        self, reader: RowReader, delimiter: str, lines: Lines, progress: Progress | None
    ) -> None:
        self._reader = reader
        self._delimiter = delimiter
        self._lines = lines
        self._progress = progress
        self.calls: list[RecordedCall] = []
        self.complaints = _Complaints()
        self.count = 0
        self.ignored = 0

    def read(self, texts: Texts) -> None:
        complaints = self.complaints
        try:
            for number, text in texts:
                complaints.line = number
                if text == b"":
                    continue
                if self.count == MAX_ROWS:
                    complaints.note(f"only the first {MAX_ROWS:,} rows are read")
                    break
                self.count += 1
                self._row(number, text)
                if self._progress and self.count % _EVERY == 0:
                    self._progress(self.count, self._lines.share())
        except Cut as cut:
            complaints.line += 1
            complaints.note(str(cut))
        if self._progress:
            self._progress(self.count, 1.0)

    def _row(self, number: int, text: bytes | None) -> None:
        complaints = self.complaints
        try:
            cells = self._cells(text)
            call = self._reader.read(number, cells, complaints.note)
        except BadRow as bad:
            complaints.drop(bad.reason, bad.found)
            return
        if call is None:
            self.ignored += 1
        else:
            self.calls.append(call)

    def _cells(self, text: bytes | None) -> list[str]:
        if text is None:
            raise BadRow(TOO_LONG)
        if b"\0" in text:
            raise BadRow("the line has NUL bytes in it")
        try:
            return split(text.decode(), self._delimiter)
        except UnicodeDecodeError:
            raise BadRow("the line is not UTF-8") from None
        except csv.Error:
            raise BadRow("a quote is not closed on its line") from None

    def check(self, path: Path) -> None:
        """Raises ``LogError`` when there were rows and nothing could be made of any."""
        if self.complaints.dropped and not self.calls and not self.ignored:
            first = next(one for one in self.complaints.shown() if one.dropped)
            raise LogError(f"{path}: none of its {self.count:,} rows can be read; {first}.")


def _header(path: Path, texts: Texts) -> str:
    try:
        text = next(texts, (1, b""))[1]
        if text is None or b"\0" in text:
            raise LogError(f"{path} does not look like a call log: its first line is no header.")
        header = text.decode()
    except Cut as cut:
        raise LogError(f"{path} cannot be read: {cut}.") from cut
    except UnicodeDecodeError:
        raise LogError(f"{path} does not look like a call log: it is not UTF-8 text.") from None
    if not header.strip():
        raise LogError(f"{path} has no header: the first line must name the columns.")
    return header


def _cells_of_header(path: Path, header: str, delimiter: str) -> list[str]:
    try:
        names = split(header, delimiter)
    except csv.Error:
        raise LogError(f"{path}: a quote in the header is not closed.") from None
    if len(names) > MAX_COLUMNS:
        raise LogError(f"{path} has more than {MAX_COLUMNS} columns: it is no call log.")
    return names


def _log(path: Path, mapping: Mapping, rows: _Rows) -> CallLog:
    return CallLog(
        name=path.name,
        mapping=mapping.name,
        clock=_CLOCKS[mapping.times],
        calls=tuple(sorted(rows.calls, key=lambda call: (call.queued_at, call.line))),
        rows=rows.count,
        ignored=rows.ignored,
        dropped=rows.complaints.dropped,
        problems=rows.complaints.shown(),
        problem_counts=dict(rows.complaints.counts),
        tier_without_wait=mapping.tier_without_wait,
        credits=mapping.credits_in_microseconds(),
        served_as=mapping.served_as,
    )
