"""What the core's surroundings must provide. Each port ships with an in-memory fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, Protocol

import msgspec

from router.core.catalog import Catalog
from router.core.checks import MAX_TEXT
from router.core.commands import Command, PostMessage
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


class OutcomeUnknown(JournalUnavailable):
    """Whether the command took effect, or still will, is not known; sending the same id again
    tells.
    """


class EngineStopped(JournalUnavailable):
    """The engine has stopped (orderly, or on an error of its own) and takes no more commands."""


class StoppedMidway(EngineStopped, OutcomeUnknown):
    """The engine has stopped and cannot say whether what it had decided is stored: who writes next
    knows.
    """


class NotTheWriter(EngineStopped):
    """Another node writes this journal now: nothing was written, nor will be from here."""


class JournalDamaged(Exception):
    """The stored journal cannot be read; the text names the file and what to do."""


class NotOurVersion(JournalDamaged):
    """Another version of Patchbay wrote what is stored: nothing is wrong with it, and this one must
    not touch it.
    """


class EntriesTrimmed(JournalDamaged):
    """What is asked for is no longer kept; ``first`` is the first entry that is."""

    def __init__(self, asked: int, first: int) -> None:
        super().__init__(
            f"The log begins at {first}: entries from {asked} on are no longer kept, or were lost."
        )
        self.first = first


NOTHING: Final[Mapping[str, Rejected]] = MappingProxyType({})


class Journal(Protocol):
    """The one log. An entry is durable when ``append`` returns, whole batches or nothing.

    Where copies of a command may outlive who decided it, what was ``refused``, by command id, is
    remembered before anybody is told.
    """

    async def append(
        self, entries: Sequence[Entry], refused: Mapping[str, Rejected] = NOTHING
    ) -> None:
        """Store consecutive entries in one commit. Raises ``JournalUnavailable``, and
        ``OutcomeUnknown`` when they may be stored: the same again tells.
        """

    async def confirm(self, refused: Mapping[str, Rejected] = NOTHING) -> None:
        """Return when nobody else writes by now: what was decided without an entry may be said.

        Raises ``NotTheWriter`` and ``JournalUnavailable``.
        """

    def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        """Stored entries with a position above ``after`` and at most ``until``, in order.

        Raises ``JournalDamaged``; ``EntriesTrimmed`` when what follows ``after`` is gone.
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
        """Durable outcome of ``command``. Raises ``Overloaded`` or ``JournalUnavailable`` when
        nothing was done, ``OutcomeUnknown`` when something may have been.
        """


StillWrites = Callable[[], Awaitable[None]]
"""Returns when it is certain that this process decides, from what was asked after the call. Raises
``EngineStopped`` when another does.

To be asked before each connection to a broker: the other has the same name there, and would be
thrown out.
"""


async def nobody_else_does() -> None:
    """Where there is one process."""


class CustomerDirectory(Protocol):
    async def identify(self, channel: str, address: str) -> Identification:
        """Customers with this address (E.164 number, mail address or chat handle)."""


class CustomerRecords(Protocol):
    async def record(self, customer: str) -> CustomerRecord | None:
        """The full record for the screen pop, None when there is no such customer."""


Heard = Awaitable[None] | None
"""What has to be awaited before an entry counts as heard, None when it is heard already: most
entries say nothing to most who listen, and none of those is worth a turn of its own.
"""


class ChannelAdapter(Protocol):
    """One channel at the edge. It turns the world into commands and journal entries into acts.

    ``name`` is the channel as the core knows it. ``start`` returns once it is ready; ``handle``
    is given every entry in order, at least once, and must not raise for an unknown contact.
    """

    name: str

    async def start(self) -> None: ...

    def handle(self, entry: Entry) -> Heard: ...

    async def stop(self) -> None: ...


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer brought along in writing; ``id`` is the message's in the contact's thread."""

    id: str
    text: str

    def posted(self, contact: str, by: str) -> PostMessage:
        """It is put into the thread of ``contact`` once, however often this is submitted."""
        return PostMessage(
            id=f"{contact}/said/{self.id}",
            by=by,
            contact=contact,
            message=self.id,
            author="customer",
            text=self.text[:MAX_TEXT],
        )


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A contact at the door, before anything is known about it."""

    contact: str
    channel: str
    address: str
    entry_point: str
    verified: str = ""  # the customer's external id or mail address, when somebody vouches for it
    choice: str = ""  # what the customer picked, if the entry point offers choices
    attributes: Mapping[str, str] = {}
    queue: str = ""  # where it goes, past choices and flow, when somebody else has found that out
    dialable: bool = True  # whether the address may be called back
    present: bool = True  # whether the customer is there: nobody is with a message
    said: Said | None = None
    preferred: tuple[str, ...] = ()  # agents who know the matter
    preferred_for: int | None = None  # microseconds they have it to themselves; None: the queue's


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


class Recordings(Protocol):
    """Recordings of what flows say, by their names."""

    def content(self, name: str, language: str, at: int) -> str:
        """Which sound ``name`` is for those who speak ``language`` (empty: any), as it was in force
        ``at`` (0: now): the same text for the same sound. Empty when there is none.
        """

    async def read(self, content: str) -> bytes | None:
        """The sound as a WAV file of 16-bit samples of one channel; None when it is lost."""


class NoRecordings(Recordings):
    """Where nothing was recorded."""

    def content(self, name: str, language: str, at: int) -> str:  # noqa: ARG002 - the port's
        return ""

    async def read(self, content: str) -> bytes | None:  # noqa: ARG002
        return None


class ContactIntake(Protocol):
    """The one door into routing for every channel (``router.intake``)."""

    async def receive(self, arrival: Arrival) -> Outcome:
        """Identify the customer in bounded time, run the flow and queue the contact."""
