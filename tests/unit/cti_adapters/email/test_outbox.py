"""Sendings of which nobody knows whether they left."""

from cti_adapters.email.outbox import AFTER_REFUSAL, COPY_WITHIN, Delivery, Outbox
from cti_adapters.email.ports import Became, Incoming, Outgoing, Sending
from cti_adapters.email.reading import read
from router.clock import ManualClock
from router.core.durations import SECOND
from router.files import MemoryFiles
from tests.mail.in_memory import SUPPORT, Server, letter
from tests.unit.cti_adapters.email.mail_centre import MemoryMailStore

START = 1_700_000_000 * SECOND


def mail_of_ours(ident="re-1", state=Sending.SENDING, raw=""):
    return Outgoing(
        id=ident,
        mailbox="support",
        thread="t",
        contact="c",
        message_id="m1@example.org",
        sender=SUPPORT,
        recipients=("maria@example.org",),
        raw=raw,
        at=START,
        agent="ann",
        state=state,
        attempts=1 if state is Sending.SENDING else 0,
    )


def outbox_over(clock, store, server, files=None):
    async def came_back(outgoing):
        raise AssertionError(outgoing)

    return Outbox(
        store,
        files or MemoryFiles(),
        clock,
        {"support": server},
        came_back=came_back,
        read_until=lambda mailbox: clock.now(),
    )


async def in_doubt(clock, store):
    """An outbox over one mail that was being sent when the service stopped."""
    await store.prepare(mail_of_ours())
    outbox = outbox_over(clock, store, Server())
    await outbox.recover()
    clock.advance(COPY_WITHIN + SECOND)
    return outbox


async def test_a_copy_that_is_kept_and_not_looked_at_yet_has_come_back():
    clock, store = ManualClock(START), MemoryMailStore()
    outbox = await in_doubt(clock, store)
    mail, _ = read(letter(sender=SUPPORT))
    await store.keep(Incoming(id="copy", mailbox="support", at=START, raw="", mail=mail))
    await outbox.settle_doubts()
    assert (await store.outgoing("re-1")).state is Sending.SENT
    assert (await store.incoming("copy")).became is Became.NEW


async def test_without_a_copy_it_is_sent_again():
    clock, store = ManualClock(START), MemoryMailStore()
    outbox = await in_doubt(clock, store)
    await outbox.settle_doubts()
    assert (await store.outgoing("re-1")).state is Sending.HELD


async def test_a_mailbox_that_is_not_let_in_rests_with_all_its_mails_or_it_is_locked():
    clock, store, files, server = ManualClock(START), MemoryMailStore(), MemoryFiles(), Server()
    raw = await files.keep(letter())
    for number in range(5):
        await store.prepare(mail_of_ours(f"re-{number}", Sending.HELD, raw))
    outbox = outbox_over(clock, store, server, files)
    tries = []

    async def refused(*mail):
        tries.append(mail)
        return Delivery(outcome="later", reason="The password is wrong.", shut=True)

    server.send, well = refused, server.send
    await outbox.send_due()
    assert len(tries) == 1
    clock.advance(AFTER_REFUSAL - SECOND)
    await outbox.send_due()
    assert len(tries) == 1
    server.send = well
    clock.advance(SECOND)
    await outbox.send_due()
    assert len(server.sent) == 5
