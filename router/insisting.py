"""Commands for somebody who is waiting behind them: submitted until the router takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from router.core.commands import Command, PostMessage
from router.core.events import Rejected
from router.ports import CommandSink, EngineStopped, JournalUnavailable, Outcome, Overloaded
from router.replica import Replica

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


async def stands_already(sink: CommandSink, replica: Replica, post: PostMessage) -> bool:
    """Whether a message is in its contact's thread, which is over: a channel that was interrupted
    after it had posted a message does not know, and the contact may have ended since.
    """
    contact = replica.state.contacts.get(post.contact)
    if contact is not None:
        return any(one.id == post.message for one in contact.messages)
    # A contact that is gone takes no message; a repetition is accepted, and has no effect.
    return not isinstance(await submit_surely(sink, post), Rejected)
