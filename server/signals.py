"""Ctrl-C and SIGTERM: the service ends in order, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import signal
from types import TracebackType
from typing import Self

from server.http_server import HttpServer

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class EndSignals:
    """While it is entered, a signal ends the server, or the start before there is one.

    A second signal no longer waits for clients.
    """

    def __init__(self) -> None:
        self._server: HttpServer | None = None
        self._task: asyncio.Task[object] | None = None

    def serving(self, server: HttpServer) -> None:
        self._server = server

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def _end(self) -> None:
        if self._server is not None:
            self._server.force_exit = self._server.should_exit
            self._server.should_exit = True
        elif self._task is not None:
            self._task.cancel()
