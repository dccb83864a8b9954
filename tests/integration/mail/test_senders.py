"""Whose mails lie in a real mailbox is known before they are fetched."""

from __future__ import annotations

import asyncio

from cti_adapters.email.fairness import sender_of
from cti_adapters.email.imap.client import ImapClient
from cti_adapters.email.settings import Account, ImapSettings, Secret


async def test_senders_are_told_of_a_page_at_once(mail_servers):
    address, password = mail_servers.add_user()
    fields = ["maria@example.org", '"<x@y.example>" <Li+1@example.org>', "x" * 2_000, "nobody"]
    for field in fields:
        mail = f"From: {field[:900]}\r\n{field[900:] and ' '}{field[900:1800]}\r\n\r\nHi\r\n"
        await asyncio.to_thread(mail_servers.deliver, "a@b.example", address, mail.encode())
    await asyncio.to_thread(mail_servers.wait_for_mails, address, len(fields))
    account = Account(username=address, password=Secret(password))
    settings = ImapSettings(
        host="localhost",
        port=mail_servers.ports.imaps,
        ca_file=mail_servers.ca_file,
        account=account,
    )
    client = ImapClient(settings)
    await client.connect()
    try:
        await client.select()
        uids = await client.new_uids(0)
        told = await client.senders(uids)
        assert sorted(told) == list(uids)
        found = sorted(sender_of(field) for field in told.values())
        assert found == ["", "", "li@example.org", "maria@example.org"]
        assert mail_servers.mails_marked(address, "S") == 0
    finally:
        await client.close()
