"""Nodes as processes that begin in no time: one process has loaded what they need, and forks.

``python -m tests.faults.nursery FOLDER`` reads a line of JSON for each life to begin or signal to
send, and says ``NAME WORD`` when a node says a word, ``NAME begun PID`` and ``NAME ended CODE``.
When nobody asks any more every node is killed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.faults.node import Life, run

_ROOT: Final = Path(__file__).parents[2]
_STDIN: Final = 0
_FAILED: Final = 1

Heard = Callable[[str], None]


class Nursery:
    """The side of who asks."""

    def __init__(self, folder: Path) -> None:
        """``folder``: where each node's own words go, to ``NAME.log``."""
        self._folder = folder
        self._heard: dict[str, Heard] = {}
        self._ended: dict[str, asyncio.Future[int]] = {}
        self._processes: dict[str, int] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        with (self._folder / "nursery.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.nursery", str(self._folder)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=_ROOT,
            )
        self._listening = asyncio.create_task(self._listen(self._process))

    async def live(self, life: Life, heard: Heard) -> int:
        """One life of a node, to its end: the exit code, negative when a signal ended it."""
        self._heard[life.name] = heard
        ended = self._ended[life.name] = asyncio.get_running_loop().create_future()
        self._ask({"begin": msgspec.to_builtins(life)})
        return await ended

    def signal(self, name: str, number: signal.Signals) -> None:
        """To the node of that name, if it lives."""
        if not self._ended.get(name, asyncio.Future()).done():
            self._ask({"name": name, "signal": number})

    def may_write(self, name: str, size: int) -> None:
        """Files of that node can grow to so many bytes and no further; -1: as they like."""
        if not self._ended[name].done() and name in self._processes:
            with suppress(ProcessLookupError):
                limits = (size, resource.RLIM_INFINITY)
                resource.prlimit(self._processes[name], resource.RLIMIT_FSIZE, limits)

    async def close(self) -> None:
        if self._process is None or self._listening is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._listening

    def _ask(self, what: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode():
            name, word, *more = line.split()
            if word == "begun":
                self._processes[name] = int(more[0])
            elif word != "ended":
                self._heard[name](word)
            elif not self._ended[name].done():
                self._ended[name].set_result(int(more[0]))
        for ended in self._ended.values():
            if not ended.done():
                ended.set_result(_FAILED)


class _Nodes:
    """The side that forks. It is never frozen, so whoever ends is seen at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._selector = selectors.DefaultSelector()
        self._living: dict[str, tuple[int, int]] = {}  # process and its file descriptor
        self._begun = b""

    def attend(self) -> None:
        self._selector.register(_STDIN, selectors.EVENT_READ, None)
        while True:
            for key, _ in self._selector.select():
                if key.data is not None:
                    self._bury(key.data)
                elif not self._hear():
                    return

    def _hear(self) -> bool:
        """False when nobody asks any more."""
        data = os.read(_STDIN, 1 << 20)
        *lines, self._begun = (self._begun + data).split(b"\n")
        for line in lines:
            asked = json.loads(line)
            if "begin" in asked:
                self._begin(msgspec.convert(asked["begin"], Life))
            elif asked["name"] in self._living:
                self._signal(asked["name"], asked["signal"])
        if not data:
            for name in list(self._living):
                self._signal(name, signal.SIGKILL)
                self._bury(name)
        return bool(data)

    def _begin(self, life: Life) -> None:
        process = os.fork()
        if process == 0:
            os._exit(self._lives(life))
        _say(f"{life.name} begun {process}")
        self._living[life.name] = process, os.pidfd_open(process)
        self._selector.register(self._living[life.name][1], selectors.EVENT_READ, life.name)

    def _lives(self, life: Life) -> int:
        self._selector.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), _STDIN)
        log = os.open(self._folder / f"{life.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 2)
        try:
            return run(life, lambda word: _say(f"{life.name} {word}"))
        except BaseException:  # noqa: BLE001 - nothing of it may go on as the one that forks
            traceback.print_exc()
            return _FAILED

    def _signal(self, name: str, number: int) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._living[name][1], number)

    def _bury(self, name: str) -> None:
        process, watched = self._living.pop(name)
        _, status = os.waitpid(process, 0)
        self._selector.unregister(watched)
        os.close(watched)
        with suppress(BrokenPipeError):
            _say(f"{name} ended {os.waitstatus_to_exitcode(status)}")


def _say(line: str) -> None:
    """Whole, whoever else says something."""
    os.write(1, line.encode() + b"\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends this one
    gc.freeze()
    _Nodes(Path(sys.argv[1])).attend()
