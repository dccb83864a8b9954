"""The webhook channel: services outside send what customers write, and take what we write to them.

Receiving, taking in and sending each go on by themselves and meet in the store alone, so that a
service that hangs, a flood, or a router that is busy holds up nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from cti_adapters.texting.prompter import Prompter
from cti_adapters.webhook.outbox import Outbox
from cti_adapters.webhook.ports import (
    Conversation,
    HookStore,
    Outgoing,
    Sending,
    StoreUnavailable,
    conversation_of,
)
from cti_adapters.webhook.posting import PostOf
from cti_adapters.webhook.receiving import Door
from cti_adapters.webhook.settings import HookSettings
from cti_adapters.webhook.staging import TextStage
from cti_adapters.webhook.taking_in import CHANNEL, TRY_AGAIN_AFTER, TakingIn
from cti_adapters.webhook.writing import UNDELIVERED, Line, lines_of
from router.core.commands import PostMessage
from router.core.durations import SECOND
from router.core.events import ContactArrived, Entry, FlowAdvanced
from router.core.model import TERMINAL
from router.insisting import submit_surely
from router.ports import (
    ChannelAdapter,
    Clock,
    CommandSink,
    ContactIntake,
    EngineStopped,
    FlowRunner,
    Heard,
    JournalUnavailable,
    NoFlows,
    Overloaded,
)
from router.replica import Replica
from router.tasks import end

CONVERSATIONS_AT_ONCE: Final = 20
EVENTS_AT_ONCE: Final = 20  # of one conversation, before the others have their turn …
TURN: Final = 0.1  # … or as many as are taken in so many seconds
LOOK_EVERY: Final = SECOND  # what came in at another node wakes nobody here
AFTER_TROUBLE: Final = 1.0  # seconds
SWEEP_EVERY: Final = 1.0
COUNT_EVERY: Final = 15  # sweeps
LONGEST_ORDER: Final = 10 * SECOND  # that an event waits for those before it
MARK_EVERY: Final = 2_000  # entries of the journal without anything to send

Told = Callable[[str, str, int], None]
Stand = Callable[[str, Mapping[str, int]], None]

log = logging.getLogger(__name__)


def _nobody(_hook: str, _outcome: str, _count: int) -> None:
    return None


def _nothing(_hook: str, _counts: Mapping[str, int]) -> None:
    return None


class HookParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel is made of. ``received`` and ``sent`` are told of hook, outcome, count;
    ``stand`` of a hook, how many of its messages are in each state, and events ``waiting``.
    """

    hooks: tuple[HookSettings, ...]
    store: HookStore
    post_of: PostOf
    chance: random.Random = msgspec.field(default_factory=random.Random)
    received: Told = _nobody
    sent: Told = _nobody
    stand: Stand = _nothing


