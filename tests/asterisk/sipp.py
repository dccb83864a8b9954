"""SIPp, as callers from outside and as agents' phones: many calls at once, each as asked for."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.asterisk import scenarios
from tests.asterisk.free_ports import free_port, has_port
from tests.asterisk.scenarios import Talk
from tests.asterisk.server import AsteriskServer
from tests.asterisk.tones import mu_law, tone

NUMBER = "+441632960001"
MEDIA = 4
"""Ports that SIPp binds for sound and, unasked, for pictures."""
CALLER_TONE = 440
"""Hertz, unless a test asks for another."""
PHONE_TONE = 1_000

_PORT_TAKEN = 254  # what SIPp ends with
_BOUND_WITHIN = 5  # seconds
_TRIES = 3
_TRACED = ("-trace_msg", "-message_file", "messages.txt")


@dataclass(frozen=True)
class Statistics:
    """Calls so far, by SIPp's own count."""

    created: int
    successful: int
    """Ended in the way the scenario foresees, whoever hung up."""
    failed: int
    current: int


class Running:
    """One SIPp process. It is killed when the block it is used in ends."""

    def __init__(
        self,
        server: AsteriskServer,
        scenario: str,
        fields: Sequence[str],
        *more: str,
        traced: bool = True,
    ):
        """``fields``: a line for each call, taken in turn; separated by semicolons.

        ``traced``: every message is written down for ``trace``, which takes time of its own.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="sipp-", dir=server.folder))
        (self._folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        lines = "\n".join(["SEQUENTIAL", *fields])
        (self._folder / "fields.csv").write_text(lines + "\n", encoding="utf-8")
        options = [*(_TRACED if traced else ()), *more]
        for _ in range(_TRIES):
            self.port, self._media, self._control = free_port(), free_port(MEDIA), free_port()
            self._process = self._start([*self._command(server), *options])
            if self._has_its_ports():
                break

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def statistics(self) -> Statistics:
        """A fifth of a second old at most, while SIPp runs."""
        row = self._last_row("statistics.csv")
        return Statistics(
            created=int(row.get("TotalCallCreated", 0)),
            successful=int(row.get("SuccessfulCall(C)", 0)),
            failed=int(row.get("FailedCall(C)", 0)),
            current=int(row.get("CurrentCall", 0)),
        )

    def messages(self, name: str) -> int:
        """How many of one kind went through so far, as "BYE_Recv", "CANCEL_Sent" or "200_Recv"."""
        row = self._last_row("counts.csv")
        return sum(int(count) for key, count in row.items() if key.partition("_")[2] == name)

    def wait(self, timeout: float = 20) -> Statistics:
        """Until all its calls are over; AssertionError with SIPp's errors, when any failed."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(
                f"calls not over after {timeout:g} s: {self.statistics()}\n{self.trace()}"
            ) from None
        assert code == 0, f"SIPp ended with {code}: {self.statistics()}\n{self.trace()}"
        return self.statistics()

    def until(self, successful: int, timeout: float = 20) -> Statistics:
        """Until so many calls are over, for a phone, which never ends by itself."""
        end = time.monotonic() + timeout
        while self.statistics().successful < successful:
            assert time.monotonic() < end, (
                f"{self.statistics()} after {timeout:g} s\n{self.trace()}"
            )
            time.sleep(0.05)
        return self.statistics()

    def stop(self) -> None:
        """At once, without a word to the other side."""
        if self._process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self._process.wait()

    def trace(self) -> str:
        """What SIPp complained of, and the end of the messages."""
        texts = [
            path.read_text(encoding="utf-8", errors="replace")[-4_000:]
            for path in (self._folder / "errors.txt", self._folder / "messages.txt")
            if path.exists()
        ]
        return "\n".join(texts)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self._folder / "output.txt").open("wb") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                env={**os.environ, "TERM": "xterm"},
                start_new_session=True,
            )

    def _has_its_ports(self) -> bool:
        """False when somebody, who asked no ``free_port``, was quicker."""
        end = time.monotonic() + _BOUND_WITHIN
        while self._process.poll() is None and time.monotonic() < end:
            if has_port(self.pid, self._control):  # the last of them
                return True
            time.sleep(0.005)
        return self._process.poll() != _PORT_TAKEN

    def _command(self, server: AsteriskServer) -> list[str]:
        local = "127.0.0.1"
        return [
            *["sipp", server.sip, "-i", local, "-mi", local, "-ci", local, "-bind_local"],
            *["-p", str(self.port), "-mp", str(self._media), "-cp", str(self._control)],
            *["-sf", "scenario.xml", "-inf", "fields.csv", "-nostdin", "-skip_rlimit"],
            *["-trace_stat", "-trace_counts", "-fd", "200ms"],
            *["-stf", "statistics.csv", "-trace_err", "-error_file", "errors.txt"],
            # A machine with much else to do is no reason to give up.
            *["-watchdog_major_maxtriggers", "9999", "-watchdog_minor_maxtriggers", "9999"],
        ]

    def _last_row(self, name: str) -> dict[str, str]:
        found = next(self._folder.glob(f"*{name}"), None)
        if found is None:
            return {}
        with found.open(encoding="utf-8", newline="") as text:
            rows = list(csv.reader(text, delimiter=";"))
        return dict(zip(rows[0], rows[-1], strict=False)) if len(rows) > 1 else {}


