"""The journal as JSON lines, one entry a line: for audits and for other programs.

``python -m router.journal.export JOURNAL > entries.jsonl``; the journal must not be in use.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import IO

import msgspec

from router.journal.sqlite import SqliteJournal
from router.ports import JournalDamaged, JournalUnavailable


def export(path: Path, to: IO[bytes]) -> int:
    """Write every entry to ``to`` and return how many there were.

    Raises ``JournalUnavailable`` or ``JournalDamaged``; what could be read before is written.
    """
    if not path.is_file():
        raise JournalUnavailable(f"There is no journal {path}: name an existing file.")
    return asyncio.run(_export(path, to))


async def _export(path: Path, to: IO[bytes]) -> int:
    encoder = msgspec.json.Encoder()
    count = 0
    journal = await SqliteJournal.open(path)
    try:
        async for entry in journal.read():
            to.write(encoder.encode(entry) + b"\n")
            count += 1
    finally:
        await journal.close()
    return count


def main() -> None:
    match sys.argv[1:]:
        case [path]:
            try:
                export(Path(path), sys.stdout.buffer)
            except (JournalUnavailable, JournalDamaged) as problem:
                sys.exit(str(problem))
        case _:
            sys.exit("Name one journal file: python -m router.journal.export JOURNAL")


if __name__ == "__main__":
    main()
