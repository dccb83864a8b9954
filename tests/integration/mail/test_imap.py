"""The IMAP client against a real Dovecot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from cti_adapters.email.imap import (
    Fetched,
    Gone,
    ImapClient,
    LoginRefused,
    Refused,
    TooLarge,
    Unreachable,
)
from cti_adapters.email.settings import Account, ImapSettings, OAuth, Secret
from router.core.durations import MILLISECOND, SECOND
from tests.faults.proxy import Proxy
from tests.mail.servers import USERS, MailServers

MAIL = (
    b"From: carol@outside.test\r\nSubject: Hello %d\r\n"
    b"Message-ID: <m%d@outside.test>\r\n\r\nText\r\n"
)


class Box:
    """A mailbox of a test's own."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.address, self.password = servers.add_user()
        self.settings = ImapSettings(
            host="localhost",
            port=servers.ports.imaps,
            ca_file=servers.ca_file,
            account=Account(username=self.address, password=Secret(self.password)),
            timeout=10 * SECOND,
            poll_every=100 * MILLISECOND,
        )

    async def receive(self, count: int, *, first: int = 0) -> None:
        for number in range(first, first + count):
            mail = MAIL % (number, number)
            await asyncio.to_thread(self.servers.deliver, "carol@outside.test", self.address, mail)
        await asyncio.to_thread(self.servers.wait_for_mails, self.address, first + count)


@pytest.fixture
def box(mail_servers: MailServers) -> Box:
    return Box(mail_servers)


@pytest.fixture
async def connect(box: Box) -> AsyncIterator[Callable[..., ImapClient]]:
    """Clients that are closed at the end."""
    made: list[ImapClient] = []

    def build(tokens=None, **given):
        settings = msgspec.structs.replace(box.settings, **given)
        made.append(ImapClient(settings, tokens))
        return made[-1]

    yield build
    for client in made:
        await client.close()


@pytest.fixture
async def client(connect) -> ImapClient:
    made = connect()
    await made.connect()
    return made


# -- being let in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
async def test_a_mailbox_is_reached_in_every_way_that_is_safe(box, connect, security):
    ports = box.servers.ports
    made = connect(security=security, port=ports.imaps if security == "tls" else ports.imap)
    await made.connect()
    selected = await made.select()
    assert (selected.folder, selected.exists, selected.keywords) == ("INBOX", 0, True)
    assert selected.uidvalidity > 0
    assert selected.uidnext == 1


async def test_a_password_may_hold_what_the_protocol_quotes(connect):
    address = "sales@patchbay.test"
    made = connect(account=Account(username=address, password=Secret(USERS[address])))
    await made.connect()
    assert made.connected


async def test_a_wrong_password_is_a_refusal_and_shows_no_secret(box, connect):
    made = connect(account=Account(username=box.address, password=Secret("hunter2-hunter2")))
    with pytest.raises(LoginRefused) as refused:
        await made.connect()
    assert "hunter2" not in str(refused.value)
    assert not made.connected


async def test_a_server_with_another_certificate_is_not_spoken_with(connect):
    made = connect(ca_file=None)
    with pytest.raises(Unreachable, match="not trusted"):
        await made.connect()


async def test_nobody_signs_in_unencrypted_on_another_machine(connect):
    made = connect(security="none", host="192.0.2.1")
    with pytest.raises(Refused, match="unencrypted"):
        await made.connect()


async def test_nobody_at_home_is_told_as_that(connect):
    made = connect(port=9)
    with pytest.raises(Unreachable, match="cannot be reached"):
        await made.connect()
    with pytest.raises(Unreachable, match="no connection"):
        await made.select()


class Tokens:
    def __init__(self, token: str) -> None:
        self.given = token
        self.forgotten = 0

    async def token(self) -> str:
        return self.given

    def forget(self) -> None:
        self.forgotten += 1


