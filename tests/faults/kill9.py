"""Kill the service at random moments under load, start it again, and judge what is left.

``python -m tests.faults.kill9 --kills 50 [--seed N] [--keep FOLDER]`` prints figures and the
verdict, and fails when anything was lost or done twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from tests.faults.centre import CAPACITY
from tests.faults.checker import judge, read_lines
from tests.faults.killing import harness
from tests.faults.load import Load

_DRAIN = 60.0  # seconds for the last contacts to end
_ROOT = Path(__file__).parents[2]


class Report(msgspec.Struct, kw_only=True):
    """Times are seconds. ``recovery`` is opening the journal, ``ready`` the whole process."""

    kills: int = 0
    killed_while_starting: int = 0
    entries: int = 0
    events: int = 0
    contacts: int = 0
    sent: int = 0
    resent: int = 0
    answered: int = 0
    commands_per_second: float = 0.0
    slowest_recovery: float = 0.0
    slowest_ready: float = 0.0
    drained: bool = False
    problems: list[str] = []


class Child:
    """The service as a process that can be killed and started again."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.journal = folder / "journal.db"
        self.socket = folder / "socket"
        self._report = report
        self._process: asyncio.subprocess.Process | None = None

    async def launch(self) -> None:
        self._launched = time.perf_counter()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.service", str(self.journal), str(self.socket),
            stdout=subprocess.PIPE, cwd=_ROOT,
        )  # fmt: skip

    async def ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        word, recovery, _position = line.split()
        assert word == b"ready"
        report = self._report
        report.slowest_ready = max(report.slowest_ready, time.perf_counter() - self._launched)
        report.slowest_recovery = max(report.slowest_recovery, float(recovery))

    async def end(self, how: signal.Signals) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, how)
        return await self._process.wait()


async def run(kills: int, seed: int, folder: Path) -> Report:
    """One run in ``folder``. The histories and the exported journal stay there."""
    rng = random.Random(seed)
    report = Report(kills=kills)
    child = Child(folder, report)
    await child.launch()
    await child.ready()
    load = Load([str(child.socket)], folder, rng.randrange(1 << 30))
    began = time.perf_counter()
    live: dict[str, str] = {}
    try:
        await load.start()
        for _ in range(kills):
            await _kill_once(child, rng, report)
        report.drained = await load.finish(_DRAIN)
        live = await load.observer.contacts()
        if await child.end(signal.SIGTERM) != 0:
            report.problems.append("the service did not stop in order")
    finally:
        await load.close()
        await child.end(signal.SIGKILL)
    seconds = time.perf_counter() - began
    await asyncio.to_thread(_judge, folder, report, live, seconds)
    return report


async def _kill_once(child: Child, rng: random.Random, report: Report) -> None:
    await asyncio.sleep(rng.uniform(0.05, 0.8))
    await child.end(signal.SIGKILL)
    await child.launch()
    if rng.random() < 0.2:  # and again while it is starting
        await asyncio.sleep(rng.uniform(0.1, 0.5))
        await child.end(signal.SIGKILL)
        report.killed_while_starting += 1
        await child.launch()
    await child.ready()


def _judge(folder: Path, report: Report, live: dict[str, str], seconds: float) -> None:
    exported = folder / "entries.jsonl"
    with exported.open("wb") as to:
        command = [sys.executable, "-m", "router.journal.export", str(folder / "journal.db")]
        subprocess.run(command, check=True, stdout=to, cwd=_ROOT)
    entries = read_lines(exported)
    histories = [read_lines(p) for p in sorted(folder.glob("*.jsonl")) if p != exported]
    (folder / "setup.json").write_text(json.dumps({"capacity": CAPACITY, "live": live}))
    report.problems += judge(entries, histories, CAPACITY, live)
    sent = [fact["id"] for history in histories for fact in history if fact["kind"] == "sent"]
    answered = {f["id"] for h in histories for f in h if f["kind"] == "answered"}
    report.entries = len(entries)
    report.events = sum(len(entry["events"]) for entry in entries)
    report.contacts = sum(e["type"] == "contact_arrived" for x in entries for e in x["events"])
    report.sent = len(sent)
    report.resent = len(sent) - len(set(sent))
    report.answered = len(answered)
    report.commands_per_second = round(len(answered) / seconds, 1)


def main() -> None:
    harness(
        __doc__,
        lambda kills, seed, folder: asyncio.run(run(kills, seed, folder)),
        kills=50,
        failed=lambda report: bool(report.problems) or not report.drained,
    )


if __name__ == "__main__":
    main()
