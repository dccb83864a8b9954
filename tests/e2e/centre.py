"""The real demo as a child process, and its API for whoever is signed in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec

ROOT = Path(__file__).parents[2]
COOKIE = "patchbay_session"
QUIET = ("--no-colleagues", "--calls", "0", "--chats", "0")
START_WITHIN = 120.0  # seconds; a busy machine with two cores is slow
STOP_WITHIN = 30.0
LOOK_EVERY = 0.05

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], *, within: float, what: str) -> Found:
    """What ``look`` finds; asks again while it finds nothing. Fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(LOOK_EVERY)
    return found


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo writes for programs."""

    url: str
    password: str
    directory: str


class Centre:
    """``folder`` is the test's own; nothing of the demo may be left in it but what it kept."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self._options = ("--port", str(port), *options)
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        self._written = folder / "sign-ins.json"
        self._output = folder / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[str, httpx.Client] = {}
        self.signins = SignIns(url="", password="", directory="")

    @property
    def url(self) -> str:
        return self.signins.url

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Returns when ``/readyz`` says 200."""
        self._written.unlink(missing_ok=True)
        command = [sys.executable, "-m", "server", "demo", "--json", str(self._written)]
        own = {k: v for k, v in os.environ.items() if not k.startswith("PATCHBAY_")}
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, *self._options],
                cwd=ROOT,
                env={**own, "TMPDIR": str(self._temporary)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self.signins = until(self._announced, within=START_WITHIN, what="the demo announces")
            until(self._ready, within=START_WITHIN, what="/readyz answers 200")
        except BaseException:
            self.kill()
            raise

    def _announced(self) -> SignIns | None:
        assert self._process is not None
        assert self._process.poll() is None, f"the demo ended:\n{self.output}"
        written = self._written.read_bytes() if self._written.exists() else b""
        return msgspec.json.decode(written, type=SignIns) if written else None

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """As a power cut would: no farewell."""
        process = self._process
        if process is not None:
            self._process = None
            process.kill()
            process.wait(STOP_WITHIN)

    def stop(self) -> None:
        """By SIGTERM. Fails when it does not end well or leaves something behind."""
        for client in self._clients.values():
            client.close()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            code = process.wait(STOP_WITHIN)
        finally:
            self.kill()
        assert code == 0, f"exit code {code}:\n{self.output}"
        assert not group_lives(process.pid), "the demo left a process behind"
        assert list(self._temporary.iterdir()) == [], "the demo left files behind"
        for word in ("Traceback", "[error", "[critical"):
            assert word not in self.output, self.output

    def api(self, user: str) -> httpx.Client:
        """A client that is signed in; one session for each user."""
        if user not in self._clients:
            client = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30)
            credentials = {"user": user, "password": self.signins.password}
            client.post("/api/v1/session", json=credentials).raise_for_status()
            self._clients[user] = client
        return self._clients[user]

    def call(self, number: str, *, choice: str, entry_point: str = "main_line") -> str:
        """Somebody calls now; the contact's id."""
        body = {"address": number, "entry_point": entry_point, "choice": choice}
        placed = self.api("sue").post("/api/v1/simulated/calls", json=body)
        assert placed.status_code == 201, placed.text
        contact: str = placed.json()["contact"]
        return contact


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
