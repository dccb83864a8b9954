"""A branch as operators run it: ``patchbay adapter asterisk`` beside a real Asterisk, ``patchbay
serve`` and a broker elsewhere, the agent at the centre's desk.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.asterisk.installed import require_asterisk
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Caller, Phones
from tests.integration.asterisk import router
from tests.integration.asterisk.live_calls import (
    endings,
    hang_up_callers,
    hang_up_everybody,
    picture,
)
from tests.integration.asterisk.process import RouterProcess
from tests.integration.served import ROOT
from tests.mqtt.server import Mosquitto, require_mosquitto

PATIENCE = 60.0  # seconds
AGENTS = ("ann", "ben", "chi")
CALLER = Caller("100", frequency=None)


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    require_mosquitto()
    with Mosquitto() as mosquitto:
        yield mosquitto


@pytest.fixture(scope="module")
def server() -> Iterator[AsteriskServer]:
    require_asterisk()
    with AsteriskServer(router.DIALPLAN, agents=AGENTS) as running:
        yield running


class Adapter:
    """The process at the branch."""

    def __init__(self, folder: Path, mqtt: Path, systems: Path) -> None:
        self._folder = folder
        self._command = ["adapter", "asterisk", "--mqtt", str(mqtt), "--file", str(systems)]
        self._log = folder / "adapter.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def words(self) -> str:
        return self._log.read_text(encoding="utf-8")

    async def start(self) -> None:
        settings = {
            "PATCHBAY_DATA_DIRECTORY": str(self._folder / "branch"),
            # As ``served`` does: or every start would compile everything again.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self._folder.parent / "bytecode"),
        }
        ready = self.words.count("is ready") if self._log.exists() else 0
        with self._log.open("ab") as both:
            self.process = subprocess.Popen(  # noqa: ASYNC220 - starting takes no time
                [sys.executable, "-m", "server", *self._command],
                cwd=ROOT,
                env={**os.environ, **settings, "PYTHONUNBUFFERED": "1"},
                stdout=both,
                stderr=both,
            )
        await until(lambda: self.words.count("is ready") > ready, self)

    def end(self, number: int) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code


async def until(true, about: Adapter) -> None:
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(true):
        running = about.process is not None and about.process.poll() is None
        assert running or about.process is None, about.words
        assert time.monotonic() < end, about.words
        await asyncio.sleep(0.05)


@asynccontextmanager
async def site(server, broker, folder: Path) -> AsyncIterator[tuple[RouterProcess, Adapter]]:
    mqtt = folder / "mqtt-branch.yaml"
    mqtt.write_text(
        json.dumps({"mqtt": {"url": f"mqtt://127.0.0.1:{broker.port}", "username": "leeds"}})
    )
    centre = folder / "mqtt.yaml"
    centre.write_text(json.dumps({"mqtt": {"url": f"mqtt://127.0.0.1:{broker.port}"}}))
    process = RouterProcess(
        server, folder, agents=AGENTS, branch="leeds", settings={"PATCHBAY_MQTT_PATH": str(centre)}
    )
    adapter = Adapter(folder, mqtt, folder / "asterisk.yaml")
    phones = await asyncio.to_thread(Phones(AGENTS, frequency=None).register, server)
    try:
        with phones:
            async with process:
                await adapter.start()
                yield process, adapter
    finally:
        hang_up_everybody(server)
        adapter.end(signal.SIGKILL)


async def test_a_call_at_a_branch_is_answered_at_the_centre_survives_a_kill_and_ends(
    server, broker, tmp_path
):
    async with site(server, broker, tmp_path) as (centre, adapter):
        with CALLER.call(server, calls=2):
            await centre.agrees(2, 0, within=PATIENCE)
            adapter.end(signal.SIGKILL)
            seen = picture(server)
            assert len(seen.talking) == 2
            broker.kill()
            await adapter.start()
            assert picture(server).conversations == seen.conversations
            with CALLER.call(server, calls=1):  # it comes while there is no broker
                await until(lambda: len(picture(server).callers) == 3, adapter)
                hang_up_callers(server, seen.talking[:1])
                broker.start()
                await centre.agrees(2, 0, within=PATIENCE)
                assert endings(centre.entries()) == 1
                hang_up_everybody(server)
                await centre.agrees(0, 0, within=PATIENCE)
                assert endings(centre.entries()) == 3
        assert adapter.end(signal.SIGTERM) == 0
        assert "The branch has stopped" in adapter.words
