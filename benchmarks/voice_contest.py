"""The contestants of the voice benchmark, and what each is put to."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from benchmarks.voice_events import Load, Spread, between, load, spread
from benchmarks.voice_machine import processor_seconds
from benchmarks.voice_site import (
    NUMBER_OF_ANSWER_FIRST,
    NUMBER_OF_APP_QUEUE,
    NUMBER_OF_PATCHBAY,
    Record,
    callers,
    send_home,
)
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Running

APP_QUEUE, ANSWER_FIRST, PATCHBAY = "app_queue", "Answer(), app_queue", "Patchbay"
NUMBERS = {
    APP_QUEUE: NUMBER_OF_APP_QUEUE,
    ANSWER_FIRST: NUMBER_OF_ANSWER_FIRST,
    PATCHBAY: NUMBER_OF_PATCHBAY,
}

BACKLOG = 40  # callers who wait while agents become free
FILLED_AT = 60.0  # calls a second until everybody talks
FILLED_WITHIN = 60.0  # seconds
WARM_UP = 1.5
LAST_RINGS = 1.5  # seconds for what was begun in time
SHORT_TALK = 0.7  # seconds: callers who find idle agents
STEPS = (25, 50, 75, 100, 125, 150, 200, 250)  # calls a second
ENDS_WITHIN = 10.0


class Freed(msgspec.Struct, frozen=True, kw_only=True):
    """``cpu``: shares of a core meanwhile, by process."""

    gaps: Spread | None
    unanswered: int
    cpu: dict[str, float]


class Contest:
    """One contestant on one Asterisk with telephones."""

    def __init__(self, name: str, server: AsteriskServer, agents: int) -> None:
        self.name = name
        self.server = server
        self.agents = agents
        self.processes = {"asterisk": server.pid}

    def idle(self, seconds: float) -> Spread | None:
        """Few callers, who can be heard, come to many idle agents."""
        record = Record(self.server)
        coming = self._callers(min(10.0, self.agents / 4), talk=SHORT_TALK, heard=True)
        time.sleep(WARM_UP)
        begin, end = _pass(seconds)
        send_home(self.server, coming)
        return spread(record.floor(self.agents).rings(begin, end))

    def freed(self, seconds: float) -> Freed:
        """Everybody talks, and callers wait: whoever hangs up is called at once."""
        record = Record(self.server)
        everybody = self.agents + BACKLOG
        coming = self._callers(FILLED_AT, at_once=everybody)
        _wait_until(lambda: coming.statistics().current >= everybody, FILLED_WITHIN)
        time.sleep(WARM_UP)
        before = self._spent()
        begin, end = _pass(seconds)
        after = self._spent()
        time.sleep(LAST_RINGS)
        send_home(self.server, coming)
        floor = record.floor(self.agents)
        return Freed(
            gaps=spread(between(floor.gaps, begin, end)),
            unanswered=len(between(floor.unanswered, begin, end)),
            cpu={name: round((after[name] - before[name]) / seconds, 2) for name in after},
        )

    def loaded(self, seconds: float) -> Iterator[Load]:
        """More and more calls a second until one step is not carried; the agents hang up."""
        for rate in STEPS:
            record = Record(self.server)
            coming = self._callers(rate)
            time.sleep(WARM_UP / 2)
            begin, end = _pass(seconds)
            time.sleep(LAST_RINGS)
            send_home(self.server, coming)
            step = load(record.floor(self.agents), rate, begin, end)
            yield step
            if not step.carried:
                return

    def _callers(
        self,
        rate: float,
        *,
        talk: float | None = None,
        at_once: int | None = None,
        heard: bool = False,
    ) -> Running:
        number = NUMBERS[self.name]
        return callers(self.server, number, rate, talk=talk, at_once=at_once, heard=heard)

    def _spent(self) -> dict[str, float]:
        return {name: processor_seconds(pid) for name, pid in self.processes.items()}


def _pass(seconds: float) -> tuple[float, float]:
    begin = time.time()  # what Asterisk's events carry
    time.sleep(seconds)
    return begin, begin + seconds


def _wait_until(reached: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.1)


@contextlib.contextmanager
def contest(
    name: str, server: AsteriskServer, agents: int, folder: Path | None
) -> Iterator[Contest]:
    """app_queue is there anyway; Patchbay begins with an empty journal in ``folder``."""
    found = Contest(name, server, agents)
    if name != PATCHBAY:
        yield found
        return
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="patchbay-bench-") as own,
        _patchbay(server, agents, own) as process,
    ):
        found.processes["patchbay"] = process.pid
        yield found


@contextlib.contextmanager
def _patchbay(
    server: AsteriskServer, agents: int, folder: str
) -> Iterator[subprocess.Popen[bytes]]:
    user = server.site.router
    words = {
        "--ami": str(server.ports.ami),
        "--name": user.name,
        "--secret": user.secret,
        "--agents": str(agents),
        "--folder": folder,
    }
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "benchmarks.voice_router",
            *(w for pair in words.items() for w in pair),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    try:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            sys.exit("Patchbay did not start: see what it says above.")
        yield process
    finally:
        try:
            process.communicate(timeout=ENDS_WITHIN)  # its input ends, and so does it
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
