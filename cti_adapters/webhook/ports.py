"""What the webhook channel keeps, and the store it keeps it in.

Everything is written before it is acted on, and every id is of what it stands for, so that whatever
was interrupted is simply done again. Times are microseconds UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from cti_adapters.webhook.events import Event

PREFIX: Final = "hook-"
_KEY: Final = 24  # characters of what stands for a conversation


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """An event that came. ``conversation`` is its key; it waits until ``due``.

    What answered a flow was told for its ``turn`` (0: it answered none), and ``shown`` stands for
    it in the thread. The texts are emptied once it is ``done``: the thread has them.
    """

    id: str
    hook: str
    conversation: str
    at: int
    event: Event
    due: int = 0
    done: bool = False
    contact: str = ""
    turn: int = 0
    shown: str = ""
    reason: str = ""  # one sentence, while it waits for something


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is the service's id of it. ``contact`` is the last that was made of it; ``agent``
    answered last, at ``answered_at``. ``said_at`` is the service's time of its newest message.
    """

    key: str
    hook: str
    name: str
    address: str
    contact: str = ""
    agent: str = ""
    answered_at: int = 0
    said_at: int = 0

    def answered_as(self, other: Conversation) -> Conversation:
        return msgspec.structs.replace(self, agent=other.agent, answered_at=other.answered_at)


class Sending(StrEnum):
    """How far a message of ours is."""

    HELD = "held"  # until ``due``, and until those before it in its conversation are through
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    DEAD = "dead"  # given up
    DISCARDED = "discarded"  # a person said that it is to be forgotten


OVER: Final = frozenset({Sending.SENT, Sending.DELIVERED, Sending.READ, Sending.DISCARDED})


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message of ours; ``message`` is its id in the contact's thread, ``remote`` theirs."""

    id: str
    hook: str
    conversation: str
    contact: str
    message: str
    text: str
    author: str
    name: str  # what customers call the agent
    at: int
    state: Sending = Sending.HELD
    due: int = 0
    since: int = 0  # when it was first to be sent, or again
    attempts: int = 0
    reason: str = ""  # one sentence
    remote: str = ""


class HookStore(Protocol):
    """Every method may raise ``StoreUnavailable``; what it wrote is durable when it returns."""

    async def keep(self, events: Sequence[Incoming]) -> int:
        """All of them or none; how many are new. Those that are there already stay as they are."""

    async def ready(self, hook: str, by: int, limit: int) -> list[str]:
        """Conversations of ``hook`` with events that are not done and due by ``by``, oldest
        first.
        """

    async def of_conversation(self, conversation: str, by: int, limit: int) -> list[Incoming]:
        """Its events that are not done and due by ``by``, as the service numbered or timed them."""

    async def next_due(self, hook: str) -> int | None:
        """When the next event of ``hook`` that is not done is due; None when all are."""

    async def waiting(self) -> Mapping[str, int]:
        """How many events of each hook are not done; hooks with none may be left out."""

    async def settle(self, incoming: Incoming, conversation: Conversation | None) -> None:
        """Write both as they are now, together; who answered the conversation stays as it was."""

    async def conversation(self, key: str) -> Conversation | None: ...

    async def answered(self, key: str, agent: str, at: int) -> None:
        """``agent`` was the last to write to the customer."""

    async def position(self) -> int | None:
        """The journal's entry up to which everything that is to be sent was written down."""

    async def prepare(self, outgoing: Sequence[Outgoing], position: int) -> int:
        """Write them down with the new position; how many are new. Those that are there stay."""

    async def outgoing(self, message: str) -> Outgoing | None: ...

    async def outgoing_as(self, hook: str, remote: str) -> Outgoing | None:
        """By the service's id."""

    async def heads(
        self, hook: str, by: int, limit: int, without: Collection[str]
    ) -> list[Outgoing]:
        """Of each conversation of ``hook`` but ``without`` the first that is held, if it is due by
        ``by``; the longest due first.
        """

    async def next_head(self, hook: str, without: Collection[str]) -> int | None:
        """When the next of the heads is due, those of ``without`` aside; None when none is held."""

    async def advance(self, outgoing: Outgoing, *, was: Collection[Sending]) -> bool:
        """Write it as it is now, if its state was one of ``was``; whether it did."""

    async def dead(self, limit: int) -> list[Outgoing]:
        """Given up, the newest first."""

    async def counts(self) -> Mapping[tuple[str, Sending], int]:
        """How many of each hook are held or dead."""

    async def prune(self, before: int, most: int, live: Collection[str]) -> bool:
        """Forget about ``most`` of each of before then (microseconds UTC): events that are done,
        messages that were sent, conversations of which nothing is left but those that are
        ``live``; whether there may be more. Dead letters stay, and whom they are for.
        """


class StoreUnavailable(Exception):
    """The store did not take it now; nothing was written."""


def conversation_key(hook: str, name: str) -> str:
    return _digest(hook, name)[:_KEY]


def event_id(hook: str, event: Event) -> str:
    """The same for an event that is sent again."""
    return _digest(hook, event.kind, event.id, event.about)[:32]


def contact_of(incoming: Incoming) -> str:
    """The contact that is made of it, if one is."""
    return f"{PREFIX}{incoming.conversation}-{incoming.id}"


def conversation_of(contact: str) -> str:
    """The key of the conversation that a contact is of; empty for another channel's."""
    key = contact.removeprefix(PREFIX).partition("-")[0]
    return key if contact.startswith(PREFIX) and len(key) == _KEY else ""


def outgoing_id(contact: str, message: str) -> str:
    return _digest(contact, message)[:32]


def _digest(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "replace")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
