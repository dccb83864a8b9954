"""How fast the machine is while something is measured on it, and what processes take of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.voice_events import Spread, Wait, spread

TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 0.05  # seconds
RECORD = b"x" * 300  # about an entry of the journal


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds that a small write to the disk took until it was safe, and that a thread which
    wanted to go on had to wait for a processor; shares of the processors that were idle, and that a
    virtual machine wanted and was not given.
    """

    write: Spread | None
    late: Spread | None
    idle: float
    stolen: float


class Probe:
    """Looks at the machine twenty times a second, from ``watched`` to its end."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._writes: list[Wait] = []
        self._late: list[Wait] = []
        self._over = threading.Event()
        self._before = _processors()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look, daemon=True)
        self._before = _processors()
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def found(self) -> Machine:
        spent = [now - then for now, then in zip(_processors(), self._before, strict=True)]
        return Machine(
            write=spread(self._writes),
            late=spread(self._late),
            idle=round((spent[3] + spent[4]) / sum(spent), 2),
            stolen=round(spent[7] / sum(spent), 2),
        )

    def _look(self) -> None:
        with tempfile.TemporaryFile(dir=self._folder) as file:
            while not self._over.is_set():
                began = time.perf_counter()
                time.sleep(EVERY)
                woken = time.perf_counter()
                os.write(file.fileno(), RECORD)
                os.fdatasync(file.fileno())
                self._late.append(Wait(began, woken - began - EVERY))
                self._writes.append(Wait(woken, time.perf_counter() - woken))


def _processors() -> list[int]:
    """Ticks since the machine began, of all processors: user, nice, system, idle, waiting for the
    disk, interrupts (two), stolen.
    """
    first = Path("/proc/stat").read_text().splitlines()[0]
    return [int(field) for field in first.split()[1:9]]


def processor_seconds(pid: int) -> float:
    """That a process has used so far, with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
