"""What the core's surroundings must provide. Each port ships with an in-memory fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from router.core.catalog import Catalog
from router.core.commands import Command
from router.core.events import Entry, Rejected
from router.core.requirements import Step
from router.customers import CustomerRecord, Identification


class Clock(Protocol):
    def now(self) -> int:
        """Microseconds UTC. May jump; the engine makes it non-decreasing."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The core's state after the entry at ``position``, encoded by ``router.core.state``."""

    position: int
    at: int
    body: bytes


class JournalUnavailable(Exception):
    """The journal cannot store entries now (disk full, database locked); nothing was written."""


class EngineStopped(JournalUnavailable):
    """The engine has stopped (orderly, or on an error of its own) and takes no more commands."""


class JournalDamaged(Exception):
    """The stored journal cannot be read; the text names the file and what to do."""


class Journal(Protocol):
    """The one log. An entry is durable when ``append`` returns, whole batches or nothing."""

    async def append(self, entries: Sequence[Entry]) -> None:
        """Store consecutive entries in one commit. Raises ``JournalUnavailable``."""

    def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        """Stored entries with a position above ``after`` and at most ``until``, in order.

        Raises ``JournalDamaged``.
        """

    async def save_snapshot(self, snapshot: Snapshot) -> None: ...

    async def load_snapshot(self) -> Snapshot | None: ...

    async def close(self) -> None: ...


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The command took effect and is durable. A repeated command id has an empty ``events``."""

    position: int
    events: tuple[object, ...] = ()


class Overloaded(Exception):
    """The engine's inbox is full; nothing was done. Try again after a moment."""


Outcome = Accepted | Rejected


class CommandSink(Protocol):
    """Where commands go: the engine here, a stream in a cluster."""

    async def submit(self, command: Command) -> Outcome:
        """Durable outcome of ``command``. Raises ``Overloaded`` or ``JournalUnavailable``."""


class CustomerDirectory(Protocol):
    async def identify(self, channel: str, address: str) -> Identification:
        """Customers with this address (E.164 number, mail address or chat handle)."""


class CustomerRecords(Protocol):
    async def record(self, customer: str) -> CustomerRecord | None:
        """The full record for the screen pop, None when there is no such customer."""


class ChannelAdapter(Protocol):
    """One channel at the edge. It turns the world into commands and journal entries into acts.

    ``name`` is the channel as the core knows it. ``start`` returns once it is ready; ``handle``
    is given every entry in order, at least once, and must not raise for an unknown contact.
    """

    name: str

    async def start(self) -> None: ...

    async def handle(self, entry: Entry) -> None: ...

    async def stop(self) -> None: ...


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A contact at the door, before anything is known about it."""

    contact: str
    channel: str
    address: str
    entry_point: str
    choice: str = ""  # what the customer picked, if the entry point offers choices
    attributes: Mapping[str, str] = {}
    dialable: bool = True  # whether the address may be called back
    present: bool = True  # whether the customer is there: nobody is with a message


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where a flow sends an arrival. Empty ``steps`` means the queue's own."""

    queue: str
    steps: tuple[Step, ...] = ()
    attributes: Mapping[str, str] = {}


class Through(msgspec.Struct, frozen=True, kw_only=True):
    """The arrival goes through a flow that asks questions; ``safe_queue`` if it cannot go on."""

    flow: str
    alias: str
    safe_queue: str
    attributes: Mapping[str, str] = {}


class FlowStarter(Protocol):
    """Begins what ``Through`` says, for a contact that the router knows to be in its flow."""

    async def begin(self, contact: str, through: Through) -> None: ...


class Flow(Protocol):
    """Finds out what an arrival needs (``ivr``). Pure: no waiting, no exception for bad input."""

    def __call__(self, catalog: Catalog, arrival: Arrival) -> Route | Through | Rejected: ...


class PromptLine(msgspec.Struct, frozen=True, kw_only=True):
    """``audio`` names a recording of ``text``; either may be empty."""

    text: str = ""
    audio: str = ""
    language: str = ""


class PromptButton(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    text: str


class FlowPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """What a flow asks of a customer now. It is answered for its ``turn``; later ones count not.

    - ``play``: say it, then ``heard``; with ``barge_in`` a key pressed meanwhile is an answer.
    - ``choice``: say it, then the key of one of ``buttons``, or silence after ``within``.
    - ``text``: say it, then at most ``longest`` characters, ``digits`` alone or any; digits end
      with ``end_key`` (not part of them) or when none came for ``between``. Those in ``begun`` were
      keyed already: they are the answer's first, and nothing is said.
    - ``wait``: say it; nothing is asked.

    ``within`` counts from the end of what is said; both are microseconds. What answers a ``secret``
    is shown and logged nowhere.
    """

    turn: int
    kind: Literal["play", "choice", "text", "wait"]
    say: tuple[PromptLine, ...] = ()
    buttons: tuple[PromptButton, ...] = ()
    digits: bool = False
    longest: int = 1
    within: int = 0
    between: int = 0
    end_key: str = ""
    begun: str = ""
    secret: bool = False
    barge_in: bool = True


class FlowRunner(Protocol):
    """Contacts in their flows, for the channels that talk with them (``ivr.runner``).

    ``prompt`` changes with the contact's ``FlowAdvanced`` events and is the same after a restart.
    The others return when what follows is durable; what comes too late has no effect.
    """

    def prompt(self, contact: str) -> FlowPrompt | None:
        """None when the contact is in no flow that talks with it."""

    def last_words(self, session: bytes) -> tuple[PromptLine, ...]:
        """What is said as the flow ends, from a ``FlowAdvanced``; empty unless it ended there."""

    async def answer(self, contact: str, turn: int, text: str) -> None: ...

    async def silence(self, contact: str, turn: int) -> None: ...

    async def heard(self, contact: str, turn: int) -> None: ...


class NoFlows(FlowRunner):
    """Where no contact is in any."""

    def prompt(self, contact: str) -> FlowPrompt | None:  # noqa: ARG002 - the port's
        return None

    def last_words(self, session: bytes) -> tuple[PromptLine, ...]:  # noqa: ARG002
        return ()

    async def answer(self, contact: str, turn: int, text: str) -> None: ...

    async def silence(self, contact: str, turn: int) -> None: ...

    async def heard(self, contact: str, turn: int) -> None: ...


class ContactIntake(Protocol):
    """The one door into routing for every channel (``router.intake``)."""

    async def receive(self, arrival: Arrival) -> Outcome:
        """Identify the customer in bounded time, run the flow and queue the contact."""
