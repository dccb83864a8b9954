"""How many contacts wait in each queue and since when, kept up to date by what entries touch.

Desks and boards show these figures for every queue once a second; asking the state would walk
all contacts for each.
"""

from __future__ import annotations

from router.core.events import ContactEvent, Entry
from router.core.model import Contact
from router.core.state import UNANSWERED, State


class WaitingLines:
    """Contacts nobody has answered yet, by queue."""

    def __init__(self, state: State) -> None:
        self._lines: dict[str, dict[str, int]] = {}  # queue to contact to when it entered
        self._where: dict[str, str] = {}
        self._longest: dict[str, tuple[int, str]] = {}  # queue to (since, contact)
        for contact in state.contacts.values():
            self._look(contact.id, contact)

    def follow(self, entry: Entry, state: State) -> set[str]:
        """Look again at every contact ``entry`` is about; the queues whose figures changed.

        ``state`` may be ahead of ``entry``: the figures then are too, and come to the same.
        """
        touched = {event.contact for event in entry.events if isinstance(event, ContactEvent)}
        changed: set[str] = set()
        for contact in touched:
            changed |= self._look(contact, state.contacts.get(contact))
        return changed

    def count(self, queue: str) -> int:
        return len(self._lines.get(queue, ()))

    def longest_since(self, queue: str) -> int:
        """When the contact that waits longest entered the queue; 0 when nobody waits.

        A promised callback keeps its place, but nobody is kept waiting on the line by it.
        """
        return self._first(queue)[0]

    def longest(self, queue: str) -> str:
        """The contact that waits longest on the line; empty when nobody does."""
        return self._first(queue)[1]

    def contacts(self, queue: str) -> tuple[str, ...]:
        """Everybody who waits, in no particular order."""
        return tuple(self._lines.get(queue, ()))

    def _first(self, queue: str) -> tuple[int, str]:
        if queue not in self._longest:
            line = self._lines.get(queue, {})
            waiting = ((since, contact) for contact, since in line.items() if since)
            self._longest[queue] = min(waiting, default=(0, ""))
        return self._longest[queue]

    def _look(self, contact_id: str, contact: Contact | None) -> set[str]:
        before = self._where.get(contact_id)
        now = contact.queue if contact and contact.state in UNANSWERED else None
        promised = contact is not None and contact.callback is not None
        since = 0 if contact is None or promised else contact.queued_at
        if before == now and (now is None or self._lines[now][contact_id] == since):
            return set()
        if before is not None:
            del self._where[contact_id]
            self._lines[before].pop(contact_id)
            self._longest.pop(before, None)
        if now is not None:
            self._where[contact_id] = now
            self._lines.setdefault(now, {})[contact_id] = since
            self._longest.pop(now, None)
        return {queue for queue in (before, now) if queue is not None}
