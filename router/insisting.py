"""Commands for somebody who is waiting behind them: submitted until the router takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from router.core.commands import Command
from router.ports import CommandSink, EngineStopped, JournalUnavailable, Outcome, Overloaded

FIRST_PAUSE: Final = 0.05  # seconds, doubled each time …
LONGEST_PAUSE: Final = 1.0  # … up to this


async def submit_surely(
    sink: CommandSink,
    command: Command,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Outcome:
    """What became of ``command`` when the engine took it. ``pause`` sleeps for the seconds it is
    given. Raises ``EngineStopped``; whoever asked goes on after the next start.
    """
    seconds = FIRST_PAUSE
    while True:
        try:
            return await sink.submit(command)
        except EngineStopped:
            raise
        except (Overloaded, JournalUnavailable):
            await pause(seconds)
            seconds = min(2 * seconds, LONGEST_PAUSE)
