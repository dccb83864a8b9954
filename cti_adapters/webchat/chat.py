"""One visitor's chat: its thread, the tabs that show it, and what it may still send."""

from __future__ import annotations

from typing import Protocol

from cti_adapters.webchat.messages import Pong, Reply, ServerMessage, StartChat
from cti_adapters.webchat.pages import PageSeen
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.thread import Thread
from router.core.durations import SECOND
from router.core.model import Contact
from router.limits import Bucket
from router.outbox import Parcel

ADDRESS_BY = "address_by"  # attribute: the site that says the address is theirs
TYPING_REPEAT = 3 * SECOND  # between two "still typing" to the desk


class Tab(Protocol):
    """A connection as the channel and its chats see it: one tab of a visitor from ``source``, on a
    page of ``site`` (its origin, empty when it is no page).
    """

    chat: Chat | None
    asked: tuple[StartChat, str] | None  # what it asked for last, and the contact of that
    source: str
    site: str

    @property
    def closed(self) -> bool: ...

    def reply(self, message: Reply | Pong) -> None: ...

    def change(self, parcel: Parcel) -> None: ...

    def refresh(self) -> None:
        """Show the whole chat anew."""

    def close(self) -> None: ...


class Chat:
    def __init__(
        self, contact: str, source: str, thread: Thread, limits: ChatSettings, at: int
    ) -> None:
        self.contact = contact
        self.source = source
        self.thread = thread
        self.lines = Bucket(limits.lines, at)
        self.pages = Bucket(limits.pages, at)
        self.page: PageSeen | None = None  # where the visitor is …
        self.page_told: PageSeen | None = None  # … and where the agent knows them to be
        self.opening = False  # until the visitor's first words are there
        self.unsure = False  # whether it begins: the router could not say, and nobody has seen it
        self.tabs: list[Tab] = []
        self.contact_state: Contact | None = None  # as the router had it last
        self.mailed_to: set[str] = set()  # addresses that were sent the transcript
        self.received = 0  # up to when the visitor's page has lines …
        self.read = 0  # … the visitor has read them …
        self.agent_read = 0  # … and the agent theirs
        self._typing = False
        self._typing_told = 0

    def tell(self, message: ServerMessage) -> None:
        parcel = Parcel(message)
        for tab in self.tabs:
            tab.change(parcel)

    def visitor_saw(self, received: int, read: int) -> bool:
        """Note it; whether that is news. Nobody has seen what is not there."""
        last = self.thread.lines[-1].at if self.thread.lines else 0
        before = (self.received, self.read)
        self.read = max(self.read, min(read, last))
        self.received = max(self.received, self.read, min(received, last))
        return before != (self.received, self.read)

    def agent_saw(self, until: int) -> bool:
        """Note it; whether that is news."""
        last = self.thread.lines[-1].at if self.thread.lines else 0
        before, self.agent_read = self.agent_read, max(self.agent_read, min(until, last))
        return before != self.agent_read

    def visitor_typing(self, *, typing: bool, at: int) -> bool:
        """Note it; whether the agent is to be told: changes, and now and then that it goes on."""
        if typing == self._typing and (not typing or at - self._typing_told < TYPING_REPEAT):
            return False
        self._typing, self._typing_told = typing, at
        return True


class Since:
    """Chats by the moment something began for them, oldest first."""

    def __init__(self) -> None:
        self._began: dict[str, int] = {}

    def add(self, contact: str, at: int) -> None:
        self._began.setdefault(contact, at)

    def discard(self, contact: str) -> bool:
        """Whether it was there."""
        return self._began.pop(contact, None) is not None

    def __contains__(self, contact: str) -> bool:
        return contact in self._began

    def __len__(self) -> int:
        return len(self._began)

    def older_than(self, at: int, age: int, most: int | None = None) -> list[str]:
        """Those that began ``age`` microseconds before ``at``, and the oldest above ``most``."""
        surplus = 0 if most is None else len(self._began) - most
        found: list[str] = []
        for contact, began in self._began.items():
            if at - began < age and len(found) >= surplus:
                break
            found.append(contact)
        return found
