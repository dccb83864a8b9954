"""Pages of received faxes as pictures, made in processes of their own (see ``fax_worker``)."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

MODULE: Final = "server.fax_worker"
MAX_BYTES: Final = 50 * 1024 * 1024  # of a file
MAX_PICTURE: Final = 20 * 1024 * 1024
LIMIT: Final = 30.0  # seconds of waiting for one page; a busy machine takes two to start
AT_ONCE: Final = 2
MAX_PAGES: Final = 200
_INHERITED: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT")  # and no secrets
_NO_PAGE: Final = 4


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """``more``: there are more than can be shown here."""

    pages: int
    more: bool = False


class UnreadableFax(Exception):
    """One sentence; the file itself can still be fetched."""


class FaxPages:
    """At most two processes at a time; who asks meanwhile waits."""

    def __init__(self, *, module: str = MODULE, limit: float = LIMIT) -> None:
        self._module, self._limit = module, limit
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def count(self, file: Path) -> Pages:
        """Raises ``UnreadableFax``."""
        answer = await self._asked(file, 0)
        try:
            return msgspec.json.decode(answer or b"", type=Pages)
        except msgspec.DecodeError:
            raise UnreadableFax(_UNREADABLE) from None

    async def picture(self, file: Path, page: int) -> bytes | None:
        """PNG; None when there is no such page. Raises ``UnreadableFax``."""
        return await self._asked(file, page)

    async def _asked(self, file: Path, page: int) -> bytes | None:
        if await asyncio.to_thread(_size, file) > MAX_BYTES:
            raise UnreadableFax(f"This fax is larger than {MAX_BYTES // 1024**2} MB: download it.")
        async with self._turns:
            code, answer = await self._run(file, page)
        if code == _NO_PAGE:
            return None
        if code != 0 or not 0 < len(answer) <= MAX_PICTURE:
            raise UnreadableFax(_UNREADABLE)
        return answer

    async def _run(self, file: Path, page: int) -> tuple[int, bytes]:
        what = (str(file), str(page), str(MAX_PAGES))
        command = (sys.executable, "-m", self._module, *what)
        known = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        worker = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=known,
        )
        try:
            async with asyncio.timeout(self._limit):
                answer, _ = await worker.communicate()
        except TimeoutError:
            raise UnreadableFax(_TOO_LONG) from None
        finally:
            if worker.returncode is None:
                with suppress(ProcessLookupError):
                    worker.kill()
                await worker.wait()
        return worker.returncode or 0, answer


_UNREADABLE: Final = "The pages of this fax cannot be shown: download it instead."
_TOO_LONG: Final = "Showing this page took too long: download the fax instead."


def _size(file: Path) -> int:
    return file.stat().st_size