def with_oauth(address: str) -> Account:
    oauth = OAuth(token_url="https://x.test", client_id="x", refresh_token=Secret("x"))
    return Account(username=address, oauth=oauth)


async def test_an_access_token_lets_in(box, connect):
    made = connect(Tokens(box.servers.token(box.address)), account=with_oauth(box.address))
    await made.connect()
    assert (await made.select()).exists == 0


async def test_a_token_that_is_not_taken_is_forgotten(box, connect):
    tokens = Tokens(box.servers.token(box.address, expires_in=-60))
    made = connect(tokens, account=with_oauth(box.address))
    with pytest.raises(LoginRefused):
        await made.connect()
    assert tokens.forgotten == 1


# -- reading --------------------------------------------------------------------------------------


async def test_new_mails_come_in_pages_in_their_order(box, client):
    await box.receive(12)
    await client.select()
    assert await client.new_uids(0, 5) == (1, 2, 3, 4, 5)
    assert await client.new_uids(5, 5) == (6, 7, 8, 9, 10)
    assert await client.new_uids(10, 5) == (11, 12)
    assert await client.new_uids(12) == ()
    assert await client.new_uids(4_000_000_000) == ()


async def test_new_mails_are_found_between_what_was_removed(box, client):
    await box.receive(9)
    await client.select()
    await client.move([1, 2, 4, 5, 6, 8], "Away")
    assert [await client.new_uids(after) for after in (0, 3, 6, 7, 9)] == [
        (3, 7, 9),
        (7, 9),
        (7, 9),
        (9,),
        (),
    ]


async def test_a_mail_is_fetched_as_it_lies_there_and_stays_unseen(box, client):
    await box.receive(1)
    await client.select()
    (stored,) = box.servers.mails(box.address)
    fetched = await client.fetch(1, 1_000_000)
    assert isinstance(fetched, Fetched)
    assert fetched.raw.replace(b"\r\n", b"\n") == stored
    assert (await client.sizes([1, 2])) == {1: len(fetched.raw)}
    assert box.servers.mails_marked(box.address, "S") == 0


async def test_a_mail_that_is_too_large_is_told_by_its_header_alone(box, client):
    await box.receive(1)
    await client.select()
    told = await client.fetch(1, 100)
    assert isinstance(told, TooLarge)
    assert told.size > 100
    assert b"Subject: Hello 0" in told.header
    assert b"Text" not in told.header


async def test_a_mail_that_is_gone_is_gone(client):
    await client.select()
    assert await client.fetch(99, 1_000) == Gone(uid=99)


async def test_a_mail_of_ours_is_found_by_its_message_id(box, client):
    await client.append("Sent", MAIL % (7, 7))
    await client.select("Sent")
    assert await client.find("m7@outside.test") == (1,)
    assert await client.find("m8@outside.test") == ()


async def test_bytes_of_every_kind_survive_being_laid_into_a_folder(client):
    mail = b"Subject: x\r\n\r\n" + bytes(range(1, 256)) * 400 + b"\r\n"
    await client.append("Sent", mail, ())
    await client.select("Sent")
    fetched = await client.fetch(1, 1_000_000)
    assert isinstance(fetched, Fetched)
    assert fetched.raw.replace(b"\r", b"") == mail.replace(b"\r", b"")


# -- what becomes of a mail -----------------------------------------------------------------------


async def test_marks_are_kept(box, client):
    await box.receive(2)
    await client.select()
    await client.mark([1, 77], [r"\Seen", "$PatchbayRouted"])
    assert box.servers.mails_marked(box.address, "S") == 1


async def test_a_mail_moves_to_a_folder_that_is_made_when_it_is_missing(box, client):
    await box.receive(2)
    await client.select()
    await client.move([1], "Erledigt & gelöscht/好")
    assert await client.new_uids(0) == (2,)
    await client.move([1], "Erledigt & gelöscht/好")  # once more: nothing is there any more
    assert (await client.select("Erledigt & gelöscht/好")).exists == 1


