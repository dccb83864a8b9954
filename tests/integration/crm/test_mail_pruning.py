"""Old mails are emptied a few at a time; that they came is known for ever."""

import pytest
from msgspec.structs import replace

from cti_adapters.email.ports import Became, MailThread, Sending
from server.mail_pruning import MailPruning
from server.mail_store import SqlMailStore
from tests.integration.crm.test_mail_store import came, ours


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def mails(database):
    return SqlMailStore(database)


@pytest.fixture
def pruning(database):
    return MailPruning(database)


def thread(name, at):
    return MailThread(
        id=name, mailbox="help", subject="help", participants=(), contact="k", updated_at=at
    )


async def settled(mails, number, became=Became.CONTACT):
    one = came(number, message_id=f"m{number}@x.org")
    await mails.keep(one)
    done = replace(one, became=became, thread=f"t{number}", contact=f"k{number}")
    await mails.settle(done, thread(f"t{number}", number))
    return done


async def test_what_old_mails_said_is_gone_and_that_they_came_is_known(mails, pruning):
    old, new = await settled(mails, 1), await settled(mails, 9)
    while await pruning.prune(5, 1):
        pass
    emptied = await mails.incoming(old.id)
    assert (emptied.raw, emptied.mail.subject, emptied.contact) == ("", "", "k1")
    assert not await mails.keep(came(1))  # met again in its mailbox, it is no new mail
    assert await mails.came("m1@x.org")
    assert await mails.threads_of(["m1@x.org", "m9@x.org"]) == [thread("t9", 9)]
    assert await mails.incoming(new.id) == new


async def test_what_waits_is_never_emptied(mails, pruning):
    waiting = came(1)
    await mails.keep(waiting)
    held, sent = ours(1, state=Sending.HELD), ours(2, state=Sending.SENT)
    for one in (held, sent, ours(3, state=Sending.UNKNOWN)):
        await mails.prepare(one)
    while await pruning.prune(5, 10):
        pass
    assert await mails.incoming(waiting.id) == waiting
    assert await mails.outgoing("out-1") == held
    assert await mails.outgoing("out-2") is None
    assert await mails.outgoing("out-3") is not None


async def test_it_goes_on_where_it_was_and_ends(mails, pruning, database):
    for number in range(1, 8):
        await settled(mails, number)
    rounds = [await pruning.prune(6, 3), await MailPruning(database).prune(6, 3)]
    assert rounds == [True, False]
    kept = [(await mails.incoming(came(number).id)).raw != "" for number in range(1, 8)]
    assert kept == [False] * 5 + [True] * 2
    assert not await pruning.prune(6, 3)
