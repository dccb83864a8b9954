"""What lies between us and mail servers breaks: nothing is lost, nothing done twice, and other
mailboxes are not touched by it.
"""

from __future__ import annotations

import asyncio

from cti_adapters.email.ports import Cursor, Sending
from tests.faults.proxy import Proxy
from tests.integration.mail.service import (
    answered,
    answers,
    becomes,
    box,
    routed,
    service,
    subjects,
    until,
    write,
)

COPY_IS_LATE = 3.5  # seconds
MANY = [f"Matter {number}" for number in range(12)]


async def test_cut_in_the_middle_of_a_mail_each_is_one_contact_and_others_go_on(
    mail_servers, tmp_path
):
    async with Proxy(mail_servers.ports.imap) as network:
        help_ = box(mail_servers, "help", imap=network.port)
        sales = box(mail_servers, "sales")
        for subject in MANY:
            await write(mail_servers, "c@outside.test", help_, subject)
        cutting = asyncio.create_task(_cut(network, times=3))
        async with service(tmp_path / "one", help_, sales) as patchbay:
            await write(mail_servers, "d@outside.test", sales, "Elsewhere")
            await routed(patchbay, "Elsewhere")
            await routed(patchbay, *MANY[:5])  # as many as one sender has at once
            await cutting
            await _all_kept(patchbay, len(MANY) + 1)
            assert set(subjects(patchbay).values()) == {1}


async def _cut(network: Proxy, times: int) -> None:
    """Within a mail, after some that were fetched whole."""
    for _ in range(times):
        await network.cut_after(b"Message-ID: <")


async def _all_kept(patchbay, count: int) -> None:
    async def all_there():
        kept = await patchbay.mail_store.waiting(2**62, 100)
        for became in ("contact", "reply"):
            kept += await patchbay.mail_store.that_became(became, 100)
        return len(kept) >= count and kept

    kept = await until(all_there, f"{count} mails that are kept")
    assert len(kept) == count


async def test_a_server_that_is_killed_and_numbers_anew_makes_no_second_contact(
    mail_servers, tmp_path
):
    one = box(mail_servers, "help")
    async with service(tmp_path / "one", one) as patchbay:
        for subject in MANY[:3]:
            await write(mail_servers, "c@outside.test", one, subject)
        await routed(patchbay, *MANY[:3])
        before = await _cursor(patchbay)
        await asyncio.to_thread(_number_anew, mail_servers, one.address)
        for subject in MANY[3:5]:
            await write(mail_servers, "c@outside.test", one, subject)
        await routed(patchbay, *MANY[:5])

        async def read_again() -> bool:
            now = await _cursor(patchbay)
            return now.validity != before.validity and now.uid >= 5

        await until(read_again, "folder that was read to its end under its new numbers")
        await until(_well(patchbay), "word that the mailbox can be read")
        await _all_kept(patchbay, 5)
        assert set(subjects(patchbay).values()) == {1}


def _number_anew(servers, address: str) -> None:
    """What Dovecot knew of the mailbox is gone; its mails are there."""
    servers.dovecot.kill()
    for file in (servers.folder / "mail" / address).glob("dovecot*"):
        file.unlink()
    servers.restart_dovecot()
    servers.wait_for_port(servers.ports.lmtp)


async def _cursor(patchbay) -> Cursor:
    cursor = await patchbay.mail_store.cursor("help", "INBOX")
    assert cursor is not None
    return cursor


def _well(patchbay):
    async def well() -> bool:
        return not patchbay.mail.problems()

    return well


async def test_a_server_that_takes_a_mail_and_dies_has_it_delivered_once(mail_servers, tmp_path):
    customer, _ = mail_servers.add_user()
    async with Proxy(mail_servers.ports.mx) as network:
        one = box(mail_servers, "help", smtp=network.port)
        async with service(tmp_path / "one", one) as patchbay:
            await write(mail_servers, customer, one, "Taken")
            cutting = asyncio.create_task(network.cut_after(b"250 OK id="))
            mail = await answered(patchbay, "Taken")
            await cutting
            await becomes(patchbay, mail, Sending.SENT)
            await asyncio.sleep(COPY_IS_LATE)
            assert (await patchbay.mail_store.outgoing(mail)).attempts == 1
    assert answers(mail_servers, customer) == {"Re: Taken": 1}


async def test_a_server_that_dies_before_it_took_a_mail_gets_it_once_more(mail_servers, tmp_path):
    """After the order to go on (354) and before the mail's last line: it has none of it."""
    customer, _ = mail_servers.add_user()
    async with Proxy(mail_servers.ports.mx) as network:
        one = box(mail_servers, "help", smtp=network.port)
        async with service(tmp_path / "one", one) as patchbay:
            await write(mail_servers, customer, one, "Not taken")
            cutting = asyncio.create_task(network.cut_after(b"on a line by itself\r\n"))
            mail = await answered(patchbay, "Not taken")
            await cutting
            await becomes(patchbay, mail, Sending.UNKNOWN)
            await asyncio.sleep(COPY_IS_LATE)
            # Whoever waits for a copy has read the mailbox after that.
            await write(mail_servers, "d@outside.test", one, "Something else")
            await becomes(patchbay, mail, Sending.SENT)
            assert (await patchbay.mail_store.outgoing(mail)).attempts == 2
            await asyncio.to_thread(mail_servers.wait_for_mails, customer, 1)
    assert answers(mail_servers, customer) == {"Re: Not taken": 1}
