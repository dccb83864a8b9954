"""Delivers what we write: in the order of each conversation, at least once, each with an id by
which the service can tell that it has it already.

A message that is not taken is tried again, ever later, and given up in the end; until then those
behind it in its conversation wait, and nobody else does.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, assert_never

from msgspec.structs import replace

from cti_adapters.webhook.ports import Conversation, HookStore, Outgoing, Sending, StoreUnavailable
from cti_adapters.webhook.posting import Delivery, Post
from cti_adapters.webhook.retrying import wait_before
from cti_adapters.webhook.settings import HookSettings, OutgoingSettings
from router.core.durations import SECOND
from router.ports import Clock
from router.tasks import end

LOOK_EVERY: Final = 30 * SECOND
AFTER_TROUBLE: Final = SECOND

log = logging.getLogger(__name__)


class Outbox:
    """``gave_up(outgoing)`` is told of each that is dead; ``told(hook, outcome)`` counts."""

    def __init__(
        self,
        store: HookStore,
        clock: Clock,
        *,
        gave_up: Callable[[Outgoing], Awaitable[None]],
        told: Callable[[str, str], None],
        chance: random.Random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._gave_up = gave_up
        self._told = told
        self._chance = chance
        self._lanes: dict[str, _Lane] = {}

    def look(self) -> None:
        """Something new may be due."""
        for lane in self._lanes.values():
            lane.hurry.set()

    async def run(self, hooks: Mapping[str, HookSettings], posts: Mapping[str, Post]) -> None:
        """Deliver what is due, until cancelled; a service that hangs holds up no other."""
        for hook in hooks.values():
            if hook.outgoing is not None:
                self._lanes[hook.id] = _Lane(self, hook.id, hook.outgoing, posts[hook.id])
        await asyncio.gather(*(lane.run() for lane in self._lanes.values()))

    async def failed(self, outgoing: Outgoing, reason: str) -> None:
        """The service took it and says now that it will not arrive."""
        await self._end(outgoing, reason, was=(Sending.SENT, Sending.HELD))

    async def replay(self, outgoing: Outgoing) -> bool:
        """Send again what was given up, because a person says so."""
        now = self._clock.now()
        again = replace(outgoing, state=Sending.HELD, due=now, since=now, attempts=0)
        done = await self._store.advance(again, was=(Sending.DEAD,))
        self.look()
        return done

    async def discard(self, outgoing: Outgoing) -> bool:
        gone = replace(outgoing, state=Sending.DISCARDED)
        return await self._store.advance(gone, was=(Sending.DEAD,))

    async def note(
        self, settings: OutgoingSettings, outgoing: Outgoing, delivery: Delivery
    ) -> None:
        """What became of an attempt."""
        self._told(outgoing.hook, delivery.outcome)
        match delivery.outcome:
            case "sent":
                sent = replace(outgoing, state=Sending.SENT, remote=delivery.remote, reason="")
                await self._store.advance(sent, was=(Sending.HELD,))
            case "refused":
                await self._end(outgoing, delivery.reason, was=(Sending.HELD,))
            case "later":
                await self._later(settings, outgoing, delivery.reason)
            case _:
                assert_never(delivery.outcome)

    async def _later(self, settings: OutgoingSettings, outgoing: Outgoing, reason: str) -> None:
        now, attempts = self._clock.now(), outgoing.attempts + 1
        due = now + wait_before(attempts, self._chance)
        tried = replace(outgoing, attempts=attempts, due=due, reason=reason)
        if now - outgoing.since >= settings.give_up_after:
            await self._end(tried, reason, was=(Sending.HELD,))
            return
        await self._store.advance(tried, was=(Sending.HELD,))

    async def _end(self, outgoing: Outgoing, reason: str, *, was: tuple[Sending, ...]) -> None:
        dead = replace(outgoing, state=Sending.DEAD, reason=reason)
        if await self._store.advance(dead, was=was):
            self._told(outgoing.hook, "given_up")
            log.warning("a message to %s is given up: %s", outgoing.hook, reason)
            await self._gave_up(dead)

    async def heads(self, hook: str, limit: int, without: set[str]) -> list[Outgoing]:
        return await self._store.heads(hook, self._clock.now(), limit, without)

    async def pause(self, hook: str, without: set[str]) -> int:
        """Microseconds until the next of the others is due."""
        due = await self._store.next_head(hook, without)
        wait = LOOK_EVERY if due is None else due - self._clock.now()
        return min(max(wait, SECOND // 100), LOOK_EVERY)

    async def conversation(self, key: str) -> Conversation | None:
        return await self._store.conversation(key)


class _Lane:
    """One service: as many conversations at a time as it may be written to."""

    def __init__(self, outbox: Outbox, hook: str, settings: OutgoingSettings, post: Post) -> None:
        self.hurry = asyncio.Event()
        self._outbox = outbox
        self._hook = hook
        self._settings = settings
        self._post = post
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by conversation

    async def run(self) -> None:
        try:
            while True:
                try:
                    pause = await self._start_due()
                except StoreUnavailable as error:
                    log.warning("messages to %s wait: %s", self._hook, error)
                    pause = AFTER_TROUBLE
                await self._rest(pause)
        finally:
            await end(*self._under_way.values())

    async def _start_due(self) -> int:
        """Microseconds until something may be due again."""
        self.hurry.clear()
        room = self._settings.at_once - len(self._under_way)
        if room <= 0:
            return LOOK_EVERY  # whoever is through wakes us
        due = await self._outbox.heads(self._hook, room, set(self._under_way))
        for one in due:
            task = asyncio.create_task(self._deliver(one), name=f"deliver to {self._hook}")
            self._under_way[one.conversation] = task
        return await self._outbox.pause(self._hook, set(self._under_way))

    async def _deliver(self, outgoing: Outgoing) -> None:
        try:
            known = await self._outbox.conversation(outgoing.conversation)
            if known is None:
                gone = Delivery(outcome="refused", reason="Its conversation is not known.")
                await self._outbox.note(self._settings, outgoing, gone)
                return
            delivery = await self._post.send(outgoing, known)
            await self._outbox.note(self._settings, outgoing, delivery)
        except StoreUnavailable as error:
            log.warning("what became of a message to %s is not noted: %s", self._hook, error)
            await asyncio.sleep(AFTER_TROUBLE / SECOND)
        except Exception:
            log.exception("a message to %s could not be sent; it is tried again", self._hook)
            await asyncio.sleep(AFTER_TROUBLE / SECOND)
        finally:
            self._under_way.pop(outgoing.conversation, None)
            self.hurry.set()

    async def _rest(self, pause: int) -> None:
        try:
            async with asyncio.timeout(pause / SECOND):
                await self.hurry.wait()
        except TimeoutError:
            pass
