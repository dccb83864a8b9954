"""Where recordings of prompts are kept, and where those that are uploaded become whole."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from ivr.uploads import Converted, convert
from router.files import FileFolder, FilesUnavailable

COMING: Final = "coming-"
AT_ONCE: Final = 4  # uploads


class TooManyAtOnce(Exception):
    """Others are uploading; the text says what to do."""


class RecordingFiles(FileFolder):
    """``open`` it before anything else. Every method may raise ``FilesUnavailable``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self._coming = 0

    async def open(self) -> None:
        """Make the folder, and clear away what a crash left half uploaded."""
        await asyncio.to_thread(self._open)

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[Path]:
        """An empty file for what is being uploaded, while it is. Raises ``TooManyAtOnce``."""
        if self._coming >= AT_ONCE:
            raise TooManyAtOnce("Others upload recordings now: try again in a moment.")
        self._coming += 1
        try:
            upload = await asyncio.to_thread(self._new)
            try:
                yield upload
            finally:
                upload.unlink(missing_ok=True)
        finally:
            self._coming -= 1

    async def append(self, upload: Path, part: bytes) -> None:
        await asyncio.to_thread(self._append, upload, part)

    async def convert(self, upload: Path) -> Converted:
        """``upload`` in the form that is kept. Raises ``UnusableRecording`` as well."""
        return await asyncio.to_thread(self._convert, upload)

    async def discard(self, content: str) -> None:
        """Delete it, if that can be done."""
        path = self.path(content)
        if path is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(path.unlink)

    def _open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for left in self.folder.glob(f"{COMING}*"):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble(error) from error

    def _new(self) -> Path:
        try:
            descriptor, name = tempfile.mkstemp(prefix=COMING, dir=self.folder)
        except OSError as error:
            raise self._trouble(error) from error
        os.close(descriptor)
        return Path(name)

    def _append(self, upload: Path, part: bytes) -> None:
        try:
            with upload.open("ab") as writing:
                writing.write(part)
        except OSError as error:
            raise self._trouble(error) from error

    def _convert(self, upload: Path) -> Converted:
        try:
            return convert(upload)
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> FilesUnavailable:
        full = error.errno == errno.ENOSPC
        advice = "free some space" if full else "let this service write there"
        reason = error.strerror or error
        return FilesUnavailable(f"Recordings cannot be kept in {self.folder} ({reason}): {advice}.")
