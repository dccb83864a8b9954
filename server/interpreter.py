"""The interpreter, set up for a service in which nothing may hold up the rest for long."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

# A thread that waits for the interpreter is given it after this long. A commit comes back from the
# disk several times, and with the usual 5 ms a busy loop would keep it waiting each time.
TURN_SECONDS = 0.000_5

# New objects before a young collection, and younger collections before an older one. A full one
# walks every desk: rare, but often enough that closed connections do not pile up.
THRESHOLDS = (5_000, 10, 20)


def take_short_turns() -> None:
    sys.setswitchinterval(TURN_SECONDS)


def spare_what_stays() -> None:
    """What is there when the service is ready stays: no collection need look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def run(service: Coroutine[Any, Any, ResultT]) -> ResultT:
    """As ``asyncio.run``, on uvloop where it is installed: see ADR 14."""
    with asyncio.Runner(loop_factory=_quickest_loop()) as runner:
        return runner.run(service)


def _quickest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """None for asyncio's own."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows and PyPy
        return None
    return uvloop.new_event_loop