class WebhookChannel(ChannelAdapter):
    name = CHANNEL

    def __init__(
        self,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        parts: HookParts,
        *,
        flows: FlowRunner | None = None,
    ) -> None:
        self.hooks: Mapping[str, HookSettings] = {one.id: one for one in parts.hooks}
        self.store = parts.store
        self._sink = sink
        self._replica = replica
        self._clock = clock
        self._parts = parts
        self._flows = flows or NoFlows()
        self._something_new = {name: asyncio.Event() for name in self.hooks}
        self._tasks: list[asyncio.Task[None]] = []
        self._last_words: dict[str, str] = {}
        self._marked = 0
        self.outbox = Outbox(
            parts.store,
            clock,
            gave_up=self._gave_up,
            told=lambda hook, outcome: parts.sent(hook, outcome, 1),
            chance=parts.chance,
        )
        self.door = Door(
            self.hooks,
            parts.store,
            clock,
            kept=lambda hook: self._something_new[hook].set(),
            told=parts.received,
        )
        self._taking_in = TakingIn(
            self.hooks,
            parts.store,
            sink,
            intake,
            replica=replica,
            clock=clock,
            flows=self._flows,
            outbox=self.outbox,
        )
        self._stage = TextStage(CHANNEL, replica)
        self._prompter = Prompter(self._stage, sink, self._flows, replica, clock)

    def look(self) -> None:
        """Something may be due now."""
        for something_new in self._something_new.values():
            something_new.set()
        self.outbox.look()
        self._prompter.go_on(self._clock.now())

    # -- the port -----------------------------------------------------------------------------

    async def start(self) -> None:
        if not self.hooks:
            return
        for contact in self._replica.state.contacts:
            if conversation_of(contact) and self._stage.in_flow(contact):
                self._prompter.soon(contact)
        sending = {one.id: one for one in self.hooks.values() if one.outgoing is not None}
        posts = {name: self._parts.post_of(one) for name, one in sending.items()}
        taking_in = (self._take_in(hook) for hook in self.hooks)
        work = [self.outbox.run(sending, posts), self._sweep(), *taking_in]
        self._tasks = [asyncio.create_task(one, name=CHANNEL) for one in work]

    async def stop(self) -> None:
        await end(*self._tasks)
        self._tasks = []
        await self._prompter.stop()

    async def position(self, now: int) -> int:
        """The entry of the journal after which it has to be told of everything; ``now`` is the
        newest. Raises ``StoreUnavailable``.
        """
        if not self.hooks:
            return now
        known = await self.store.position()
        if known is None:
            await self.store.prepare((), now)
        return now if known is None else min(known, now)

    def handle(self, entry: Entry) -> Heard:
        """What is to be sent is written down before the entry counts as heard."""
        return self._hear(entry) if self.hooks else None

    async def _hear(self, entry: Entry) -> None:
        self._follow_flows(entry)
        while True:
            try:
                await self._write_down(entry)
            except StoreUnavailable as error:
                log.warning("what is to be sent waits to be written down: %s", error)
                await asyncio.sleep(AFTER_TROUBLE)
            else:
                return

    async def _write_down(self, entry: Entry) -> None:
        lines = list(lines_of(entry, self._last_words))
        if not lines and entry.position - self._marked < MARK_EVERY:
            return
        outgoing = [one for line in lines if (one := await self._written(line, entry.at))]
        new = await self.store.prepare(outgoing, entry.position)
        self._marked = entry.position
        for line in lines:
            if line.agent:
                await self.store.answered(line.key, line.agent, entry.at)
            self._last_words.pop(line.contact, None)
        if new:
            self.outbox.look()

    def _follow_flows(self, entry: Entry) -> None:
        for event in entry.events:
            match event:
                case FlowAdvanced(contact=contact) if conversation_of(contact):
                    last = self._prompter.advanced(event)
                    if last:
                        self._last_words[contact] = last
                case ContactArrived(contact=contact):
                    self._last_words.pop(contact, None)
                case _:
                    pass

    async def _written(self, line: Line, at: int) -> Outgoing | None:
        known: Conversation | None = await self.store.conversation(line.key)
        settings = self.hooks.get(known.hook) if known is not None else None
        if known is None or settings is None or settings.outgoing is None:
            return None
        return line.outgoing(known, self._replica.state.catalog, at)

    # -- taking in ----------------------------------------------------------------------------

    async def _take_in(self, hook: str) -> None:
        """Each hook by itself: what waits for one that is flooded holds up no other."""
        while True:
            try:
                pause = await self._take_due(hook)
            except EngineStopped:
                return
            except (StoreUnavailable, JournalUnavailable, Overloaded) as error:
                log.warning("what services sent waits: %s", error)
                pause = AFTER_TROUBLE
            except Exception:
                log.exception("events could not be taken in; they are tried again")
                pause = AFTER_TROUBLE
            if pause:
                await self._rest(hook, pause)

    async def _rest(self, hook: str, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._something_new[hook].wait()
        except TimeoutError:
            pass

    async def _take_due(self, hook: str) -> float:
        """Seconds until something is due again; 0: now. A few of each conversation at a time, so
        that one which is flooded holds up no other.
        """
        self._something_new[hook].clear()
        ready = await self.store.ready(hook, self._clock.now(), CONVERSATIONS_AT_ONCE)
        if ready:
            work = (self._take_some(one) for one in ready)
            for problem in await asyncio.gather(*work, return_exceptions=True):
                if problem is not None:
                    raise problem
            return 0.0
        upcoming = await self.store.next_due(hook)
        wait = LOOK_EVERY if upcoming is None else upcoming - self._clock.now()
        return min(max(wait, SECOND // 100), LOOK_EVERY) / SECOND

    async def _take_some(self, conversation: str) -> None:
        now = self._clock.now()
        soon = now + LONGEST_ORDER
        waiting = await self.store.of_conversation(conversation, soon, EVENTS_AT_ONCE)
        ripe = [place for place, one in enumerate(waiting) if one.due <= now]
        # What stands before something that is due waits for nothing any more.
        clock = asyncio.get_running_loop().time
        until = clock() + TURN
        for one in waiting[: ripe[-1] + 1] if ripe else waiting:
            if clock() >= until and one is not waiting[0]:
                return
            try:
                await self._taking_in.take(one)
            except (StoreUnavailable, JournalUnavailable, Overloaded):
                raise
            except Exception:
                log.exception("an event of %s could not be taken in; it is tried again", one.hook)
                await self.store.settle(replace(one, due=now + TRY_AGAIN_AFTER), None)
                return

    # -- looking after it ---------------------------------------------------------------------

    async def _sweep(self) -> None:
        """Silence in flows, and how many messages wait."""
        rounds = 0
        while True:
            self._prompter.go_on(self._clock.now())
            if rounds % COUNT_EVERY == 0:
                await self._count()
            rounds += 1
            await asyncio.sleep(SWEEP_EVERY)

    async def _count(self) -> None:
        try:
            counts, waiting = await self.store.counts(), await self.store.waiting()
        except StoreUnavailable:
            return
        for hook in self.hooks:
            stand = {state.value: counts.get((hook, state), 0) for state in Sending}
            self._parts.stand(hook, {**stand, "waiting": waiting.get(hook, 0)})

    async def prune(self, before: int, most: int) -> bool:
        """Forget about ``most`` of each kind that are through since before then (microseconds
        UTC); whether there may be more. Raises ``StoreUnavailable``.
        """
        live = {conversation_of(contact) for contact in self._replica.state.contacts}
        return await self.store.prune(before, most, live - {""})

    async def _gave_up(self, outgoing: Outgoing) -> None:
        """The agent is told in the thread, while there is somebody to tell."""
        live = self._replica.state.contacts.get(outgoing.contact)
        if live is None or live.state in TERMINAL:
            return
        quoted = outgoing.text if len(outgoing.text) <= 80 else f"{outgoing.text[:79]}…"
        post = PostMessage(
            id=f"{outgoing.contact}/{UNDELIVERED}{outgoing.id}/{outgoing.since}",
            by=CHANNEL,
            contact=outgoing.contact,
            message=f"{UNDELIVERED}{outgoing.id[:16]}-{outgoing.since}",
            author="system",
            text=f"Not delivered: “{quoted}”. {outgoing.reason}",
        )
        await submit_surely(self._sink, post)
