"""The IMAP client against servers that lie, flood, stall and renumber."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tracemalloc

import pytest

from cti_adapters.email.imap import (
    Fetched,
    ImapClient,
    ImapError,
    LoginRefused,
    Nonsense,
    Refused,
    Renumbered,
    TooLarge,
    Unreachable,
)
from cti_adapters.email.imap.words import Unsayable
from cti_adapters.email.settings import Account, ImapSettings, Secret
from router.core.durations import MILLISECOND, SECOND
from tests.mail.fake_imap import WELL, FakeImap, Talk, endless, hang, hang_up, then

SIZE = b"* 1 FETCH (UID 9 RFC822.SIZE 5)\r\nTAG OK done\r\n"


def client_of(server: FakeImap, **given) -> ImapClient:
    values = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "account": Account(username="ann", password=Secret("s3cret")),
        "timeout": 5 * SECOND,
        "fetch_timeout": 5 * SECOND,
        "connect_timeout": 5 * SECOND,
    }
    return ImapClient(ImapSettings(**(values | given)))


async def selected(server: FakeImap, **given) -> ImapClient:
    client = client_of(server, **given)
    await client.connect()
    await client.select()
    return client


async def outcome_of_fetch(body: object, size: bytes = SIZE, **given) -> object:
    """What comes of fetching one mail of at most 1,000 bytes."""
    answers = {"UID FETCH 9 (UID RFC822.SIZE)": size, "UID FETCH 9 (UID BODY": body}
    async with FakeImap(answers) as server:
        client = await selected(server, **given)
        try:
            return await client.fetch(9, 1_000)
        except ImapError as error:
            return "still connected" if client.connected else error
        finally:
            await client.close()


# -- floods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [
        b"A" * 65_536,
        b"* " + b"A" * 65_536,
        b"* 1 FETCH (FLAGS ())\r\n",
        b"* OK still here\r\n" * 100,
        b"* 9 EXISTS\r\n",
        b"* X {10}\r\n0123456789\r\n",
        b"\r\n",
    ],
)
async def test_an_answer_without_end_is_cut_off_and_costs_little_memory(flood):
    async with FakeImap({"NOOP": endless(flood)}) as server:
        client = await selected(server)
        tracemalloc.start()
        with pytest.raises(Nonsense):
            await client.new_uids(0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 12_000_000
        assert not client.connected


@pytest.mark.parametrize("size", [b"4294967295", b"99999999999999999999", b"9" * 5_000])
async def test_a_giant_literal_is_refused_before_it_is_read(size):
    body = b"* 1 FETCH (UID 9 BODY[]<0> {" + size + b"}\r\n"
    assert isinstance(await outcome_of_fetch(then(body, hang)), Nonsense)


async def test_a_literal_where_none_belongs_is_bounded():
    async with FakeImap({"NOOP": then(b"* OK {1000000}\r\n", hang)}) as server:
        client = await selected(server)
        with pytest.raises(Nonsense):
            await client.new_uids(0)


@pytest.mark.parametrize(("size", "told"), [(5_000, TooLarge), (70_000, Nonsense)])
async def test_a_server_that_understates_a_mail_does_not_get_it_in(size, told):
    literal = b"{%d}\r\n" % size + b"x" * size
    body = b"* 1 FETCH (UID 9 BODY[]<0> " + literal + b")\r\nTAG OK done\r\n"
    assert isinstance(await outcome_of_fetch(body), told)


async def test_a_greeting_without_end_is_cut_off():
    async with FakeImap(greeting=b"* OK " + b"x" * 200_000) as server:
        client = client_of(server)
        with pytest.raises(Nonsense):
            await client.connect()


# -- nonsense -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        b"a999 OK wrong tag\r\n",
        b"TAG MAYBE\r\n",
        b"TAG BAD I do not know this\r\n",
        b"hello\r\n",
        b"TAG OK no line end\n",
        b"\xff\xfe\x00\r\n",
        b"* FETCH\r\nHTTP/1.1 400 Bad Request\r\n",
        b"* 99999999999 EXISTS\r\nTAG OK done\r\n",
        b"* -1 EXISTS\r\n",
    ],
)
async def test_what_no_server_says_ends_the_connection(said):
    async with FakeImap({"NOOP": said}) as server:
        client = await selected(server, timeout=300 * MILLISECOND)
        with pytest.raises(ImapError):
            await client.new_uids(0)
        await client.close()


AMONG_OTHERS = (
    b"* 2 FETCH (UID 4 BODY[]<0> {3}\r\nxyz)\r\n* 1 FETCH (FLAGS (\\Seen) UID 9)\r\n"
    b"* 1 FETCH (UID 9 BODY[]<0> {3}\r\nabc)\r\nTAG OK done\r\n"
)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'* 1 FETCH (UID 9 BODY[]<0> "a \\"b\\"")\r\nTAG OK done\r\n', b'a "b"'),
        (b"* 1 FETCH (UID 9 BODY[]<0> NIL)\r\nTAG OK done\r\n", b""),
        (b"* 1 FETCH (BODY[]<0> {3}\r\nabc UID 9)\r\nTAG OK done\r\n", b"abc"),
        (AMONG_OTHERS, b"abc"),
    ],
)
async def test_a_body_is_read_however_it_is_written_and_never_anothers(body, found):
    assert await outcome_of_fetch(body) == Fetched(uid=9, raw=found)


async def test_a_folder_without_numbers_is_not_used():
    answer = b"* 3 EXISTS\r\nTAG OK selected\r\n"
    async with FakeImap({"SELECT": answer}) as server:
        client = client_of(server)
        await client.connect()
        with pytest.raises(Refused, match="number"):
            await client.select()
        await client.close()


async def test_a_folder_that_is_numbered_anew_meanwhile_is_told():
    news = b"* OK [UIDVALIDITY 8] anew\r\nTAG OK done\r\n"
    async with FakeImap({"NOOP": news}) as server:
        client = await selected(server)
        with pytest.raises(Renumbered):
            await client.new_uids(0)
        assert not client.connected
        server.answers["SELECT"] = WELL["SELECT"].replace(b"UIDVALIDITY 7", b"UIDVALIDITY 8")
        await client.connect()
        assert (await client.select()).uidvalidity == 8
        await client.close()


async def test_whatever_is_said_the_answer_is_one_of_ours():
    """Random noise made of the protocol's own words."""
    chance = random.Random(6)
    words = [b"*", b"TAG", b"+", b"OK", b"NO", b"BYE", b"1", b"FETCH", b"(UID 9", b")", b"{3}"]
    words += [b"\r\n", b" ", b"[UIDVALIDITY 7]", b"EXISTS", b"\xe9", b'"', b"EXPUNGE", b"SEARCH"]
    async with FakeImap() as server:
        for _ in range(150):
            noise = b"".join(chance.choices(words, k=chance.randrange(1, 30)))
            server.answers["NOOP"] = then(noise, hang_up)
            client = await selected(server)
            with contextlib.suppress(ImapError):
                assert isinstance(await client.new_uids(5), tuple)
            await client.close()


