"""What every mail store promises (``cti_adapters.email.ports``)."""

import pytest
from msgspec.structs import replace

from cti_adapters.email.memory import MemoryMailStore
from cti_adapters.email.model import Address, Mail, Unreadable
from cti_adapters.email.ports import (
    Became,
    Cursor,
    Form,
    Incoming,
    MailThread,
    Outgoing,
    Sending,
    ThreadNote,
)
from server.mail_store import SqlMailStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def mails(kind, request):
    if kind == "memory":
        return MemoryMailStore()
    return SqlMailStore(request.getfixturevalue("database"))


def came(number, *, message_id="", due=0, thread="", subject="Help"):
    mail = Mail(
        digest=f"{number:064x}",
        size=100,
        sender=Address(address="maria@example.org"),
        message_id=message_id,
        subject=subject,
    )
    return Incoming(
        id=mail.digest, mailbox="help", at=number, raw="0" * 64, mail=mail, due=due, thread=thread
    )


def ours(number, **given):
    known = {
        "id": f"out-{number}",
        "mailbox": "help",
        "thread": "t1",
        "contact": "k1",
        "message_id": f"ours-{number}@example.com",
        "sender": "help@example.com",
        "recipients": ("maria@example.org",),
        "raw": "0" * 64,
        "at": number,
    }
    return Outgoing(**{**known, **given})


def thread(name="t1", **given):
    known = {
        "id": name,
        "mailbox": "help",
        "subject": "help",
        "participants": ("maria@example.org",),
        "contact": "k1",
        "updated_at": 10,
    }
    return MailThread(**{**known, **given})


async def test_how_far_a_folder_was_read_is_kept(mails):
    assert await mails.cursor("help", "INBOX") is None
    await mails.move_cursor("help", "INBOX", Cursor(validity=7, uid=3))
    await mails.move_cursor("help", "INBOX", Cursor(validity=7, uid=4_294_967_295))
    assert await mails.cursor("help", "INBOX") == Cursor(validity=7, uid=4_294_967_295)
    assert await mails.cursor("help", "Other") is None


async def test_a_mail_is_kept_once_and_stays_as_it_was(mails):
    assert await mails.keep(came(1))
    assert not await mails.keep(replace(came(1), mailbox="other"))
    assert await mails.incoming(came(1).id) == came(1)


async def test_what_could_not_be_read_is_kept_as_well(mails):
    broken = Unreadable(digest="f" * 64, size=1, reason="It is too large.")
    kept = Incoming(
        id=broken.digest, mailbox="help", at=1, raw="0" * 64, mail=broken, became=Became.UNREADABLE
    )
    await mails.keep(kept)
    assert await mails.incoming(kept.id) == kept
    assert await mails.waiting(10, 10) == []


async def test_mails_wait_in_the_order_in_which_they_came_each_until_it_is_due(mails):
    for number, due in ((5, 0), (3, 0), (4, 50)):
        await mails.keep(came(number, due=due))
    assert [one.at for one in await mails.waiting(10, 10)] == [5, 3]
    assert [one.at for one in await mails.waiting(50, 2)] == [5, 3]
    assert [one.at for one in await mails.waiting(50, 10)] == [5, 3, 4]


async def test_a_settled_mail_waits_no_more_and_brings_its_thread_along(mails):
    await mails.keep(came(1, message_id="a@x"))
    settled = replace(came(1, message_id="a@x"), became=Became.CONTACT, thread="t1", contact="k1")
    await mails.settle(settled, thread())
    assert await mails.waiting(10, 10) == []
    assert await mails.incoming(settled.id) == settled
    assert await mails.thread("t1") == thread()
    assert await mails.threads_of(["a@x", ""]) == [thread()]


async def test_threads_are_found_by_the_message_ids_of_mails_in_and_out(mails):
    await mails.keep(came(1))
    await mails.settle(replace(came(1), became=Became.CONTACT, thread="t1"), thread())
    await mails.prepare(ours(1))
    assert await mails.threads_of(["nobody@x", "ours-1@example.com"]) == [thread()]
    assert await mails.threads_of([]) == []
    assert await mails.threads_of([""]) == []


