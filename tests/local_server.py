"""A server of a test's own: a process in a temporary folder, on a free port of loopback."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from tests.asterisk.free_ports import free_port

STARTED_WITHIN = 60.0  # seconds; what is in a log is read first, on a busy machine


class LocalServer:
    """Derived classes say how it is begun (``_command``) and whether it answers (``_answers``).

    ``name`` is what its folder is named after, ``output`` the file to which it writes.
    """

    name: str
    output = "output"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"patchbay-{self.name}-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Also after it has ended, with the same port and what was written."""
        file = self.folder / self.output
        with file.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(),
                stdout=output,
                stderr=output,
                restore_signals=False,  # it is told when a file cannot grow, not ended by a signal
            )
        end = time.monotonic() + STARTED_WITHIN
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                raise TimeoutError(file.read_text(errors="replace")[-2_000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """In order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill()  # also one that is frozen
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        if self._process is not None:
            self._process.wait(10)
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
