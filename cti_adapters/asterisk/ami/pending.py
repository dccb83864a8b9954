"""Actions that wait for their answers, found by ActionID. Time is an argument, microseconds."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import msgspec

from cti_adapters.asterisk.ami.codec import Message, ProtocolError

Token = TypeVar("Token")

NEVER: Final = 1 << 62


class Reply(msgspec.Struct, frozen=True):
    """The response, and the entries of the list when one was asked for."""

    action: str
    response: Message
    entries: list[Message]


class Answered(msgspec.Struct, Generic[Token], frozen=True):
    token: Token
    reply: Reply


class Unanswered(msgspec.Struct, Generic[Token], frozen=True):
    token: Token
    action: str


class Pending(msgspec.Struct, Generic[Token], kw_only=True):
    """``token`` is None once nobody waits any more: what still comes must not pass for events."""

    action: str
    token: Token | None
    listing: bool
    timeout: int
    deadline: int
    response: Message | None = None  # of a list that has begun
    entries: list[Message] = msgspec.field(default_factory=list)


class PendingActions(Generic[Token]):
    """At most ``most`` actions and ``most_entries`` entries of lists at once.

    ``deadline``: no action times out before it.
    """

    def __init__(self, most: int, most_entries: int) -> None:
        self.deadline = NEVER
        self._most = most
        self._most_entries = most_entries
        self._actions: dict[str, Pending[Token]] = {}
        self._lists: dict[str, Pending[Token]] = {}  # those that have begun
        self._entries = 0  # of all lists

    def __len__(self) -> int:
        return len(self._actions)

    def tokens(self) -> list[Token]:
        """Of everyone who still waits."""
        return [each.token for each in self._actions.values() if each.token is not None]

    def add(self, action_id: str, pending: Pending[Token]) -> None:
        """Raises ``ProtocolError`` when too many are unanswered."""
        if len(self._actions) >= self._most:
            raise ProtocolError(f"Asterisk leaves {self._most} actions unanswered.")
        self._actions[action_id] = pending
        self.deadline = min(self.deadline, pending.deadline)

    def respond(self, message: Message, at: int) -> Answered[Token] | None:
        """None when nobody waits for it, or when a list begins."""
        action_id = message.get("ActionID")
        pending = self._actions.get(action_id)
        if pending is None:
            return None
        if pending.listing and message.get("EventList").lower() == "start":
            pending.response = message
            pending.deadline = at + pending.timeout
            self._lists[action_id] = pending
            return None
        return self._finish(action_id, message)

    def is_entry(self, event: Message) -> bool:
        """Whether it belongs to a list; the names of events do not tell."""
        return bool(self._lists) and event.get("ActionID") in self._lists

    def enter(self, entry: Message, at: int) -> Answered[Token] | None:
        """None until the list is complete. Raises ``ProtocolError`` for too long a list."""
        action_id = entry.get("ActionID")
        pending = self._lists[action_id]
        if entry.get("EventList"):  # Complete, or cancelled
            return self._finish(action_id, pending.response or entry)
        pending.deadline = at + pending.timeout
        if pending.token is not None:
            pending.entries.append(entry)
            self._entries += 1
        if self._entries > self._most_entries:
            raise ProtocolError(f"Asterisk sent a list of over {self._most_entries} entries.")
        return None

    def leave_out(self, entry: Message, at: int) -> None:
        """One that is not to be believed: the list goes on."""
        pending = self._lists[entry.get("ActionID")]
        pending.deadline = at + pending.timeout

    def take_back(self, entry: Message) -> None:
        """The last one that was entered is not to be believed either."""
        pending = self._lists.get(entry.get("ActionID"))
        if pending is not None and pending.entries and pending.entries[-1] is entry:
            pending.entries.pop()
            self._entries -= 1

    def expire(self, at: int) -> list[Unanswered[Token]]:
        """Those who have waited long enough."""
        if at < self.deadline:
            return []
        late: list[Unanswered[Token]] = []
        for pending in self._actions.values():
            if pending.token is not None and pending.deadline <= at:
                late.append(Unanswered(pending.token, pending.action))
                pending.token = None
        waiting = (each.deadline for each in self._actions.values() if each.token is not None)
        self.deadline = min(waiting, default=NEVER)
        return late

    def _finish(self, action_id: str, response: Message) -> Answered[Token] | None:
        pending = self._actions.pop(action_id)
        self._lists.pop(action_id, None)
        self._entries -= len(pending.entries)
        if pending.token is None:
            return None
        return Answered(pending.token, Reply(pending.action, response, pending.entries))
