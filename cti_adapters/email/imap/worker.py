"""A thread of its own for a connection that may hang: it never keeps the process from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

R = TypeVar("R")


class Worker:
    """Runs what it is given, one after the other."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], R]) -> Future[R]:
        future: Future[R] = Future()
        self._jobs.put((future, job))
        return future

    def end(self) -> None:
        """After all that it was given."""
        self._jobs.put(None)

    def join(self, seconds: float) -> bool:
        """Whether it ended. Blocks."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (given := self._jobs.get()) is not None:
            future, job = given
            if future.set_running_or_notify_cancel():
                self._do(future, job)

    def _do(self, future: Future[Any], job: Callable[[], Any]) -> None:
        try:
            result = job()
        except BaseException as error:  # noqa: BLE001 - it is whoever asked that handles it
            future.set_exception(error)
        else:
            future.set_result(result)
