"""The lines of a file nobody vouches for, plain or gzipped, in bounded memory.

A line is a row here, also inside quotes: one stray quote costs one row, not the rest of the file.
"""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, Final

from simulator.call_log.model import LogError

MAX_LINE: Final = 16 * 1024  # bytes: a row of a call log has some hundred
MAX_BYTES: Final = 8 << 30  # unpacked: 5 million rows of 1.6 kB
TOO_LONG: Final = f"the line is longer than {MAX_LINE // 1024} kB"
_GZIP: Final = b"\x1f\x8b"
_UTF8_MARK: Final = b"\xef\xbb\xbf"


Texts = Generator[tuple[int, bytes | None]]
"""Lines with their numbers, from 1 and without line ends; None is a line that is too long."""


class Cut(Exception):
    """The file ends in the middle, or cannot be unpacked from here; the text says which."""


class Lines:
    """Iterates over the lines of ``path``.

    Raises ``LogError`` when the file cannot be opened or passes ``MAX_BYTES``, and ``Cut`` from
    the iteration where the packed data breaks off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = 1
        self._raw: BinaryIO | None = None
        self.number = 0

    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        if self._raw is None or self._raw.closed:
            return 1.0
        return min(self._raw.tell() / self._size, 1.0)

    def __iter__(self) -> Texts:
        with _opened(self._path) as raw:
            self._raw, self._size = raw, max(self._path.stat().st_size, 1)
            with _unpacked(raw) as file:
                yield from self._lines(file)

    def _lines(self, file: BinaryIO | gzip.GzipFile) -> Texts:
        total = 0
        while line := _read_line(file):
            self.number += 1
            total += len(line)
            complete = len(line) <= MAX_LINE
            if not complete:
                total += _skip_line(file, line, MAX_BYTES - total)
            if total > MAX_BYTES:
                raise LogError(f"{self._path} unpacks to more than {MAX_BYTES >> 30} GB: split it.")
            if self.number == 1:
                line = line.removeprefix(_UTF8_MARK)
            yield self.number, line.rstrip(b"\r\n") if complete else None


def _opened(path: Path) -> BinaryIO:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise LogError(f"{path} is not a file: name a call log.")
        return path.open("rb")
    except OSError as error:
        raise LogError(f"{path} cannot be read ({error.strerror}): check its name.") from error


def _unpacked(raw: BinaryIO) -> BinaryIO | gzip.GzipFile:
    packed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if packed else raw


def _read_line(file: BinaryIO | gzip.GzipFile) -> bytes:
    try:
        return file.readline(MAX_LINE + 1)
    except EOFError:
        raise Cut("the packed file ends in the middle: it was cut off") from None
    except (OSError, zlib.error) as error:
        raise Cut(f"the file cannot be read on from here: {error}") from error


def _skip_line(file: BinaryIO | gzip.GzipFile, line: bytes, at_most: int) -> int:
    """Read to the end of a line that is too long; how many bytes that were."""
    skipped = 0
    while line and not line.endswith(b"\n") and skipped <= at_most:
        line = _read_line(file)
        skipped += len(line)
    return skipped
