"""What the e-mail channel keeps, and the store it keeps it in.

Everything is written before it is acted on, and every id is of what it stands for, so that whatever
was interrupted is simply done again. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from cti_adapters.email.model import Mail, Unreadable

MOST_PARTICIPANTS: Final = 100


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a folder was read: every mail up to ``uid`` is kept, while its ``validity`` lasts."""

    validity: int
    uid: int


class Became(StrEnum):
    """What a mail from outside became."""

    NEW = "new"  # kept, not looked at yet
    CONTACT = "contact"  # a contact was made of it
    REPLY = "reply"  # it went to a contact that was under way
    REPORT = "report"  # it says what became of a mail of ours
    COPY = "copy"  # of a mail of ours
    SET_ASIDE = "set_aside"  # an automatic answer, or its mailbox's own: nobody is to read it
    UNREADABLE = "unreadable"
    FORGOTTEN = "forgotten"  # what it said is no longer kept


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was asked in a form of ours. It goes to ``queue``, past any flow; what it
    comes with and whom somebody vouches for are as an arrival has them.
    """

    queue: str
    attributes: dict[str, str] = {}
    verified: str = ""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that came. ``id`` is its digest; ``raw`` names its bytes; before ``due`` it waits for
    its turn. With a ``form`` nobody sent it: it was asked there.
    """

    id: str
    mailbox: str
    at: int
    raw: str
    mail: Mail | Unreadable
    became: Became = Became.NEW
    thread: str = ""
    contact: str = ""
    reason: str = ""  # one sentence, for what needs one
    due: int = 0
    form: Form | None = None


class MailThread(msgspec.Struct, frozen=True, kw_only=True):
    """Mails that belong together. ``agent`` answered last, at ``answered_at`` (0: nobody yet);
    ``contact`` is the last that was made of it. ``origin``: the channel it began in, where that is
    another.
    """

    id: str
    mailbox: str
    subject: str  # as it is compared
    participants: tuple[str, ...]  # addresses in small letters
    contact: str
    updated_at: int
    agent: str = ""
    answered_at: int = 0
    origin: str = ""

    def with_answer(self, agent: str, at: int, to: Collection[str]) -> MailThread:
        everybody = tuple(dict.fromkeys((*self.participants, *to)))[:MOST_PARTICIPANTS]
        return msgspec.structs.replace(
            self,
            agent=agent,
            answered_at=at,
            updated_at=max(self.updated_at, at),
            participants=everybody,
        )


class ThreadNote(msgspec.Struct, frozen=True, kw_only=True):
    """What ``agent`` noted on a thread for colleagues; no mail ever has it."""

    id: str
    thread: str
    contact: str
    agent: str
    at: int
    text: str


class Sending(StrEnum):
    """How far a mail of ours is."""

    PREPARED = "prepared"  # written down; not yet in its contact's thread
    HELD = "held"  # until ``due``: it can be taken back, or is tried again
    SENDING = "sending"  # the server has it, or has not
    UNKNOWN = "unknown"  # the connection broke in between
    SENT = "sent"
    FAILED = "failed"
    UNDONE = "undone"


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of ours. ``id`` is its message's in the contact's thread; ``sender`` is that of the
    envelope, empty for what no machine may answer.
    """

    id: str
    mailbox: str
    thread: str
    contact: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    raw: str
    at: int
    subject: str = ""
    agent: str = ""  # empty: Patchbay by itself
    state: Sending = Sending.PREPARED
    due: int = 0
    attempts: int = 0
    reason: str = ""  # one sentence


class MailStore(Protocol):
    """Every method may raise ``StoreUnavailable``; what it wrote is durable when it returns."""

    async def cursor(self, mailbox: str, folder: str) -> Cursor | None: ...

    async def move_cursor(self, mailbox: str, folder: str, cursor: Cursor) -> None: ...

    async def keep(self, incoming: Incoming) -> bool:
        """Whether it is new; a mail with this id that is there already stays as it is."""
        (new,) = await self.keep_all([incoming])
        return new

    async def keep_all(self, incoming: Sequence[Incoming]) -> list[bool]:
        """The same for several, in this order and together: whether each is new."""

    async def incoming(self, mail: str) -> Incoming | None: ...

    async def waiting(self, by: int, limit: int) -> list[Incoming]:
        """Those that are new and due by ``by``, in the order in which they came."""

    async def that_became(self, became: Became, limit: int) -> list[Incoming]:
        """Newest first."""

    async def next_due(self) -> int | None:
        """When the next mail, in or out, is due; None when none is."""

    async def settle(self, incoming: Incoming, thread: MailThread | None) -> None:
        """Write both as they are now, together."""

    async def thread(self, thread: str) -> MailThread | None: ...

    async def begin(self, thread: MailThread) -> MailThread:
        """Write it down; what has this id already is answered instead."""

    async def threads_of(self, message_ids: Collection[str]) -> list[MailThread]:
        """Threads with a mail, ours or not, of one of these Message-IDs."""

    async def threads_about(self, subject: str, sender: str, since: int) -> list[MailThread]:
        """Newest first."""

    async def note(self, note: ThreadNote) -> ThreadNote:
        """Write it down; what has this id already is answered instead."""

    async def notes_of(self, thread: str, limit: int) -> list[ThreadNote]:
        """The newest, oldest first."""

    async def prepare(self, outgoing: Outgoing) -> Outgoing:
        """Write it down; what has this id already is answered instead."""

    async def outgoing(self, mail: str) -> Outgoing | None: ...

    async def outgoing_with(self, message_id: str) -> Outgoing | None: ...

    async def came(self, message_id: str) -> bool:
        """Whether a mail of this Message-ID is kept, whatever has become of it."""

    async def advance(self, outgoing: Outgoing, *, was: Collection[Sending]) -> bool:
        """Write it as it is now, if its state was one of ``was``; whether it did."""

    async def answered(self, thread: str, agent: str, at: int, to: Collection[str]) -> None:
        """``agent`` answered last; who it went ``to`` (in small letters) takes part from now on."""

    async def automatic_since(self, at: int) -> list[Outgoing]:
        """What Patchbay sent by itself, oldest first, as far as it is worth remembering."""

    async def to_send(self, by: int, limit: int) -> list[Outgoing]:
        """Those that are held and due by ``by``, the longest due first."""

    async def in_state(self, state: Sending, limit: int) -> list[Outgoing]: ...

    async def mails_of(self, thread: str, limit: int) -> tuple[list[Incoming], list[Outgoing]]:
        """The newest of each, oldest first."""


class MailWatch(Protocol):
    """Who counts what happens to mails; it must not wait, nor raise."""

    def came(self, mailbox: str, became: str, waited: int) -> None:
        """A mail is settled, ``waited`` microseconds after it was fetched."""

    def left(self, mailbox: str, outcome: str) -> None:
        """An attempt to send a mail of ours has ended."""

    def readable(self, mailbox: str, *, well: bool) -> None:
        """Whether the mailbox can be read now."""


class NobodyWatches(MailWatch):
    def came(self, mailbox: str, became: str, waited: int) -> None: ...

    def left(self, mailbox: str, outcome: str) -> None: ...

    def readable(self, mailbox: str, *, well: bool) -> None: ...


class StoreUnavailable(Exception):
    """The store did not take it now; nothing was written."""