# -- stalls and breaks ----------------------------------------------------------------------------


async def test_a_hang_in_the_middle_of_a_mail_is_over_with_its_time():
    body = then(b"* 1 FETCH (UID 9 BODY[]<0> {500}\r\nabc", hang)
    outcome = await outcome_of_fetch(body, fetch_timeout=300 * MILLISECOND)
    assert isinstance(outcome, Unreachable)
    assert "in time" in str(outcome)


async def test_a_byte_now_and_then_does_not_prolong_a_call():
    async def drip(talk: Talk) -> None:
        while True:
            await talk.say(b"A")
            await asyncio.sleep(0.02)

    outcome = await outcome_of_fetch(drip, fetch_timeout=300 * MILLISECOND)
    assert isinstance(outcome, Unreachable)


async def test_a_server_that_hangs_up_in_the_middle_of_a_mail_is_told():
    body = then(b"* 1 FETCH (UID 9 BODY[]<0> {500}\r\nabc", hang_up)
    assert isinstance(await outcome_of_fetch(body), Unreachable)


async def test_a_server_that_says_bye_is_told_with_its_reason():
    outcome = await outcome_of_fetch(then(b"* BYE going down\r\n", hang_up))
    assert isinstance(outcome, Unreachable)
    assert "going down" in str(outcome)


async def test_a_server_that_never_greets_costs_no_more_than_its_time():
    async with FakeImap(greeting=b"") as server:
        client = client_of(server, connect_timeout=300 * MILLISECOND)
        with pytest.raises(Unreachable, match="in time"):
            await client.connect()
        assert not client.connected


async def test_a_cancelled_call_closes_the_connection():
    asked = asyncio.Event()

    async def stall(talk: Talk) -> None:
        asked.set()
        await hang(talk)

    async with FakeImap({"UID FETCH": stall}) as server:
        client = await selected(server)
        call = asyncio.create_task(client.fetch(9, 1_000))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert not client.connected
        with pytest.raises(Unreachable):
            await client.select()


