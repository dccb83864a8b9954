"""An Asterisk of a test's own: started on free ports of loopback, stopped or killed by its id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.asterisk.configuration import Ports, Site, files
from tests.asterisk.free_ports import free_port
from tests.asterisk.installed import ROOT, asterisk, libraries
from tests.asterisk.manager import Manager
from tests.asterisk.tones import write_tone

MUSIC = 620
"""Hertz of what is played on hold: a tone, so that a test can tell who hears it."""

_STARTED_WITHIN = 20  # seconds; about half of one on a machine with nothing else to do


class AsteriskServer:
    """One Asterisk process, which can be stopped, killed and started again with the same ports."""

    def __init__(self, dialplan: str, *, root: Path = ROOT, **differences: object) -> None:
        """``differences`` are fields of ``Site``; nothing is started yet."""
        modules = libraries(root) / "asterisk/modules"
        self.folder = Path(tempfile.mkdtemp(prefix="patchbay-asterisk-"))
        self.ports = Ports(sip=free_port(), ami=free_port(), http=free_port())
        self.site = Site(
            folder=self.folder,
            modules=modules,
            ports=self.ports,
            dialplan=dialplan,
            **differences,  # type: ignore[arg-type]
        )
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._write()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def sip(self) -> str:
        """Host and port of the SIP transports, for a URI."""
        return f"127.0.0.1:{self.ports.sip}"

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.ports.http}/ws"

    @property
    def sounds(self) -> Path:
        """Where prompts are looked for; ``sound`` makes one."""
        return self.folder / "data/sounds/en"

    @property
    def recordings(self) -> Path:
        """Where a relative name given to MixMonitor ends up."""
        return self.folder / "spool/monitor"

    @property
    def pid(self) -> int:
        assert self._process is not None, "this Asterisk was not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when Asterisk is fully booted; RuntimeError has the end of its log."""
        assert not self.running, "this Asterisk runs already"
        command = [*asterisk(self._root), "-f", "-C", str(self.folder / "etc/asterisk.conf")]
        with (self.folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
            )
        self._wait_until_booted()

    def stop(self, *, timeout: float = 5) -> None:
        """SIGTERM, and SIGKILL when it does not end; calls that are up are hung up."""
        if self.running:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self._exited(timeout)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL: nobody is told anything."""
        if self.running:
            os.kill(self.pid, signal.SIGKILL)
            self._exited(5)

    def freeze(self) -> None:
        """Nothing is answered any more, as when the machine is lost, until ``thaw``."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def judge(self) -> Manager:
        """A manager connection that may see and do everything, for the test itself."""
        user = self.site.judge
        return Manager(self.ports.ami, user.name, user.secret)

    def channels(self) -> list[str]:
        """The names of the channels that are up now."""
        with self.judge() as judge:
            return [entry["Channel"] for entry in judge.list("CoreShowChannels")]

    def command(self, line: str) -> str:
        """What the command-line interface answers."""
        with self.judge() as judge:
            return judge.command(line)

    def sound(self, name: str, frequency: int, seconds: float = 1.0) -> Path:
        """A prompt that is one tone, so that a test can tell who hears it."""
        return write_tone(self.sounds / f"{name}.wav", frequency, seconds)

    def log(self, lines: int = 40) -> str:
        """The end of what Asterisk logged and printed."""
        texts = [
            path.read_text(encoding="utf-8", errors="replace")
            for path in (self.folder / "log/full", self.folder / "output.txt")
            if path.exists()
        ]
        return "\n".join("\n".join(text.splitlines()[-lines:]) for text in texts)

    def _exited(self, timeout: float) -> None:
        assert self._process is not None
        self._process.wait(timeout)

    def _wait_until_booted(self) -> None:
        end = time.monotonic() + _STARTED_WITHIN
        while time.monotonic() < end and self.running:
            try:
                with self.judge() as judge:
                    judge.wait(lambda event: event.get("Event") == "FullyBooted", "full boot")
                    return
            except (OSError, TimeoutError):
                time.sleep(0.02)
        ended = "ended" if not self.running else f"was not ready after {_STARTED_WITHIN} s"
        self.kill()
        raise RuntimeError(f"Asterisk {ended}; its last words:\n{self.log()}")

    def _write(self) -> None:
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True)
        for name, text in files(self.site).items():
            (self.folder / "etc" / name).write_text(text, encoding="utf-8")
        shared = self._root / "usr/share/asterisk"
        (self.folder / "data/documentation").symlink_to(shared / "documentation")
        packaged = self.folder / "data/sounds/en"
        for path in _packaged_sounds(shared):
            (packaged / path.name).symlink_to(path)
        write_tone(self.folder / "data/moh/tone.wav", MUSIC, 10)


_FOLDERS = (
    "etc",
    "data/sounds/en",
    "data/moh",
    "lib/keys",
    "cache",
    "spool/monitor",
    "spool/outgoing",
    "spool/tmp",
    "run",
    "log",
)


def _packaged_sounds(shared: Path) -> Sequence[Path]:
    folder = next(iter(sorted(shared.glob("sounds/en_US_*"))), None)
    return sorted(folder.iterdir()) if folder is not None else ()
