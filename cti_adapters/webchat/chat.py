"""One visitor's chat: its thread, the tabs that show it, and what it may still send."""

from __future__ import annotations

from typing import Protocol

from cti_adapters.webchat.messages import Pong, Reply, ServerMessage
from cti_adapters.webchat.thread import Thread
from router.core.durations import SECOND
from router.limits import Bucket
from router.outbox import Parcel

TYPING_REPEAT = 3 * SECOND  # between two "still typing" to the desk


class Tab(Protocol):
    """A connection as the channel and its chats see it: one tab of a visitor from ``source``."""

    chat: Chat | None
    source: str

    @property
    def closed(self) -> bool: ...

    def reply(self, message: Reply | Pong) -> None: ...

    def change(self, parcel: Parcel) -> None: ...

    def refresh(self) -> None:
        """Show the whole chat anew."""

    def close(self) -> None: ...


class Chat:
    def __init__(self, contact: str, source: str, thread: Thread, lines: Bucket) -> None:
        self.contact = contact
        self.source = source
        self.thread = thread
        self.lines = lines
        self.opening = False  # until the visitor's first words are there
        self.tabs: list[Tab] = []
        self._typing = False
        self._typing_told = 0

    def tell(self, message: ServerMessage) -> None:
        parcel = Parcel(message)
        for tab in self.tabs:
            tab.change(parcel)

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
