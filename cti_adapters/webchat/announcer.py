"""Says announcements, a queue's or a contact's own, to those who wait, as lines of the system.

A number of each is said once: its command and its line are named after it, so sweeps that overlap
and restarts repeat nothing. Sounds are for telephones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from router.announcements import is_sound, repetition
from router.core.catalog import Announcement
from router.core.checks import MAX_MESSAGES
from router.core.commands import PostMessage
from router.core.model import Contact
from router.core.priority import waited_here
from router.core.state import UNANSWERED
from router.core.while_waiting import announcements_of
from router.ports import CommandSink
from router.replica import Replica

BY = "chat"
MOST_LINES = MAX_MESSAGES // 2  # the other half of a thread is for people


class Announcer:
    def __init__(self, sink: CommandSink, replica: Replica) -> None:
        self._sink = sink
        self._replica = replica

    async def go_on(self, contacts: Iterable[str], at: int) -> None:
        """Say what is due. Raises ``Overloaded`` or ``JournalUnavailable``: call again."""
        for key in contacts:
            contact = self._replica.state.contacts.get(key)
            for command in () if contact is None else self._due(contact, at):
                await self._sink.submit(command)

    def _due(self, contact: Contact, at: int) -> Iterator[PostMessage]:
        if contact.state not in UNANSWERED or contact.callback or not contact.queue:
            return
        if len(contact.messages) >= MOST_LINES:
            return
        waited = waited_here(contact, at)
        queue = self._replica.state.catalog.queues[contact.queue]
        for announcement in announcements_of(contact, queue):
            number = repetition(announcement, waited)
            if number is None or not announcement.text or is_sound(announcement.text):
                continue
            line = _line_id(contact, announcement, number)
            if all(message.id != line for message in contact.messages):
                yield PostMessage(
                    id=f"{contact.id}/{line}",
                    by=BY,
                    contact=contact.id,
                    message=line,
                    author="system",
                    text=announcement.text,
                )


def _line_id(contact: Contact, announcement: Announcement, number: int) -> str:
    """By its words, not its place in the queue: a catalog published meanwhile may move it."""
    words = f"{contact.queue}\n{contact.queued_at}\n{announcement.after}\n{announcement.text}"
    return f"announcement-{hashlib.sha256(words.encode()).hexdigest()[:16]}-{number}"