@dataclass(frozen=True)
class Caller:
    """Somebody who calls from outside."""

    extension: str
    talk: float | None = None
    """Seconds from the answer until this caller hangs up; None waits for the other side."""
    numbers: Sequence[str] = (NUMBER,)
    """What they call from, in turn."""
    patience: float | None = None
    """Seconds without an answer until the call is cancelled."""
    digits: str = ""
    """Pressed once the call is answered, as SIP INFO."""
    refused_with: int | None = None
    """The response that is wanted instead of an answer."""
    frequency: int | None = CALLER_TONE
    """What is said, in hertz; None says nothing at all."""

    def call(self, server: AsteriskServer, calls: int = 1, per_second: float = 20) -> Running:
        rate = ["-m", str(calls), "-r", str(round(per_second * 10)), "-rp", "10s", "-l", "10000"]
        return Running(server, self._scenario(server), self.numbers, *rate)

    def _scenario(self, server: AsteriskServer) -> str:
        if self.refused_with is not None:
            return scenarios.refused_caller(self.extension, self.refused_with)
        talk = Talk(self.talk, _sound(server, self.frequency))
        return scenarios.caller(self.extension, talk, self.patience, self.digits)


@dataclass(frozen=True)
class Phones:
    """Phones of agents, which all do the same with every call."""

    names: Sequence[str]
    ring: float | None = 0.1
    """Seconds until the answer; None never answers."""
    talk: float | None = None
    """Seconds until the agent hangs up; None waits for the other side."""
    refuse: str = ""
    """The response to every call instead of ringing, as "486 Busy Here"."""
    frequency: int | None = PHONE_TONE
    echo: bool = False
    """Sends back what it hears; without a ``frequency`` of its own."""

    def register(self, server: AsteriskServer) -> Running:
        """Returns when Asterisk can ring all of them."""
        more = ["-rtp_echo"] if self.echo else []
        phones = Running(server, self._scenario(server), self.names, *more)
        try:
            registered(server, self.names, phones.port)
        except BaseException:
            phones.stop()
            raise
        return phones

    def _scenario(self, server: AsteriskServer) -> str:
        if self.refuse:
            return scenarios.refusing_phone(self.refuse)
        frequency = None if self.echo else self.frequency
        return scenarios.phone(Talk(self.talk, _sound(server, frequency)), self.ring)


def registered(
    server: AsteriskServer, names: Sequence[str], port: int, expires: int = 3_600
) -> None:
    """Tells Asterisk that these phones are at ``port``; with ``expires`` 0, that they are gone."""
    fields = [
        f"{name};[authentication username={name} password={server.site.password(name)}]"
        for name in names
    ]
    rate = ["-m", str(len(names)), "-r", "200"]
    with Running(server, scenarios.registration(port, expires), fields, *rate) as running:
        running.wait(20 + len(names) / 20)


def _sound(server: AsteriskServer, frequency: int | None) -> Path | None:
    if frequency is None:
        return None
    path = server.folder / f"{frequency}.ul"
    if not path.exists():
        path.write_bytes(mu_law(tone(frequency, 1)))
    return path
