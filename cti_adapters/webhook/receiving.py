"""The door: what a service sends is believed, read and kept, or refused with a reason.

It is answered well only once everything in it is durable; what becomes of it is decided later.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from cti_adapters.webhook.backlog import Backlog
from cti_adapters.webhook.events import Event, Kind
from cti_adapters.webhook.mapping import events_in
from cti_adapters.webhook.ports import HookStore, Incoming, conversation_key, event_id
from cti_adapters.webhook.settings import HookSettings
from cti_adapters.webhook.signing import Unsigned, verify
from router.core.durations import MILLISECOND, SECOND
from router.foreign_json import Unreadable
from router.limits import Buckets, Rate
from router.ports import Clock

OF_A_HOOK: Final = Rate(burst=2_000, every=2 * MILLISECOND)
OF_A_CONVERSATION: Final = Rate(burst=100, every=SECOND // 2)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9._~+/=-]{1,500}")

Code = Literal[
    "unknown_hook",
    "bad_signature",
    "unreadable",
    "too_fast",
    "backlog_full",
    "bad_challenge",
    "no_handshake",
]

log = logging.getLogger(__name__)


class Refused(Exception):
    """The request is not taken; the text says what to do. ``code`` is stable."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """How many events the request had, and how many of them came for the first time."""

    events: int
    new: int


class Door:
    """``kept(hook)`` is called when there is something new; ``told(hook, outcome, events)``
    counts.
    """

    def __init__(
        self,
        hooks: Mapping[str, HookSettings],
        store: HookStore,
        clock: Clock,
        *,
        kept: Callable[[str], None],
        told: Callable[[str, str, int], None],
    ) -> None:
        self._hooks = hooks
        self._store = store
        self._clock = clock
        self._kept = kept
        self._told = told
        self._backlog = Backlog(store, clock)
        self._of_hook = Buckets(OF_A_HOOK)
        self._of_conversation = Buckets(OF_A_CONVERSATION)

    async def receive(self, hook: str, headers: Mapping[str, str], body: bytes) -> Received:
        """Keep what is in ``body``. ``headers`` have names in small letters.

        Raises ``Refused`` or ``StoreUnavailable``.
        """
        settings = self._known(hook)
        try:
            received = await self._receive(settings, headers, body)
        except Refused as refused:
            self._told(hook, refused.code, 1)
            raise
        self._told(hook, "new", received.new)
        self._told(hook, "repeated", received.events - received.new)
        return received

    async def _receive(
        self, settings: HookSettings, headers: Mapping[str, str], body: bytes
    ) -> Received:
        now = self._clock.now()
        try:
            verify(settings.incoming.signature, headers, body, now)
        except Unsigned as problem:
            raise Refused("bad_signature", str(problem)) from None
        try:
            events = events_in(settings.incoming.rules, body)
        except Unreadable as problem:
            told = str(problem)
            log.warning("what %s sends cannot be read: %s", settings.id, told)
            raise Refused("unreadable", f"{told[:1].upper()}{told[1:]}.") from None
        incoming = [self._incoming(settings, event, now) for event in events]
        new = await self._keep(settings.id, incoming, now) if incoming else 0
        if new:
            self._kept(settings.id)
        return Received(events=len(incoming), new=new)

    async def _keep(self, hook: str, events: list[Incoming], now: int) -> int:
        """How many are new. What waits already is all kept and will be taken in."""
        if not await self._backlog.has_room(hook):
            told = "Too many messages wait to be taken in: send it again in ten seconds."
            raise Refused("backlog_full", told)
        self._check_pace(hook, events, now)
        self._backlog.add(hook, len(events))
        new = 0
        try:
            new = await self._store.keep(events)
        finally:
            self._backlog.remove(hook, len(events) - new)
        return new

    def _known(self, hook: str) -> HookSettings:
        settings = self._hooks.get(hook)
        if settings is None:
            raise Refused("unknown_hook", "There is no such hook: check the address.")
        return settings

    def _incoming(self, settings: HookSettings, event: Event, now: int) -> Incoming:
        waits = event.kind in (Kind.MESSAGE, Kind.ENDED) and bool(event.at or event.sequence)
        return Incoming(
            id=event_id(settings.id, event),
            hook=settings.id,
            conversation=conversation_key(settings.id, event.conversation),
            at=now,
            due=now + (settings.incoming.order_within if waits else 0),
            event=event,
        )

    def _check_pace(self, hook: str, events: list[Incoming], now: int) -> None:
        """Services send again what is refused so: nothing is lost, and nobody else waits for it.
        What is refused uses nothing up, or a conversation's flood would shut the whole hook.
        """
        taken: list[str] = []
        told = ""
        for conversation in dict.fromkeys(one.conversation for one in events):
            if not self._of_conversation.take(conversation, now):
                told = "This conversation sends too fast: send it again in a moment."
                break
            taken.append(conversation)
        if not told and not self._of_hook.take(hook, now):
            told = "That is too much at once: send it again in a moment."
        if told:
            for conversation in taken:
                self._of_conversation.give_back(conversation)
            raise Refused("too_fast", told)

    def challenge(self, hook: str, query: Mapping[str, str]) -> str:
        """What is answered to a service that asks whether we are who it means. Raises
        ``Refused``.
        """
        handshake = self._known(hook).incoming.handshake
        if handshake is None:
            raise Refused("no_handshake", "This hook is asked nothing: send events by POST.")
        token, wanted = query.get(handshake.token, ""), handshake.expected
        same = hmac.compare_digest(token.encode("utf-8", "replace"), wanted.encode())
        challenge = query.get(handshake.challenge, "")
        if not same:
            raise Refused("bad_signature", f"The query's {handshake.token} is not the agreed one.")
        if not _CHALLENGE.fullmatch(challenge):
            told = f"Send 1 to 500 letters, digits and signs as {handshake.challenge}."
            raise Refused("bad_challenge", told)
        return challenge
