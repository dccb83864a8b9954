"""Sends mails of ours, each once.

A mail is written down before it is sent, and that it is being sent is written down before the
server is spoken to. Should the service stop in between, or the connection break after the server
was given everything, nobody here knows whether it left. Then the copy that every mail of ours
takes to its own mailbox tells; without one, and once the mailbox was read long enough, it is sent
again. A mailbox that gets no copies leaves it to the agent to say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, Literal, Protocol, assert_never

import msgspec
from msgspec.structs import replace

from cti_adapters.email.ports import (
    MailStore,
    MailWatch,
    NobodyWatches,
    Outgoing,
    Sending,
    StoreUnavailable,
)
from router.core.durations import DAY, HOUR, MINUTE, SECOND
from router.files import Files
from router.ports import Clock

FIRST_RETRY: Final = MINUTE  # doubled each time …
LONGEST_RETRY: Final = HOUR  # … up to this
AFTER_REFUSAL: Final = 10 * MINUTE  # for all mails of a mailbox that was not let in
GIVES_UP_AFTER: Final = 2 * DAY
COPY_WITHIN: Final = 2 * MINUTE  # a mail that left is back as a copy
NEVER: Final = 2**62  # by itself: its author is asked
AT_ONCE: Final = 20
LOOK_EVERY: Final = 2 * SECOND  # what another node has written wakes nobody here

log = logging.getLogger(__name__)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a server made of a mail. ``later``: try again; ``unknown``: it may have left or not, and
    a copy of it is on its way back if it did and was ``copied``. ``reason`` is one sentence for
    people; ``refused`` are recipients it would not take, and why. ``shut``: it did not let us in,
    and every further try brings the account nearer to being locked.
    """

    outcome: Literal["sent", "refused", "later", "unknown"]
    reason: str = ""
    refused: Mapping[str, str] = {}
    copied: bool = True
    shut: bool = False


class Post(Protocol):
    """A mailbox's way out."""

    confirms: bool  # whether a copy of what is sent comes back

    async def send(self, sender: str, recipients: Sequence[str], content: bytes) -> Delivery: ...


