"""Contents that are too large for the log, kept once by what they are: their sha256, hex.

A name says what it stands for, so that keeping twice is keeping once and nothing ever changes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

InUse = Callable[[Sequence[str]], Awaitable[Collection[str]]]  # those of the names that are

ASKED_AT_ONCE: Final = 1_000

_NAME: Final = re.compile(r"[0-9a-f]{64}")


class FilesUnavailable(Exception):
    """The content could not be kept (disk or limit full, folder not writable); try again."""


class Files(Protocol):
    async def keep(self, content: bytes) -> str:
        """The name of ``content``, which is durable now. Raises ``FilesUnavailable``."""

    async def content(self, name: str) -> bytes | None:
        """What was kept under ``name``, None when nothing was (or the name is none)."""


class MemoryFiles(Files):
    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def keep(self, content: bytes) -> str:
        name = name_of(content)
        self._kept[name] = content
        return name

    async def content(self, name: str) -> bytes | None:
        return self._kept.get(name)


class FileFolder(Files):
    """In ``folder``, which is made; a content appears whole or not at all. All together take
    ``limit`` bytes at most (0: no limit), and leave ``spare`` bytes of the disk to others: a disk
    that is full stops the journal, and with it everything.
    """

    def __init__(self, folder: Path, *, limit: int = 0, spare: int = 0) -> None:
        self._folder = folder
        self._limit = limit
        self._spare = spare
        self._changing = Lock()
        self._used: int | None = None  # bytes, once they were counted
        self._added = 0  # bytes, since the last counting began

    @property
    def counted(self) -> int:
        """Bytes of all that is kept, as far as they were counted: 0 before the first time."""
        return self._used or 0

    async def used(self) -> int:
        """Bytes of all that is kept."""
        return await asyncio.to_thread(self._count)

    async def forget(self, before: int, in_use: InUse) -> int:
        """Remove what was last kept before then (microseconds UTC) and is not in use; how many
        went.

        Everything is looked at once, and nobody waits for it: a file that is kept again meanwhile
        stays, whenever that is.
        """
        with self._changing:
            self._added = 0
        seen = removed = 0
        old: list[Path] = []
        for part in await asyncio.to_thread(lambda: sorted(self._folder.glob("??"))):
            size, more = await asyncio.to_thread(_old, part, before)
            seen, old = seen + size, old + more
            if len(old) >= ASKED_AT_ONCE:
                removed += await self._remove_unused(old, before, in_use)
                old = []
        removed += await self._remove_unused(old, before, in_use)
        with self._changing:  # counted anew: others may keep files here too
            self._used = seen + self._added
        return removed

    async def _remove_unused(self, old: Sequence[Path], before: int, in_use: InUse) -> int:
        used = await in_use([path.name for path in old]) if old else ()
        gone = [path for path in old if path.name not in used]
        return await asyncio.to_thread(self._remove, gone, before)

    async def keep(self, content: bytes) -> str:
        return await asyncio.to_thread(self._keep, content)

    async def content(self, name: str) -> bytes | None:
        return await asyncio.to_thread(self._content, name)

    def path(self, name: str) -> Path | None:
        """Where ``name`` is or would be, None when it is no name."""
        return self._folder / name[:2] / name if _NAME.fullmatch(name) else None

    def _content(self, name: str) -> bytes | None:
        path = self.path(name)
        try:
            return path.read_bytes() if path is not None else None
        except FileNotFoundError:
            return None

    def _keep(self, content: bytes) -> str:
        name = name_of(content)
        path = self._folder / name[:2] / name
        try:
            with self._changing:
                known = _touch(path)
            if not known:
                self._check_room(len(content))
                _write(path, content)
                self._add(len(content))
        except OSError as error:
            raise FilesUnavailable(
                f"A file could not be kept in {self._folder} ({error.strerror}): free some space "
                "or let this service write there."
            ) from error
        return name

    def _check_room(self, size: int) -> None:
        """Raises ``FilesUnavailable``."""
        if self._limit and self._count() + size > self._limit:
            raise FilesUnavailable(
                f"The files in {self._folder} take up the {self._limit:,} bytes that they may: "
                "raise PATCHBAY_FILES_LIMIT, or keep them for fewer days."
            )
        if self._spare and shutil.disk_usage(self._folder.parent).free - size < self._spare:
            raise FilesUnavailable(
                f"The disk of {self._folder} is nearly full, and its rest is for the journal: "
                "free some space."
            )

    def _count(self) -> int:
        with self._changing:
            if self._used is None:
                parts = self._folder.glob("??")
                self._used = sum(size for part in parts for _, size, _ in _all(part))
            return self._used

    def _add(self, size: int) -> None:
        with self._changing:
            self._added += size
            if self._used is not None:
                self._used += size

    def _remove(self, paths: Sequence[Path], before: int) -> int:
        """How many went."""
        removed = 0
        for path in paths:
            with self._changing, suppress(FileNotFoundError):
                found = path.stat()
                if found.st_mtime_ns < before * 1_000:  # nobody kept it again in this moment
                    path.unlink()
                    self._added -= found.st_size
                    if self._used is not None:
                        self._used -= found.st_size
                    removed += 1
        return removed


def _all(part: Path) -> Iterator[tuple[Path, int, int]]:
    """What is kept, with bytes and nanoseconds of when it last was; and what a crash left."""
    with os.scandir(part) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                found = entry.stat()
                yield Path(entry.path), found.st_size, found.st_mtime_ns


def _old(part: Path, before: int) -> tuple[int, list[Path]]:
    """Bytes of all, and what was last kept before then."""
    found = list(_all(part))
    old = [path for path, _, kept in found if kept < before * 1_000]
    return sum(size for _, size, _ in found), old


def name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _touch(path: Path) -> bool:
    """Whether it is there; if so it was kept just now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync(path.parent)
    _sync(path.parent.parent)


def _sync(folder: Path) -> None:
    """Makes the name itself durable, not only what stands under it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