async def test_a_folder_that_is_not_there_is_a_refusal_and_the_connection_is_well(client):
    with pytest.raises(Refused, match="cannot be opened"):
        await client.select("Nowhere")
    assert (await client.select()).exists == 0
    await client.create("Twice")
    await client.create("Twice")


async def test_a_folder_made_anew_has_another_numbering(client):
    await client.append("Sent", MAIL % (1, 1))
    before = await client.select("Sent")
    await client.select("INBOX")
    await client.create("Next")
    after = await client.select("Next")
    assert after.uidvalidity != before.uidvalidity


# -- waiting --------------------------------------------------------------------------------------


async def test_a_wait_ends_when_a_mail_comes(box, client):
    await client.select()
    waiting = asyncio.create_task(client.wait(30))
    await box.receive(1)
    assert await waiting
    assert await client.new_uids(0) == (1,)


async def test_a_mail_that_came_before_the_wait_ends_it_at_once(box, client):
    await client.select()
    await box.receive(1)
    assert await client.wait(30)


async def test_a_wait_without_news_ends_with_its_time_and_is_renewed_meanwhile(connect):
    made = connect(renew_every=50 * MILLISECOND)
    await made.connect()
    await made.select()
    assert not await made.wait(0.3)
    assert await made.new_uids(0) == ()


async def test_another_call_ends_a_wait(client):
    await client.select()
    waiting = asyncio.create_task(client.wait(60))
    await asyncio.sleep(0)
    assert await client.new_uids(0) == ()
    assert not await waiting


# -- a network that fails -------------------------------------------------------------------------


async def test_a_connection_that_is_reset_is_told_and_made_anew(box, connect):
    async with Proxy(box.servers.ports.imaps) as network:
        made = connect(port=network.port)
        await made.connect()
        before = await made.select()
        waiting = asyncio.create_task(made.wait(60))
        await box.receive(1)
        assert await waiting
        network.cut()
        with pytest.raises(Unreachable):
            await made.fetch(1, 1_000_000)
        assert not made.connected
        await made.connect()
        assert (await made.select()).uidvalidity == before.uidvalidity
        assert isinstance(await made.fetch(1, 1_000_000), Fetched)


async def test_a_dark_network_costs_a_call_no_more_than_its_time(box, connect):
    async with Proxy(box.servers.ports.imaps) as network:
        made = connect(port=network.port, timeout=300 * MILLISECOND)
        await made.connect()
        await made.select()
        network.go_dark()
        with pytest.raises(Unreachable, match="in time"):
            await made.new_uids(0)
        assert not made.connected


async def test_a_slow_network_is_borne(box, connect):
    await box.receive(1)
    async with Proxy(box.servers.ports.imaps) as network:
        network.piece = 7
        made = connect(port=network.port)
        await made.connect()
        await made.select()
        assert isinstance(await made.fetch(1, 1_000_000), Fetched)


async def test_a_cancelled_call_costs_the_connection_and_nothing_else(box, connect):
    await box.receive(1)
    made = connect()
    await made.connect()
    await made.select()
    for delay in (0, 0.001, 0.003, 0.01):
        task = asyncio.create_task(made.fetch(1, 1_000_000))
        await asyncio.sleep(delay)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await made.connect()
        await made.select()
    fetched = await made.fetch(1, 1_000_000)
    assert isinstance(fetched, Fetched)
    assert b"Hello 0" in fetched.raw


async def test_a_restarted_server_has_the_same_mails_under_the_same_numbers(box, connect):
    await box.receive(2)
    made = connect()
    await made.connect()
    before = await made.select()
    box.servers.restart_dovecot()
    with pytest.raises(Unreachable):
        await made.new_uids(0)
    await made.connect()
    assert (await made.select()).uidvalidity == before.uidvalidity
    assert await made.new_uids(0) == (1, 2)
