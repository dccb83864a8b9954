"""Hands one message over to its service, and says what the service made of it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import Final, Literal, Protocol

import msgspec

from cti_adapters.webhook.events import MAX_NAME
from cti_adapters.webhook.ports import Conversation, Outgoing
from cti_adapters.webhook.settings import HookSettings, OutgoingSettings
from cti_adapters.webhook.signing import headers_for
from router.core.durations import SECOND
from router.foreign_json import Unreadable, read_json, text_of, value_at
from router.outgoing.exchange import Answered, Resolve, Unanswered, exchange
from router.outgoing.requests import Request, Unaskable, request_of, target_of
from router.outgoing.templates import written
from router.ports import Clock

TAKEN: Final = tuple(range(200, 300))
_MAY_PASS: Final = frozenset({401, 403, 408, 409, 421, 423, 425, 429})
"""What is wrong with a request now and perhaps not in a minute: a secret that is being changed, a
service that has too much to do."""
SLOTS: Final = ("id", "conversation", "address", "text", "author", "name", "contact", "at")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """``remote`` is the service's id of it; ``reason`` one sentence for people."""

    outcome: Literal["sent", "refused", "later"]
    remote: str = ""
    reason: str = ""


class Post(Protocol):
    """A service's way in."""

    async def send(self, outgoing: Outgoing, conversation: Conversation) -> Delivery: ...


PostOf = Callable[[HookSettings], Post]


class HttpPost(Post):
    """Raises ``OSError`` (``ssl.SSLError`` is one) when a file of certificates cannot be used."""

    def __init__(self, settings: OutgoingSettings, resolve: Resolve, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._resolve = resolve
        tls = settings.destination.tls
        self._trust = ssl.create_default_context(cafile=settings.ca_file) if tls else None

    async def send(self, outgoing: Outgoing, conversation: Conversation) -> Delivery:
        try:
            at = self._clock.now()
            request = request_for(self._settings, outgoing, conversation, at)
        except Unaskable as problem:
            return Delivery(outcome="refused", reason=f"It cannot be sent: {problem}.")
        try:
            async with asyncio.timeout(self._settings.timeout / SECOND):
                answered = await exchange(
                    self._settings.destination, request, self._resolve, self._trust
                )
        except TimeoutError:
            return Delivery(outcome="later", reason="The service did not answer in time.")
        except Unanswered as problem:
            if problem.why == "unreadable":  # with a good status: it has the message
                return Delivery(outcome="sent")
            return Delivery(outcome="later", reason=f"The service was not reached: {problem.told}.")
        return _judged(self._settings, answered)


def request_for(
    settings: OutgoingSettings, outgoing: Outgoing, conversation: Conversation, at: int
) -> Request:
    """The same for each attempt, but for ``at``, when it is signed. Raises ``Unaskable``."""
    given = {
        "id": outgoing.id,
        "conversation": conversation.name,
        "address": conversation.address,
        "text": outgoing.text,
        "author": outgoing.author,
        "name": outgoing.name,
        "contact": outgoing.contact,
        "at": str(outgoing.at // SECOND),
    }
    values = {name: value for name, value in given.items() if value}
    filled = written(settings.body, values)
    body = json.dumps(filled, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    headers = [*settings.headers, (settings.id_header, outgoing.id)]
    if settings.signature is not None:
        headers += headers_for(settings.signature, body, at)
    target = target_of(settings.path, (), values)
    return request_of(settings.destination, "POST", target, headers, body)


def _judged(settings: OutgoingSettings, answered: Answered) -> Delivery:
    status = answered.status
    if status in TAKEN:
        return Delivery(outcome="sent", remote=_remote(settings, answered.body))
    told = f"The service answered with the status {status}."
    if status >= 500 or status in _MAY_PASS:
        return Delivery(outcome="later", reason=told)
    return Delivery(outcome="refused", reason=told)


def _remote(settings: OutgoingSettings, body: bytes) -> str:
    """Without it nothing is lost but what the service may say of the message later."""
    if settings.answer_id is None or not body:
        return ""
    try:
        document = read_json(body, "the answer")
        return text_of(value_at(document, settings.answer_id), MAX_NAME, "the answer")
    except Unreadable:
        return ""
