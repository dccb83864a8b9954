"""``cti_adapters.email.inbox``: a mail takes one turn of its sender's, however often it comes."""

import asyncio

import pytest

from cti_adapters.email.imap.outcomes import Renumbered
from cti_adapters.email.ports import Became, StoreUnavailable
from tests.mail.in_memory import letter
from tests.unit.cti_adapters.email.mail_centre import MailCentre


@pytest.fixture
async def centre():
    centre = MailCentre()
    await centre.start()
    yield centre
    await centre.stop()


def tries_again_at_once(centre):
    async def at_once(_):
        await asyncio.sleep(0)

    ((_, inbox),) = centre.channel.inboxes()
    inbox._pause = at_once
    return inbox


def arrive(centre, count):
    for number in range(count):
        centre.server.arrive(letter(number, sender=f"c{number}@example.org"))


async def written_next(centre):
    """What becomes of the mail of somebody who writes after all that."""
    await centre.mail(letter(99, sender="stranger@example.net", subject="Another"))
    (mail,) = [one for one in centre.store._in.values() if one.mail.subject == "Another"]
    assert mail.became is Became.CONTACT
    assert {one.boost for one in centre.contacts()} == {0}


async def test_a_folder_that_is_numbered_anew_takes_no_turns_again(centre):
    arrive(centre, 20)
    await centre.settle()
    wait, told = centre.server.wait, []

    async def renumbered(seconds):
        if not told:
            told.append(True)
            raise Renumbered("The folder was numbered anew.")
        return await wait(seconds)

    centre.server.wait = renumbered
    centre.server.renumber()
    centre.server.news.set()
    await centre.settle()
    assert told
    assert set(centre.server.flags) == {*range(1, 21), *range(101, 121)}
    await written_next(centre)


async def test_a_mail_that_cannot_be_kept_for_a_while_takes_one_turn(centre):
    tries_again_at_once(centre)
    keep_all, tries = centre.store.keep_all, []

    async def fails(incoming):
        tries.append(len(incoming))
        if len(tries) <= 8:
            raise StoreUnavailable("The database does not answer.")
        return await keep_all(incoming)

    centre.store.keep_all = fails
    await centre.mail(letter(1))
    assert len(tries) == 9
    (contact,) = centre.contacts()
    assert contact.boost == 0
    (kept,) = centre.store._in.values()
    assert kept.due <= kept.at


async def test_mails_that_can_only_be_kept_one_by_one_take_one_turn_each(centre):
    inbox = tries_again_at_once(centre)
    keep_all, failed = centre.store.keep_all, []

    async def fails(incoming):
        if len(incoming) > 1:
            failed.append(len(incoming))
            raise StoreUnavailable("The database does not answer.")
        return await keep_all(incoming)

    centre.store.keep_all = fails
    arrive(centre, 20)
    await centre.settle()
    assert len(failed) > 10
    assert len(centre.contacts()) == 20
    assert inbox._given == {}
    await written_next(centre)


async def test_turns_of_mails_that_went_before_they_were_kept_are_not_remembered(centre):
    inbox = tries_again_at_once(centre)
    keep_all, failed = centre.store.keep_all, []

    async def fails(incoming):
        if failed:
            return await keep_all(incoming)
        failed.append(True)
        centre.server.mails.clear()
        raise StoreUnavailable("The database does not answer.")

    centre.store.keep_all = fails
    await centre.mail(letter(1))
    assert failed
    assert centre.store._in == {}
    assert inbox._given == {}
