"""A telephone that a test operates: baresip, without sound card, saying and hearing tones."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np

from tests.asterisk import hearing
from tests.asterisk.baresip_control import Control, Event
from tests.asterisk.free_ports import free_port
from tests.asterisk.server import AsteriskServer
from tests.asterisk.tones import RATE, Samples

_SHOWS = {
    "CALL_INCOMING": "ringing",
    "CALL_ESTABLISHED": "talking",
    "CALL_CLOSED": "idle",
}
_MODULES = ("g711", "sndfile", "ausine")
_APPLICATIONS = ("menu", "ctrl_tcp")


class Phone:
    """An agent's registered phone, or with ``registers=False`` a caller's, whose name is a number.

    It says one tone as long as a call lasts, and records what it hears: everything, but for the
    rest of a call that it held itself (baresip 1.0 takes up its recording no more). What the
    other side hears then is known, and what Asterisk sends (``media.packets``).
    """

    def __init__(
        self,
        server: AsteriskServer,
        name: str,
        *,
        frequency: int,
        registers: bool = True,
        answers: bool = False,
    ) -> None:
        """``frequency`` in hertz; ``answers``: it takes every call at once, by itself."""
        self.name = name
        self.frequency = frequency
        self._server = server
        self._account = _account(server, name, registers=registers, answers=answers)
        self._registers = registers
        self._folder = Path(tempfile.mkdtemp(prefix="phone-", dir=server.folder))
        self._process: subprocess.Popen[bytes] | None = None
        self._control: Control | None = None
        self._held = 0  # how many events there were when it last held a call
        self._deaf = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Returns when it is registered. A port that somebody took meanwhile is given up."""
        for last in (False, False, True):
            try:
                self._start(free_port())
            except ConnectionError:
                if last:
                    raise
            else:
                return

    def _start(self, control_port: int) -> None:
        self._configure(control_port)
        with (self._folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(
                ["baresip", "-4", "-f", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._control = Control(control_port)
            if self._registers:
                self._wait(self._is_registered, "registered", 5)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """As when its plug is pulled: nobody is told, and the registration stays until it ends."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._control is not None:
            self._control.close()
            self._control = None

    def leave(self) -> None:
        """Hangs up, unregisters and ends."""
        assert self._process is not None
        self._do("quit")
        self._process.wait(5)
        self.kill()

    # What a person does.

    def dial(self, extension: str) -> None:
        self._do("dial", f"sip:{extension}@{self._server.sip}")

    def accept(self) -> None:
        self._do("accept")

    def hang_up(self) -> None:
        """Ends the call, or refuses it while it rings."""
        self._do("hangup")

    def hold(self) -> None:
        self._deaf, self._held = True, len(self.events)
        self._do("hold")

    def resume(self) -> None:
        self._do("resume")

    def press(self, digits: str) -> None:
        """As telephone events in the sound's own stream (RFC 4733)."""
        self._do("sndcode", digits)

    def transfer(self, extension: str) -> None:
        """Blind, by the phone's own key (REFER)."""
        self._do("transfer", f"sip:{extension}@{self._server.sip}")

    def mute(self) -> None:
        """Once: nothing is said any more; twice: as before."""
        self._do("mute")

    def say(self, frequency: int) -> None:
        """Another tone from now on, to mark a moment of the call."""
        self.frequency = frequency
        self._do("ausrc", f"ausine,{frequency}")

    # What it shows.

    @property
    def state(self) -> str:
        """``idle``, ``ringing`` or ``talking``: of its calls, the one that got furthest."""
        told = [event for event in self.events if event.get("type") in _SHOWS]
        calls = {event.get("id"): _SHOWS[str(event["type"])] for event in told}
        return next((state for state in ("talking", "ringing") if state in calls.values()), "idle")

    @property
    def events(self) -> list[Event]:
        """Everything baresip told since it was started, in order."""
        assert self._control is not None, f"the phone of {self.name} was not started"
        return list(self._control.events)

    def wait_until(self, state: str, timeout: float = 10) -> None:
        self._wait(lambda: self.state == state, state, timeout)

    # What it hears.

    def heard(self, since: int = 0) -> Samples:
        """All sound that came, call after call; ``since`` is from ``mark``."""
        files = sorted(self._folder.glob("dump-*-dec.wav"))
        sounds = [hearing.read(path) for path in files]
        return np.concatenate([*sounds, np.zeros(0)])[since:]

    def mark(self) -> int:
        """This moment in what is heard, in samples."""
        return len(self.heard())

    def wait_to_hear(
        self, *frequencies: int, since: int | None = None, timeout: float = 10
    ) -> None:
        """Until each of these tones was heard for 0.3 s since the mark, or from now on."""
        self._assert_hearing()
        mark = self.mark() if since is None else since
        end = time.monotonic() + timeout
        while not all(hearing.hears(self.heard(mark), tone) for tone in frequencies):
            assert time.monotonic() < end, (
                f"{self.name} hears not {frequencies} Hz, but {self._sounds(mark)}\n{self.log()}"
            )
            time.sleep(0.05)

    def wait_for_silence(self, seconds: float = 0.3, timeout: float = 10) -> None:
        """Until sound comes that is silent for so long."""
        end = time.monotonic() + timeout
        while not hearing.is_silent(self.listen(seconds)):
            assert time.monotonic() < end, f"{self.name} still hears something\n{self.log()}"

    def listen(self, seconds: float, timeout: float | None = None) -> Samples:
        """The next so many seconds of sound; AssertionError, when no more comes in time."""
        self._assert_hearing()
        mark = self.mark()
        end = time.monotonic() + (seconds + 3 if timeout is None else timeout)
        while len(heard := self.heard(mark)) < seconds * RATE:
            assert time.monotonic() < end, (
                f"{self.name} got {hearing.seconds(heard):.1f} s of sound instead of {seconds:g} s"
            )
            time.sleep(0.02)
        return heard

    def log(self, lines: int = 30) -> str:
        """The end of what baresip printed."""
        text = (self._folder / "output.txt").read_text(encoding="utf-8", errors="replace")
        kept = [
            line for line in text.replace("\r", "\n").splitlines() if line and "(bit/s)" not in line
        ]
        return "\n".join(kept[-lines:])

    def _assert_hearing(self) -> None:
        """A recording that has stopped would look like silence."""
        ended = any(event.get("type") == "CALL_CLOSED" for event in self.events[self._held :])
        self._deaf = self._deaf and not ended
        assert not self._deaf, f"{self.name} held this call, and since then records nothing"

    def _sounds(self, mark: int) -> str:
        """How long there was sound, and of it the share of each tone, for a message."""
        heard = self.heard(mark)
        shares = {tone: round(hearing.share(heard, tone), 2) for tone in range(200, 3_000, 10)}
        tones = {tone: share for tone, share in shares.items() if share > 0.05}
        return f"in {hearing.seconds(heard):.1f} s of sound {tones}"

    def _do(self, command: str, parameter: str = "") -> None:
        assert self._control is not None, f"the phone of {self.name} was not started"
        self._control.command(command, parameter)

    def _is_registered(self) -> bool:
        return "200 OK" in self.log()  # the event may come before anybody listens to events

    def _wait(self, reached: Callable[[], bool], what: str, timeout: float) -> None:
        end = time.monotonic() + timeout
        while not reached():
            assert time.monotonic() < end, (
                f"the phone of {self.name} is not {what} after {timeout:g} s\n{self.log()}"
            )
            time.sleep(0.02)

    def _configure(self, control_port: int) -> None:
        program = Path(shutil.which("baresip") or "/usr/bin/baresip")
        lines = [
            f"module_path {program.parents[1] / 'lib/baresip/modules'}",
            f"sip_listen 127.0.0.1:{free_port()}",
            "net_interface 127.0.0.1",
            "call_max_calls 4",
            "call_local_timeout 120",
            f"audio_source ausine,{self.frequency}",
            "ausrc_srate 48000",  # what ausine can do; it is converted
            "ausrc_channels 2",
            "audio_txmode thread",
            "jitter_buffer_delay 0-0",  # otherwise nothing reaches the recording
            "rtp_ports 33000-49000",
            f"snd_path {self._folder}",
            *(f"module {name}.so" for name in _MODULES),
            "module_tmp account.so",
            *(f"module_app {name}.so" for name in _APPLICATIONS),
            f"ctrl_tcp_listen 127.0.0.1:{control_port}",
        ]
        (self._folder / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self._folder / "accounts").write_text(self._account + "\n", encoding="utf-8")


def _account(server: AsteriskServer, name: str, *, registers: bool, answers: bool) -> str:
    mode = "auto" if answers else "manual"
    common = f"<sip:{name}@{server.sip}>;audio_codecs=PCMU/8000/1;answermode={mode}"
    if not registers:
        return f"{common};regint=0"
    return f"{common};regint=3600;auth_user={name};auth_pass={server.site.password(name)}"