async def test_closing_ends_a_call_that_hangs():
    asked = asyncio.Event()

    async def stall(talk: Talk) -> None:
        asked.set()
        await hang(talk)

    async with FakeImap({"UID FETCH": stall}) as server:
        client = await selected(server, timeout=60 * SECOND, fetch_timeout=60 * SECOND)
        call = asyncio.create_task(client.fetch(9, 1_000))
        await asked.wait()
        await client.close()
        with pytest.raises(Unreachable):
            await call
        assert not client.connected


# -- signing in -----------------------------------------------------------------------------------


async def test_a_refused_password_is_tried_once():
    async with FakeImap({"LOGIN": b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n"}) as server:
        client = client_of(server)
        with pytest.raises(LoginRefused, match="wrong"):
            await client.connect()
        assert sum(command.startswith("LOGIN") for command in server.commands) == 1


async def test_a_server_that_has_no_time_is_not_a_refusal():
    async with FakeImap({"LOGIN": b"TAG NO [UNAVAILABLE] later\r\n"}) as server:
        client = client_of(server)
        with pytest.raises(Unreachable):
            await client.connect()


async def test_no_password_is_said_where_the_server_wants_none():
    capabilities = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n"
    async with FakeImap({"CAPABILITY": capabilities}) as server:
        client = client_of(server)
        with pytest.raises(LoginRefused, match="TLS"):
            await client.connect()
        assert not any("s3cret" in command for command in server.commands)


@pytest.mark.parametrize(
    ("greeting", "starttls"),
    [
        (b"* OK hello\r\n", b"TAG OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"),
        (b"* PREAUTH welcome\r\n", b"TAG OK begin\r\n"),
        (b"* OK hello\r\n", b"TAG NO not today\r\n"),
    ],
)
async def test_nothing_said_ahead_of_the_encryption_is_believed(greeting, starttls):
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n",
        "STARTTLS": starttls,
    }
    async with FakeImap(answers, greeting=greeting) as server:
        client = client_of(server, security="starttls")
        with pytest.raises((Nonsense, Refused)):
            await client.connect()
        assert not client.connected
        assert not any(command.startswith("LOGIN") for command in server.commands)


async def test_without_starttls_nothing_goes_on_unencrypted():
    async with FakeImap() as server:
        client = client_of(server, security="starttls")
        with pytest.raises(Refused, match="STARTTLS"):
            await client.connect()
        assert not any(command.startswith("LOGIN") for command in server.commands)


# -- lesser servers -------------------------------------------------------------------------------

PLAIN = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 UIDPLUS\r\nTAG OK done\r\n"}


async def test_a_server_without_idle_is_asked_now_and_then():
    async def arrives(talk: Talk) -> None:
        server.answers["NOOP"] = b"* 4 EXISTS\r\nTAG OK done\r\n"
        await talk.say(b"TAG OK done\r\n")

    async with FakeImap({**PLAIN, "NOOP": arrives}) as server:
        client = await selected(server, poll_every=20 * MILLISECOND)
        assert await client.wait(30)
        assert "IDLE" not in server.commands
        await client.close()


async def test_a_server_without_move_copies_and_removes_no_others_mails():
    async with FakeImap(PLAIN) as server:
        client = await selected(server)
        await client.move([3, 5], "Done")
        assert server.commands[-3:] == [
            'UID COPY 3,5 "Done"',
            r"UID STORE 3,5 +FLAGS.SILENT (\Deleted)",
            "UID EXPUNGE 3,5",
        ]
        await client.close()


async def test_a_server_that_refuses_idle_is_told_and_the_connection_is_well():
    async with FakeImap({"IDLE": b"TAG NO too many\r\n"}) as server:
        client = await selected(server)
        with pytest.raises(Refused, match="IDLE"):
            await client.wait(5)
        assert client.connected
        await client.close()


# -- our own words --------------------------------------------------------------------------------


async def test_nothing_of_ours_becomes_a_second_command():
    async with FakeImap() as server:
        client = await selected(server)
        before = list(server.commands)
        for call in (
            client.select("x\r\na1 DELETE INBOX"),
            client.create("x\0"),
            client.move([1], "a\nb"),
            client.mark([1], ["\\Seen)\r\na1 LOGOUT"]),
            client.mark([0], ["\\Seen"]),
            client.find("a@b\r\n"),
            client.sizes([]),
        ):
            with pytest.raises(Unsayable):
                await call
        assert server.commands == before
        assert client.connected
        await client.close()
