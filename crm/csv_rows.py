"""Reading a CSV file nobody vouches for: row by row, in bounded memory, errors by line.

The standard reader is used for the parsing itself, on one bounded row at a time: by itself it
would take a quote that is never closed, and the rest of the file, for one field.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

MAX_ROW: Final = 64 * 1024  # bytes
MAX_LINES: Final = 200  # of one row: a note may have line breaks
MAX_COLUMNS: Final = 100
_CHUNK: Final = 1 << 20
_UTF8_MARK: Final = b"\xef\xbb\xbf"


class CsvProblem(Exception):
    """The file as a whole cannot be read; the text says what to do."""


class CsvRow(msgspec.Struct, frozen=True, kw_only=True):
    """``line`` counts from 1; ``problem`` says why ``cells`` are empty."""

    line: int
    cells: tuple[str, ...] = ()
    problem: str = ""


def count_lines(path: Path) -> int:
    """How many lines the file has. Raises ``CsvProblem`` unless all of it is UTF-8."""
    try:
        with path.open("rb") as file:
            return _checked_lines(file, path)
    except OSError as error:
        raise CsvProblem(f"{path} cannot be read ({error.strerror}): check its name.") from error


def _checked_lines(file: BinaryIO, path: Path) -> int:
    lines, carry, last = 0, b"", b"\n"
    while chunk := file.read(_CHUNK):
        complete, carry = _split_utf8(carry + chunk)
        try:
            complete.decode()
        except UnicodeDecodeError as error:
            lines += complete.count(b"\n", 0, error.start)
            raise CsvProblem(_not_utf8(path, lines + 1)) from None
        lines += complete.count(b"\n")
        last = chunk[-1:]
    if carry:
        raise CsvProblem(_not_utf8(path, lines + 1))
    return lines + (last != b"\n")


def _split_utf8(data: bytes) -> tuple[bytes, bytes]:
    """``data`` up to where its last character may be cut in two, and the rest."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return (data[:-back], data[-back:]) if back < length else (data, b"")
    return data, b""


def _not_utf8(path: Path, line: int) -> str:
    return (
        f"{path} is not UTF-8 text (line {line}): "
        "save it from the spreadsheet as “CSV UTF-8”, then import it again."
    )


def read_rows(path: Path) -> Iterator[CsvRow]:
    """The rows, header included, blank lines left out; call ``count_lines`` first.

    Columns may be separated by commas, semicolons or tabs, as the header shows.
    """
    with path.open("rb") as file:
        if file.read(3) != _UTF8_MARK:
            file.seek(0)
        lines = _Lines(file)
        delimiter = _delimiter(lines.peek())
        while (row := _next_row(lines, delimiter)) is not None:
            if row.cells != () or row.problem:
                yield row


class _Lines:
    """Physical lines with their numbers; lines can be put back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._number = 0
        self._returned: deque[tuple[int, bytes]] = deque()

    def next(self) -> tuple[int, bytes] | None:
        """The next line, cut when longer than a row may be; None at the end."""
        if self._returned:
            return self._returned.popleft()
        line = self._file.readline(MAX_ROW + 1)
        if not line:
            return None
        self._number += 1
        rest = line
        while len(rest) > MAX_ROW and not rest.endswith(b"\n"):
            rest = self._file.readline(_CHUNK)
            if len(rest) < _CHUNK:
                break
        return self._number, line

    def put_back(self, lines: list[tuple[int, bytes]]) -> None:
        self._returned.extendleft(reversed(lines))

    def peek(self) -> bytes:
        line = self.next()
        if line is None:
            return b""
        self.put_back([line])
        return line[1]


def _delimiter(header: bytes) -> str:
    return max(",;\t", key=lambda mark: header.count(mark.encode()))


def _next_row(lines: _Lines, delimiter: str) -> CsvRow | None:
    first = lines.next()
    if first is None:
        return None
    number, text = first
    if len(text) > MAX_ROW:
        return CsvRow(line=number, problem=_TOO_LONG)
    if b'"' in text:
        row, more = _quoted_row(lines, text, delimiter)
        if row is None:
            lines.put_back(more)
            return CsvRow(line=number, problem=_UNCLOSED)
        text = row
    return _parsed(number, text.decode(), delimiter)


_TOO_LONG: Final = f"the row is longer than {MAX_ROW // 1024} KB: shorten it"
_UNCLOSED: Final = "a quotation mark is opened and not closed: close it, or double it inside a text"


def _quoted_row(
    lines: _Lines, text: bytes, delimiter: str
) -> tuple[bytes | None, list[tuple[int, bytes]]]:
    """The whole row when a quoted field spans lines, or None and the lines looked at in vain."""
    more: list[tuple[int, bytes]] = []
    size = len(text)
    inside = _ends_inside_quotes(text, delimiter, inside=False)
    while inside:
        following = lines.next()
        if following is None:
            return None, more
        more.append(following)
        size += len(following[1])
        if size > MAX_ROW or len(more) >= MAX_LINES:
            return None, more
        inside = _ends_inside_quotes(following[1], delimiter, inside=True)
    return text + b"".join(line for _, line in more), more


def _ends_inside_quotes(line: bytes, delimiter: str, *, inside: bool) -> bool:
    """Whether a field is still open at the end of the line, by the reader's own rules."""
    mark = delimiter.encode()
    at_start = not inside
    index = 0
    while index < len(line):
        if inside:
            index = line.find(b'"', index)
            if index < 0:
                return True
            if line[index + 1 : index + 2] == b'"':
                index += 2
                continue
            inside = False
        elif at_start and line[index : index + 1] == b'"':
            inside = True
        else:
            following = line.find(mark, index)
            if following < 0:
                return False
            index = following
        at_start = not inside and line[index : index + 1] == mark
        index += 1
    return inside


def _parsed(number: int, text: str, delimiter: str) -> CsvRow:
    if "\0" in text:
        return CsvRow(line=number, problem="the row holds a NUL character: remove it")
    try:
        # One string, not its lines: only the row's own end may end it.
        cells = tuple(next(csv.reader([text], delimiter=delimiter), []))
    except csv.Error as error:
        return CsvRow(line=number, problem=f"the row cannot be read ({error}): correct it")
    if len(cells) > MAX_COLUMNS:
        return CsvRow(line=number, problem=f"the row has more than {MAX_COLUMNS} columns")
    if not any(cell.strip() for cell in cells):
        return CsvRow(line=number)
    return CsvRow(line=number, cells=cells)
