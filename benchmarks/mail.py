"""How fast mails are read, and how fast they become contacts.

``python -m benchmarks.mail [--quick] [--mails N] [--through N] [--short] [--workers N]
[--json FILE]``. First mails go to the processes that read them and come back whole; then others go
through all of it, from a folder to a queue (``mail_through``): ``--mails 0 --through 100000`` shows
whether memory stays flat, ``--short`` with less reading. ``--bomb`` measures what others notice of
a mail bomb instead (``mail_bomb``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks import mail_bomb, mail_through
from benchmarks.mail_samples import megabytes, short_mail, support_mail
from cti_adapters.email.model import Unreadable
from cti_adapters.email.reader_pool import ReaderPool


class Figures(msgspec.Struct, kw_only=True):
    """Latencies are milliseconds, from asking to the answer, with one mail in each process."""

    mails: int
    workers: int
    average_size: int  # bytes
    read_per_second: float
    read_p50: float
    read_p99: float
    read_max: float
    pool_megabytes: float  # what this process grew by while they were read


async def measure(mails: int, workers: int) -> Figures:
    """Reading alone. What comes after it, routing and recording, is measured beside it."""
    pool = ReaderPool(workers=workers)
    took: list[float] = []
    sizes: list[int] = []

    async def one_after_another(numbers: range) -> None:
        for number in numbers:
            raw = support_mail(number)
            asked = time.perf_counter()
            result = await pool.read(raw)
            took.append((time.perf_counter() - asked) * 1_000)
            sizes.append(len(raw))
            assert not isinstance(result, Unreadable), result.reason

    await asyncio.gather(*(pool.read(support_mail(0)) for _ in range(workers)))  # all are started
    before, began = megabytes(), time.perf_counter()
    await asyncio.gather(*(one_after_another(range(n, mails, workers)) for n in range(workers)))
    elapsed = time.perf_counter() - began
    grown = megabytes() - before
    await pool.close()
    took.sort()
    return Figures(
        mails=mails,
        workers=workers,
        average_size=sum(sizes) // len(sizes),
        read_per_second=round(mails / elapsed, 1),
        read_p50=round(took[len(took) // 2], 2),
        read_p99=round(took[min(int(len(took) * 0.99), len(took) - 1)], 2),
        read_max=round(took[-1], 2),
        pool_megabytes=round(grown, 1),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--through", type=int, default=3_000)
    parser.add_argument("--short", action="store_true", help="mails of a few lines through it")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--bomb", action="store_true", help="a mail bomb instead")
    given = parser.parse_args()
    if given.bomb:
        found_there = mail_bomb.report(10.0 if given.quick else 40.0, given.workers)
        if given.json:
            given.json.write_text(json.dumps(found_there, indent=2) + "\n")
        return
    mails = min(given.mails, 2_000) if given.quick else given.mails
    found = _read_alone(mails, given.workers) if mails else {}
    count = min(given.through, 500) if given.quick else given.through
    found["through"] = _through(count, given.workers, short_mail if given.short else support_mail)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _read_alone(mails: int, workers: int) -> dict[str, object]:
    found = asyncio.run(measure(mails, workers))
    print(
        f"{found.read_per_second:,.0f} mails a second read by {found.workers} processes"
        f" ({found.mails:,} mails of {found.average_size / 1_000:.0f} kB on average)"
    )
    print(f"one mail: p50 {found.read_p50} ms, p99 {found.read_p99} ms, most {found.read_max} ms")
    print(f"memory: this process grew by {found.pool_megabytes} MB meanwhile")
    return dict(msgspec.to_builtins(found))


def _through(count: int, workers: int, mail: Callable[[int], bytes]) -> object:
    through = asyncio.run(mail_through.measure(count, workers, mail))
    print(
        f"{through.through_per_second:,.0f} mails a second from folder to queue ({count:,} mails)"
    )
    print(f"  {'processor':22}{through.processor:8.2f} ms a mail, without reading")
    for name, spent in through.spent.items():
        print(f"  {name:22}{spent:8.2f} ms a mail")
    for mark in through.marks:
        print(mark.line())
    print(f"database {through.database_megabytes:,.0f} MB")
    if through.grows is not None:
        print(f"once its memory of commands is full: {through.grows:+.2f} MB in 10,000 mails")
    return msgspec.to_builtins(through)


if __name__ == "__main__":
    main()
