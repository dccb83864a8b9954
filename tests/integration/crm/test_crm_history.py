"""The timeline follows the journal exactly, whatever happens in between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text

from crm import history
from crm.customers import CustomerFields
from crm.database import Database
from crm.drafts import SavedDrafts
from crm.history import ContactHistory
from crm.models import OpenContactRow
from crm.store import CustomerStore
from router.clock import ManualClock
from router.core import events as e
from router.core.model import CustomerRef, Message
from router.customers import CustomerRecord
from tests.hearing import wholly

Journal = list[e.Entry]


@pytest.fixture
def journal() -> Journal:
    return []


@pytest.fixture
async def follower(database: Database) -> AsyncIterator[ContactHistory]:
    follower = await ContactHistory.open(database)
    yield follower
    await follower.close()


def _write(journal: Journal, *events: e.Event) -> None:
    position = len(journal) + 1
    entry = e.Entry(position=position, at=1_000 * position, cause="c", by="", events=events)
    journal.append(entry)


def _arrive(journal: Journal, contact: str, customer: str) -> None:
    _write(
        journal, e.ContactArrived(contact=contact, sequence=1, channel="chat", direction="inbound")
    )
    known = CustomerRef(id=customer)
    _write(journal, e.CustomerIdentified(contact=contact, sequence=2, customer=known))


def _talk(journal: Journal, contact: str, agent: str = "ann") -> None:
    accepted = e.OfferAccepted(
        contact=contact, sequence=3, offer="o", agent=agent, waited=1, waited_in_queue=1
    )
    _write(journal, accepted)
    for n in range(2):
        line = Message(id=f"m{n}", author="customer", text=f"line {n} 你好", at=n)
        _write(journal, e.MessagePosted(contact=contact, sequence=4 + n, message=line))


def _end(journal: Journal, contact: str, agent: str = "ann") -> None:
    _write(
        journal,
        e.ContactEnded(contact=contact, sequence=6, ended_by="agent"),
        e.AgentReleased(contact=contact, sequence=7, agent=agent, wrap_until=10**9),
        e.Completed(contact=contact, sequence=8),
    )


def _wrap_up(journal: Journal, contact: str, agent: str = "ann") -> None:
    done = e.WrapUpFinished(
        contact=contact, sequence=9, agent=agent, disposition="Solved", note="all fine"
    )
    _write(journal, done)


async def _feed(follower: ContactHistory, journal: Journal) -> None:
    for entry in journal[follower.position() :]:
        await wholly(follower.handle(entry))
    await follower.settle()


async def _ann(store: CustomerStore) -> CustomerRecord:
    return await store.create(CustomerFields(name="Ann"))


async def _seen(store: CustomerStore, customer: str) -> list[tuple[str, str, str, str]]:
    record = await store.record(customer)
    assert record is not None
    return [(p.contact, p.outcome, p.disposition, p.summary) for p in record.history]


async def test_a_contact_appears_when_it_ends_and_is_completed_by_its_wrap_up(
    store: CustomerStore, follower: ContactHistory, journal: Journal
) -> None:
    ann = await _ann(store)
    _arrive(journal, "c1", ann.id)
    _talk(journal, "c1")
    await _feed(follower, journal)
    assert await _seen(store, ann.id) == []
    _end(journal, "c1")
    await _feed(follower, journal)
    assert await _seen(store, ann.id) == [("c1", "handled", "", "")]
    _wrap_up(journal, "c1")
    await _feed(follower, journal)
    assert await _seen(store, ann.id) == [("c1", "handled", "Solved", "all fine")]
    assert follower.position() == len(journal)
    transcript = await store.transcript(ann.id, "c1")
    assert transcript is not None
    assert [line.text for line in transcript] == ["line 0 你好", "line 1 你好"]


async def test_a_restart_at_any_entry_ends_in_the_same_timeline(
    store: CustomerStore, database: Database, journal: Journal
) -> None:
    ann = await _ann(store)
    for contact in ("c1", "c2"):
        _arrive(journal, contact, ann.id)
    for contact in ("c2", "c1"):
        _talk(journal, contact)
        _end(journal, contact)
    _wrap_up(journal, "c1")
    _wrap_up(journal, "c2")
    chance = random.Random(7)
    position = 0
    while position < len(journal):
        follower = await ContactHistory.open(database)  # the one before died without closing
        position = follower.position()
        for entry in journal[position : position + chance.randint(1, 6)]:
            await wholly(follower.handle(entry))
        if chance.random() < 0.7:
            await follower.settle()
        position = follower.position()
        await _die(follower)
    assert sorted(await _seen(store, ann.id)) == [
        ("c1", "handled", "Solved", "all fine"),
        ("c2", "handled", "Solved", "all fine"),
    ]
    still_open = select(OpenContactRow.contact)
    assert await database.ask(lambda connection: connection.scalars(still_open).all()) == []


async def _die(follower: ContactHistory) -> None:
    """Stop where it is, as a killed process does."""
    if follower._saving is not None:
        follower._saving.cancel()
        await asyncio.gather(follower._saving, return_exceptions=True)


async def test_entries_seen_before_do_nothing(
    store: CustomerStore, follower: ContactHistory, journal: Journal
) -> None:
    ann = await _ann(store)
    _arrive(journal, "c1", ann.id)
    _talk(journal, "c1")
    for entry in [*journal, *journal, journal[0]]:
        await wholly(follower.handle(entry))
    _end(journal, "c1")
    await _feed(follower, journal)
    transcript = await store.transcript(ann.id, "c1")
    assert transcript is not None
    assert len(transcript) == 2


async def test_while_the_database_is_out_nothing_is_lost_and_it_says_so(
    store: CustomerStore,
    database: Database,
    follower: ContactHistory,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(history, "SAVE_EVERY", 0.0)
    ann = await _ann(store)
    away = text("ALTER TABLE past_contacts RENAME TO away")
    await database.change(lambda connection: connection.execute(away))
    _arrive(journal, "c1", ann.id)
    _talk(journal, "c1")
    _end(journal, "c1")
    for entry in journal:
        await wholly(follower.handle(entry))
    async with asyncio.timeout(5):
        while not follower.problem:  # noqa: ASYNC110 - it is set by a task that retries
            await asyncio.sleep(0.01)
    assert follower.problem.startswith("Past contacts wait to be stored: ")
    assert follower.position() < len(journal)
    _wrap_up(journal, "c1")
    await wholly(follower.handle(journal[-1]))
    back = text("ALTER TABLE away RENAME TO past_contacts")
    await database.change(lambda connection: connection.execute(back))
    async with asyncio.timeout(5):
        await follower.settle()
    assert follower.problem == ""
    assert await _seen(store, ann.id) == [("c1", "handled", "Solved", "all fine")]


async def test_a_fault_that_may_quote_a_customer_is_told_to_the_log_alone(
    follower: ContactHistory, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("María Díaz")

    monkeypatch.setattr(history, "_store", fails)
    _arrive(journal, "c1", "")
    await wholly(follower.handle(journal[-1]))
    await follower.close()
    assert follower.problem == "Past contacts wait to be stored: the log says why."


async def test_the_follower_waits_when_too_much_is_unsaved(
    follower: ContactHistory, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_UNSAVED", 50)
    for n in range(300):
        _write(journal, e.AgentReady(agent=f"a{n}"))
    for entry in journal:
        await wholly(follower.handle(entry))
        assert entry.position - follower.position() <= 50


async def test_what_comes_during_a_commit_goes_into_the_next(
    store: CustomerStore, follower: ContactHistory, journal: Journal
) -> None:
    ann = await _ann(store)
    for n in range(40):
        _arrive(journal, f"c{n}", ann.id)
        _end(journal, f"c{n}")
        _wrap_up(journal, f"c{n}")
    saving = None
    for entry in journal:
        await wholly(follower.handle(entry))
        saving = saving or asyncio.create_task(follower.settle())
        await asyncio.sleep(0)
    await follower.settle()
    assert saving is not None
    await saving
    assert follower.position() == len(journal)
    async with asyncio.timeout(5):
        assert len(await _seen(store, ann.id)) == 20  # the latest, all stored


async def test_closing_stores_what_is_pending(
    store: CustomerStore, database: Database, journal: Journal
) -> None:
    ann = await _ann(store)
    _arrive(journal, "c1", ann.id)
    _end(journal, "c1")
    follower = await ContactHistory.open(database)
    for entry in journal:
        await wholly(follower.handle(entry))
    await follower.close()
    assert (await ContactHistory.open(database)).position() == len(journal)
    assert [seen[0] for seen in await _seen(store, ann.id)] == ["c1"]


async def test_a_database_that_followed_another_journal_begins_again(
    store: CustomerStore, database: Database, journal: Journal
) -> None:
    ann = await _ann(store)
    old: Journal = []
    for contact in ("old1", "old2"):
        _arrive(old, contact, ann.id)
    _end(old, "old1")
    _wrap_up(old, "old1")
    first = await ContactHistory.open(database)
    await _feed(first, old)
    await first.close()
    _arrive(journal, "new", ann.id)
    _end(journal, "new")
    again = await ContactHistory.open(database, last=len(journal))
    assert again.position() == 0
    await _feed(again, journal)
    await again.close()
    assert {seen[0] for seen in await _seen(store, ann.id)} == {"old1", "new"}
    kept = await ContactHistory.open(database, last=len(journal))
    assert kept.position() == len(journal)


async def test_hostile_values_from_the_journal_are_stored_or_left_out_but_never_stop_it(
    store: CustomerStore, follower: ContactHistory, journal: Journal
) -> None:
    ann = await _ann(store)
    long = "x" * 5_000
    _write(
        journal,
        e.ContactArrived(contact=long, sequence=1, channel="chat", direction="inbound"),
        e.ContactArrived(
            contact="c1", sequence=1, channel=long, direction="inbound", address="\0" + long
        ),
        e.CustomerIdentified(contact="c1", sequence=2, customer=CustomerRef(id=ann.id)),
        e.MessagePosted(
            contact="c1",
            sequence=3,
            message=Message(id="m", author="customer", text="a\0b\ud800", at=1),
        ),
        e.WrapUpFinished(
            contact="c1", sequence=4, agent=long, disposition=long + "\0", note=long + "\0"
        ),
        e.Completed(contact="c1", sequence=5, reason=long),
    )
    await _feed(follower, journal)
    assert [seen[0] for seen in await _seen(store, ann.id)] == ["c1"]


# -- drafts -----------------------------------------------------------------------------------


async def test_drafts_are_kept_until_the_wrap_up_is_done(
    database: Database, clock: ManualClock, follower: ContactHistory, journal: Journal
) -> None:
    drafts = SavedDrafts(database, clock)
    await drafts.save("ann", "c1", "half a")
    await drafts.save("ann", "c1", "half a note\0")
    await drafts.save("ann", "c2", "other")
    await drafts.save("ben", "c1", "his own")
    assert await drafts.load("ann") == {"c1": "half a note", "c2": "other"}
    _arrive(journal, "c1", "k")
    _end(journal, "c1")
    _wrap_up(journal, "c1")
    await _feed(follower, journal)
    assert await drafts.load("ann") == {"c2": "other"}
    assert await drafts.load("ben") == {"c1": "his own"}
    await drafts.save("ann", "c2", "  ")
    assert await drafts.load("ann") == {}
    await drafts.save("ann", "c3", "x" * 10**6)
    assert len((await drafts.load("ann"))["c3"]) == 4_000


async def test_who_no_longer_keeps_them_overwrites_nothing_of_who_does(
    database: Database, journal: Journal
) -> None:
    """A writer that froze, and was replaced, wakes with contacts it has not stored yet."""
    frozen = await ContactHistory.open(database)
    _arrive(journal, "k1", "c1")
    await _feed(frozen, journal)
    successor = await ContactHistory.open(database)
    _talk(journal, "k1")
    for entry in journal[2:3]:
        await wholly(frozen.handle(entry))
    for entry in journal[2:]:
        await wholly(successor.handle(entry))
    await successor.settle()
    await frozen.settle()
    await frozen.close()
    again = await ContactHistory.open(database)
    assert again.position() == len(journal)
    await successor.close()
    await again.close()