async def test_threads_are_found_by_subject_for_who_takes_part_newest_first(mails):
    for name, at in (("t1", 10), ("t2", 30), ("t3", 20)):
        await mails.keep(came(at))
        await mails.settle(came(at), thread(name, updated_at=at))
    await mails.keep(came(40))
    await mails.settle(came(40), thread("t4", updated_at=40, participants=("eve@example.org",)))
    found = await mails.threads_about("help", "maria@example.org", 15)
    assert [one.id for one in found] == ["t2", "t3"]
    assert await mails.threads_about("other", "maria@example.org", 0) == []


async def test_who_answered_last_is_remembered(mails):
    await mails.keep(came(1))
    await mails.settle(came(1), thread())
    await mails.answered("t1", "ann", 99, ["maria@example.org", "sam@example.org"])
    await mails.answered("unknown", "ann", 99, [])
    known = await mails.thread("t1")
    assert (known.agent, known.answered_at) == ("ann", 99)
    assert known.participants == ("maria@example.org", "sam@example.org")


async def test_a_mail_of_ours_is_prepared_once(mails):
    assert await mails.prepare(ours(1)) == ours(1)
    assert await mails.prepare(ours(1, raw="1" * 64)) == ours(1)
    assert await mails.outgoing("out-1") == ours(1)
    assert await mails.outgoing_with("ours-1@example.com") == ours(1)
    assert await mails.outgoing("out-2") is None


async def test_of_two_who_advance_the_same_mail_one_wins(mails):
    await mails.prepare(ours(1, state=Sending.HELD))
    assert await mails.advance(ours(1, state=Sending.SENDING), was=(Sending.HELD,))
    assert not await mails.advance(ours(1, state=Sending.UNDONE), was=(Sending.HELD,))
    assert not await mails.advance(ours(2, state=Sending.SENT), was=(Sending.HELD,))
    assert (await mails.outgoing("out-1")).state is Sending.SENDING
    assert [one.id for one in await mails.in_state(Sending.SENDING, 10)] == ["out-1"]


async def test_what_is_due_is_sent_the_longest_due_first(mails):
    for number, due in ((1, 30), (2, 10), (3, 99)):
        await mails.prepare(ours(number, state=Sending.HELD, due=due))
    await mails.prepare(ours(4))
    assert [one.id for one in await mails.to_send(50, 10)] == ["out-2", "out-1"]
    assert [one.id for one in await mails.to_send(50, 1)] == ["out-2"]


async def test_the_next_moment_something_is_due_counts_both_ways(mails):
    assert await mails.next_due() is None
    await mails.prepare(ours(1, state=Sending.HELD, due=70))
    assert await mails.next_due() == 70
    await mails.keep(came(1, due=20))
    assert await mails.next_due() == 20


async def test_the_mails_of_a_thread_are_its_newest_oldest_first(mails):
    for number in (1, 2, 3):
        await mails.keep(came(number))
        await mails.settle(replace(came(number), thread="t1", became=Became.REPLY), thread())
        await mails.prepare(ours(number))
    incoming, outgoing = await mails.mails_of("t1", 2)
    assert [one.at for one in incoming] == [2, 3]
    assert [one.at for one in outgoing] == [2, 3]
    assert await mails.mails_of("t9", 2) == ([], [])


async def test_a_thread_is_begun_once_and_stays_as_it_was(mails):
    begun = thread(origin="chat")
    assert await mails.begin(begun) == begun
    await mails.answered("t1", "ann", 12, ["ben@example.org"])
    known = await mails.begin(replace(begun, contact="k2", updated_at=99))
    assert (known.agent, known.contact, known.origin) == ("ann", "k1", "chat")
    assert known.participants == ("maria@example.org", "ben@example.org")


async def test_what_was_asked_in_a_form_is_kept_with_it(mails):
    asked = replace(came(8), form=Form(queue="help", attributes={"name": "María"}, verified="v"))
    await mails.keep(asked)
    assert await mails.incoming(asked.id) == asked


async def test_notes_are_kept_once_in_their_order_each_with_its_thread(mails):
    def note(ident, thread="t1", text="Ask Ben."):
        return ThreadNote(id=ident, thread=thread, contact="k1", agent="ann", at=5, text=text)

    assert await mails.note(note("n1")) == note("n1")
    assert await mails.note(note("n1", text="Changed")) == note("n1")
    await mails.note(note("n0"))
    await mails.note(note("n2", "t2"))
    assert [one.id for one in await mails.notes_of("t1", 9)] == ["n1", "n0"]
    assert [one.id for one in await mails.notes_of("t1", 1)] == ["n0"]
