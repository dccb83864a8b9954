"""``patchbay demo`` as a person runs it: a process of its own, ended by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 90  # seconds; the machine may be busy


class Demo:
    """A demo under way."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.signins = folder / "signins.json"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.signins.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "demo", "--json", str(self.signins), *arguments],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.temporary), "COLUMNS": "60"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> dict:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if self.signins.exists() and (text := self.signins.read_text()):
                return json.loads(text)
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError("".join(self.process.communicate()))

    def end(self, number: int) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_ready_when_it_says_so_and_leaves_nothing_behind(folder, number):
    demo = Demo(folder, "--port", "0")
    found = demo.ready()
    assert httpx.get(f"{found['url']}/readyz").json()["ready"] is True
    assert Path(found["directory"]).parent == demo.temporary
    code, out, err = demo.end(number)
    assert code == 0, err
    assert "Traceback" not in out + err
    assert found["password"] in out
    assert f"{found['url']}/board" in out
    assert list(demo.temporary.iterdir()) == []


def test_its_people_can_sign_in_and_calls_come_by_themselves(folder):
    demo = Demo(folder, "--port", "0", "--calls", "60")
    found = demo.ready()
    headers = {"Origin": found["url"]}
    for user, roles in (("ann", ["agent"]), ("sue", ["supervisor"]), ("adam", ["admin"])):
        with httpx.Client(base_url=found["url"], headers=headers) as client:
            body = {"user": user, "password": found["password"]}
            assert client.post("/api/v1/session", json=body).json()["roles"] == roles
            call = client.post("/api/v1/simulated/calls", json={"entry_point": "main_line"})
            assert call.status_code == 201, call.text
    with httpx.Client(base_url=found["url"]) as client:
        until = time.monotonic() + PATIENCE
        while (
            'patchbay_contacts_arrived_total{channel="voice"} 4' not in client.get("/metrics").text
        ):
            assert time.monotonic() < until
            time.sleep(0.1)
    assert demo.end(signal.SIGTERM)[0] == 0


def test_a_busy_port_is_stepped_around(folder):
    first = Demo(folder, "--port", "0")
    taken = first.ready()["url"].rpartition(":")[2]
    other = folder / "other"
    other.mkdir()
    second = Demo(other, "--port", taken)
    assert second.ready()["url"].rpartition(":")[2] != taken
    assert (first.end(signal.SIGTERM)[0], second.end(signal.SIGTERM)[0]) == (0, 0)


def test_kept_data_is_gone_on_from(folder):
    keep = folder / "kept"
    demo = Demo(folder, "--port", "0", "--keep", str(keep), "--calls", "0", "--chats", "0")
    before = demo.ready()
    assert demo.end(signal.SIGTERM)[0] == 0
    position = _position(keep)
    again = Demo(folder, "--port", "0", "--keep", str(keep), "--calls", "0", "--chats", "0")
    after = again.ready()
    reached = httpx.get(f"{after['url']}/readyz").json()["position"]
    assert again.end(signal.SIGTERM)[0] == 0
    assert reached >= position
    assert after["password"] == before["password"]


def _position(keep: Path) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(keep / "journal.db")) as journal:
        found: int = journal.execute("SELECT max(position) FROM entries").fetchone()[0]
        return found


def test_a_signal_during_the_start_ends_it_without_a_trace(folder):
    demo = Demo(folder, "--port", "0")
    while not list(demo.temporary.iterdir()):
        assert demo.process.poll() is None
        time.sleep(0.005)
    code, out, err = demo.end(signal.SIGTERM)
    assert code == 0, err
    assert "Traceback" not in out + err
    assert list(demo.temporary.iterdir()) == []
