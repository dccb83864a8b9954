"""Patchbay's own journal as a call log: what others must infer from calls, it knows.

Each stay in a queue is a call, from the moment the contact joined until it was answered, left or
was sent elsewhere. A transfer or a return to the queue after a conversation begins another one, so
that the work it brought is there in a replay at the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.catalog import Catalog
from simulator.call_log.journal_contacts import Asked, Contacts
from simulator.call_log.journal_people import People
from simulator.call_log.journal_rules import in_force
from simulator.call_log.model import CallLog, LogError, LogProblem
from simulator.contacts import MAX_CONTACTS
from simulator.staff import Member

__all__ = ["Asked", "JournalRecord", "read_journal"]

_EVERY: Final = 20_000  # entries between two words of progress
STILL_HERE: Final = "the contact still waited when the journal ended"
CUT_SHORT: Final = "the conversation still went on when the journal ended"


class JournalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``log`` has the calls; ``asked`` by line how each came in and ``wrap_up`` what its agent
    wrote afterwards, microseconds. ``catalog`` is the last one, with whatever earlier ones had and
    it has not; ``publications`` counts them. ``staff`` has shifts and pauses as they were,
    ``supervision`` the skills that were lent.
    """

    log: CallLog
    asked: dict[int, Asked]
    wrap_up: dict[int, int]
    catalog: Catalog
    publications: int
    staff: tuple[Member, ...]
    supervision: tuple[tuple[int, c.Command], ...]


def read_journal(
    entries: Iterable[e.Entry], name: str, *, progress: Callable[[int], None] | None = None
) -> JournalRecord:
    """Fold a journal from its first entry. Raises ``LogError`` when there is nothing to replay.

    ``progress`` is told how many entries have been read.
    """
    contacts, people = Contacts(), People()
    catalogs: list[Catalog] = []
    count = at = 0
    for entry in entries:
        count, at = count + 1, entry.at
        for event in entry.events:
            match event:
                case e.CatalogPublished():
                    catalogs.append(event.catalog)
                case e.ContactEvent():
                    contacts.hear(event, at)
                    people.hear_of_contact(event, at, at_work=contacts.is_queued(event.contact))
                case e.AgentEvent():
                    people.hear(event, at)
                case _:
                    pass
        if len(contacts.calls) > MAX_CONTACTS:
            raise LogError(f"{name} has more than {MAX_CONTACTS:,} contacts: replay a part of it.")
        if progress is not None and count % _EVERY == 0:
            progress(count)
    if not catalogs:
        raise LogError(f"{name} has no catalog in it: nothing was ever routed.")
    contacts.close(at)
    catalog = in_force(catalogs)
    return JournalRecord(
        log=_log(name, contacts),
        asked=contacts.asked_of(catalog),
        wrap_up=contacts.wrap_up,
        catalog=catalog,
        publications=len(catalogs),
        staff=tuple(people.members(at, catalog)),
        supervision=tuple(people.lent(catalog)),
    )


def _log(name: str, contacts: Contacts) -> CallLog:
    calls = tuple(sorted(contacts.calls, key=lambda call: (call.queued_at, call.line)))
    counts = {STILL_HERE: contacts.still_here, CUT_SHORT: contacts.cut_short}
    ignored = contacts.still_here + contacts.aside
    return CallLog(
        name=name,
        mapping="Patchbay's own journal",
        clock="Times are UTC.",
        calls=calls,
        rows=len(calls) + ignored,
        ignored=ignored,
        problem_counts={reason: count for reason, count in counts.items() if count},
        problems=tuple(
            LogProblem(line=0, reason=reason, dropped=reason == STILL_HERE)
            for reason, count in counts.items()
            if count
        ),
    )