class Outbox:
    """``came_back(outgoing)`` is told of mails that failed or of which nobody knows; ``read_until``
    says until when a mailbox was read, None before its first time. A copy is back ``copy_within``
    microseconds after its mail left.
    """

    def __init__(
        self,
        store: MailStore,
        files: Files,
        clock: Clock,
        posts: Mapping[str, Post],
        *,
        came_back: Callable[[Outgoing], Awaitable[None]],
        read_until: Callable[[str], int | None],
        copy_within: int = COPY_WITHIN,
        watch: MailWatch | None = None,
    ) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._posts = posts
        self._came_back = came_back
        self._read_until = read_until
        self._copy_within = copy_within
        self._watch = watch or NobodyWatches()
        self._hurry = asyncio.Event()
        self._shut: dict[str, tuple[int, str]] = {}  # mailboxes, until when and why
        self._open: set[str] = set()  # mailboxes that were not shut the last time
        self._alone = {mailbox: asyncio.Lock() for mailbox in posts}

    # -- from others --------------------------------------------------------------------------

    def look(self) -> None:
        """Something new is to be sent."""
        self._hurry.set()

    async def left(self, outgoing: Outgoing) -> None:
        """Its copy came back."""
        sent = replace(outgoing, state=Sending.SENT, reason="")
        await self._store.advance(sent, was=(Sending.SENDING, Sending.UNKNOWN))

    async def failed(self, outgoing: Outgoing, reason: str) -> None:
        """Another server says that it was not delivered."""
        failed = replace(outgoing, state=Sending.FAILED, reason=reason)
        undelivered = (Sending.SENT, Sending.SENDING, Sending.UNKNOWN)
        if await self._store.advance(failed, was=undelivered):
            await self._came_back(failed)

    # -- sending ------------------------------------------------------------------------------

    async def recover(self) -> None:
        """Once, before anything is sent: what was being sent when the service stopped."""
        for one in await self._store.in_state(Sending.SENDING, limit=100_000):
            await self._in_doubt(one, "The service stopped while this mail was being sent.")

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            try:
                await self.send_due()
                await self.settle_doubts()
                pause = await self._pause()
            except StoreUnavailable as error:
                log.warning("mails wait to be sent: %s", error)
                pause = LOOK_EVERY
            self._hurry.clear()
            try:
                async with asyncio.timeout(pause / SECOND):
                    await self._hurry.wait()
            except TimeoutError:
                pass

    async def _pause(self) -> int:
        due = await self._store.next_due()
        wait = LOOK_EVERY if due is None else due - self._clock.now()
        return min(max(wait, SECOND // 20), LOOK_EVERY)

    async def send_due(self) -> None:
        """Everything that is due now; a mailbox that hangs holds up no other."""
        due = await self._store.to_send(self._clock.now(), AT_ONCE)
        await asyncio.gather(*(self._send(one) for one in due))

    async def _send(self, one: Outgoing) -> None:
        """A wrong password is tried with one mail, not with all that are due."""
        alone = self._alone.get(one.mailbox)
        if alone is None or one.mailbox in self._open:
            await self._try(one)
            return
        async with alone:
            await self._try(one)

    async def _try(self, one: Outgoing) -> None:
        post = self._posts.get(one.mailbox)
        content = await self._files.content(one.raw)
        if post is None or content is None:
            reason = "Its mailbox is no longer set up." if post is None else "Its file is gone."
            await self._end(one, Sending.FAILED, reason, was=(Sending.HELD,))
            return
        until, why = self._shut.get(one.mailbox, (0, ""))
        if self._clock.now() < until:
            waiting = replace(one, due=until, reason=why)
            await self._store.advance(waiting, was=(Sending.HELD,))
            return
        sending = replace(one, state=Sending.SENDING, attempts=one.attempts + 1)
        if not await self._store.advance(sending, was=(Sending.HELD,)):
            return  # taken back in this moment
        delivery = await post.send(one.sender, one.recipients, content)
        self._watch.left(one.mailbox, delivery.outcome)
        await self._note(sending, delivery)

    async def _note(self, one: Outgoing, delivery: Delivery) -> None:
        if delivery.shut:
            self._shut[one.mailbox] = (self._clock.now() + AFTER_REFUSAL, delivery.reason)
            self._open.discard(one.mailbox)
        else:
            self._shut.pop(one.mailbox, None)
            self._open.add(one.mailbox)
        match delivery.outcome:
            case "sent" if not delivery.refused:
                sent = replace(one, state=Sending.SENT, reason="")
                await self._store.advance(sent, was=(Sending.SENDING,))
            case "sent":
                await self._end(one, Sending.FAILED, _partly(delivery), was=(Sending.SENDING,))
            case "refused":
                await self._end(one, Sending.FAILED, delivery.reason, was=(Sending.SENDING,))
            case "later":
                await self._later(one, delivery.reason)
            case "unknown":
                await self._in_doubt(one, delivery.reason, copied=delivery.copied)
            case _:
                assert_never(delivery.outcome)

    async def _later(self, one: Outgoing, reason: str) -> None:
        now = self._clock.now()
        if now - one.at > GIVES_UP_AFTER:
            await self._end(one, Sending.FAILED, reason, was=(Sending.SENDING,))
            return
        wait = min(FIRST_RETRY * 2 ** min(one.attempts - 1, 20), LONGEST_RETRY)
        until, _ = self._shut.get(one.mailbox, (0, ""))
        held = replace(one, state=Sending.HELD, due=max(now + wait, until), reason=reason)
        await self._store.advance(held, was=(Sending.SENDING,))

    async def _end(
        self, one: Outgoing, state: Sending, reason: str, *, was: Collection[Sending]
    ) -> None:
        ended = replace(one, state=state, reason=reason)
        if await self._store.advance(ended, was=was):
            await self._came_back(ended)

    # -- doubts -------------------------------------------------------------------------------

    async def _in_doubt(self, one: Outgoing, reason: str, *, copied: bool = True) -> None:
        post = self._posts.get(one.mailbox)
        tells = copied and post is not None and post.confirms
        due = self._clock.now() + self._copy_within if tells else NEVER
        doubtful = replace(one, state=Sending.UNKNOWN, due=due, reason=reason)
        if await self._store.advance(doubtful, was=(Sending.SENDING,)) and not tells:
            await self._came_back(doubtful)

    async def settle_doubts(self) -> None:
        """Send again what has not come back as a copy, though its mailbox was read since. A copy
        that was read and waits to be looked at has come back.
        """
        for one in await self._store.in_state(Sending.UNKNOWN, limit=1_000):
            post = self._posts.get(one.mailbox)
            read = self._read_until(one.mailbox)
            if post is None or read is None or read < one.due:
                continue
            if await self._store.came(one.message_id):
                await self.left(one)
                continue
            again = replace(one, state=Sending.HELD, due=self._clock.now())
            await self._store.advance(again, was=(Sending.UNKNOWN,))


def _partly(delivery: Delivery) -> str:
    address, why = next(iter(delivery.refused.items()))
    return f"It was not delivered to {address[:100]} ({why[:200]}); the others have it."
