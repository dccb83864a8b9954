"""Handing mails over: to a real Exim, and to servers that lie, stall and die."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from cti_adapters.email.settings import Account, OAuth, Secret, SmtpSettings
from cti_adapters.email.smtp import (
    NotLetIn,
    Outcome,
    RefusedForGood,
    Sent,
    SmtpSender,
    TryLater,
    Unknown,
    Unsendable,
)
from router.core.durations import MILLISECOND, SECOND
from tests.faults.proxy import Proxy
from tests.mail.fake_smtp import FakeSmtp, endless, hang, hang_up
from tests.mail.servers import MailServers

MAIL = b"From: Shop <support@patchbay.test>\r\nSubject: Your order\r\n\r\nIt comes.\r\n.\r\n..x\r\n"


class Desk:
    """Somebody who writes, and somebody who is written to."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.address, self.password = servers.add_user()
        self.customer, _ = servers.add_user()

    def sender(self, tokens=None, **given) -> SmtpSender:
        values = {
            "host": "localhost",
            "port": self.servers.ports.submissions,
            "ca_file": self.servers.ca_file,
            "account": Account(username=self.address, password=Secret(self.password)),
            "timeout": 10 * SECOND,
        }
        return SmtpSender(SmtpSettings(**(values | given)), tokens)

    async def arrived(self, count: int = 1) -> list[bytes]:
        return await asyncio.to_thread(self.servers.wait_for_mails, self.customer, count)


@pytest.fixture
def desk(mail_servers: MailServers) -> Iterator[Desk]:
    yield Desk(mail_servers)
    mail_servers.defer(on=False)
    mail_servers.refuse(on=False)


# -- a real server --------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mail_arrives_as_it_was_written(desk, security):
    ports = desk.servers.ports
    port = ports.submissions if security == "tls" else ports.submission
    sender = desk.sender(security=security, port=port)
    outcome = await sender.send(desk.address, [desk.customer], MAIL)
    assert isinstance(outcome, Sent)
    assert outcome.refused == ()
    (mail,) = await desk.arrived()
    assert mail.endswith(MAIL.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n"))
    assert f"Return-Path: <{desk.address}>".encode() in mail


async def test_an_automatic_mail_has_no_envelope_sender(desk):
    assert isinstance(await desk.sender().send("", [desk.customer], MAIL), Sent)
    (mail,) = await desk.arrived()
    assert mail.startswith(b"Return-Path: <>\n")


async def test_every_recipient_that_is_refused_is_told_and_the_others_have_it(desk):
    recipients = [desk.customer, "nobody@patchbay.test"]
    outcome = await desk.sender().send(desk.address, recipients, MAIL)
    assert isinstance(outcome, Sent)
    (refusal,) = outcome.refused
    assert (refusal.recipient, refusal.code, refusal.later) == ("nobody@patchbay.test", 550, False)
    await desk.arrived()


async def test_the_copy_goes_with_the_mail_and_never_without_it(desk):
    mine = desk.address
    sent = await desk.sender().send(mine, [desk.customer], MAIL, copy_to=mine)
    assert isinstance(sent, Sent)
    assert sent.copied
    await desk.arrived()
    await asyncio.to_thread(desk.servers.wait_for_mails, mine, 1)
    refused = await desk.sender().send(mine, ["nobody@patchbay.test"], MAIL, copy_to=mine)
    assert isinstance(refused, RefusedForGood)
    assert len(desk.servers.mails(mine)) == 1


async def test_a_greylist_is_for_later_and_a_refusal_for_good(desk):
    desk.servers.defer(on=True)
    later = await desk.sender().send(desk.address, [desk.customer], MAIL)
    assert isinstance(later, TryLater)
    assert later.code == 451
    assert later.refused[0].later
    desk.servers.defer(on=False)
    desk.servers.refuse(on=True)
    refused = await desk.sender().send(desk.address, [desk.customer], MAIL)
    assert isinstance(refused, RefusedForGood)
    assert "not today" in refused.reason
    desk.servers.refuse(on=False)
    assert isinstance(await desk.sender().send(desk.address, [desk.customer], MAIL), Sent)


async def test_a_mail_that_is_refused_after_it_was_sent_was_not_taken(desk):
    unwanted = MAIL.replace(b"Your order", b"unwanted")
    outcome = await desk.sender().send(desk.address, [desk.customer], unwanted)
    assert isinstance(outcome, RefusedForGood)
    assert outcome.code == 550


async def test_a_mail_larger_than_is_taken_is_not_begun(desk):
    large = MAIL + b"x\r\n" * 8_000_000
    outcome = await desk.sender(largest=100_000_000).send(desk.address, [desk.customer], large)
    assert isinstance(outcome, RefusedForGood)
    assert "20,971,520" in outcome.reason
    own = await desk.sender(largest=1_000).send(desk.address, [desk.customer], large)
    assert isinstance(own, RefusedForGood)
    assert "1,000" in own.reason


async def test_a_wrong_password_is_no_judgement_of_the_mail(desk):
    account = Account(username=desk.address, password=Secret("hunter2-hunter2"))
    outcome = await desk.sender(account=account).send(desk.address, [desk.customer], MAIL)
    assert isinstance(outcome, NotLetIn)
    assert "hunter2" not in repr(outcome)


async def test_a_server_with_another_certificate_gets_nothing(desk):
    for security in ("tls", "starttls"):
        ports = desk.servers.ports
        port = ports.submissions if security == "tls" else ports.submission
        sender = desk.sender(ca_file=None, security=security, port=port)
        outcome = await sender.send(desk.address, [desk.customer], MAIL)
        assert isinstance(outcome, TryLater)
        assert "certificate" in outcome.reason


class Tokens:
    def __init__(self, token: str) -> None:
        self.given = token
        self.forgotten = 0

    async def token(self) -> str:
        return self.given

    def forget(self) -> None:
        self.forgotten += 1


async def test_an_access_token_lets_in_and_one_that_does_not_is_forgotten(desk):
    oauth = OAuth(token_url="https://x.test", client_id="x", refresh_token=Secret("x"))
    account = Account(username=desk.address, oauth=oauth)
    good = Tokens(desk.servers.token(desk.address))
    outcome = await desk.sender(good, account=account).send(desk.address, [desk.customer], MAIL)
    assert isinstance(outcome, Sent)
    assert good.forgotten == 0
    bad = Tokens("no-such-token")
    outcome = await desk.sender(bad, account=account).send(desk.address, [desk.customer], MAIL)
    assert isinstance(outcome, NotLetIn)
    assert bad.forgotten == 1


async def test_an_international_mail_is_written_as_the_server_can_read_it(desk):
    mail = MAIL.replace(b"Your order", "Ihre Bestellung für 好".encode())
    assert isinstance(await desk.sender().send(desk.address, [desk.customer], mail), Sent)
    (arrived,) = await desk.arrived()
    assert "für 好".encode() in arrived
    outcome = await desk.sender().send(desk.address, ["josé@bücher.test"], MAIL)
    assert isinstance(outcome, RefusedForGood)


async def test_a_mail_may_have_arrived_when_the_connection_broke_before_the_answer(desk):
    async with Proxy(desk.servers.ports.mx) as network:
        sender = desk.sender(port=network.port, security="none", account=None, host="127.0.0.1")
        sending = asyncio.create_task(sender.send(desk.address, [desk.customer], MAIL))
        await network.cut_after(b"250 OK id")
        assert isinstance(await sending, Unknown)
    await desk.arrived()


async def test_a_connection_that_breaks_before_the_mail_is_for_later(desk):
    async with Proxy(desk.servers.ports.mx) as network:
        sender = desk.sender(port=network.port, security="none", account=None, host="127.0.0.1")
        sending = asyncio.create_task(sender.send(desk.address, [desk.customer], MAIL))
        await network.cut_after(b"250 Accepted")
        assert isinstance(await sending, TryLater)
    assert desk.servers.mails(desk.customer) == []


# -- servers that fail ----------------------------------------------------------------------------


async def outcome_with(answers: dict[str, object], **given) -> tuple[Outcome, FakeSmtp]:
    copy_to = given.pop("copy_to", "")
    recipients = given.pop("recipients", ["carol@outside.test"])
    values = {
        "host": "127.0.0.1",
        "security": "none",
        "account": Account(username="ann", password=Secret("s3cret")),
        "timeout": 5 * SECOND,
        "connect_timeout": 5 * SECOND,
        "data_timeout": 5 * SECOND,
    }
    async with FakeSmtp(answers) as server:  # type: ignore[arg-type]
        sender = SmtpSender(SmtpSettings(port=server.port, **(values | given)))
        outcome = await sender.send("support@shop.test", recipients, MAIL, copy_to=copy_to)
    return outcome, server


async def test_all_is_well_with_a_server_that_is_well():
    outcome, server = await outcome_with({})
    assert outcome == Sent(response="taken as 1")
    assert server.commands[2:] == [
        f"MAIL FROM:<support@shop.test> SIZE={len(MAIL)}",
        "RCPT TO:<carol@outside.test>",
        "DATA",
        "QUIT",
    ]
    assert server.mails == [MAIL.replace(b"\r\n.", b"\r\n..") + b".\r\n"]


@pytest.mark.parametrize(
    "body",
    [
        hang_up,
        b"hello\r\n",
        b"999 what\r\n",
        b"\xff\xff\r\n",
        b"354 more\r\n",
        endless(b"250-and\r\n" * 1_000),
        endless(b"x" * 10_000),
    ],
)
async def test_what_was_sent_and_not_answered_is_neither_sent_nor_not(body):
    outcome, server = await outcome_with({"body": body}, copy_to="me@shop.test")
    assert isinstance(outcome, Unknown)
    assert outcome.copied
    assert len(server.mails) == 1


async def test_it_is_told_that_no_copy_will_settle_what_is_unknown():
    answers = {"body": hang_up, "RCPT TO:<me@": b"550 no\r\n"}
    outcome, _ = await outcome_with(answers, copy_to="me@shop.test")
    assert isinstance(outcome, Unknown)
    assert not outcome.copied


async def test_a_server_that_never_answers_a_mail_leaves_the_outcome_open():
    outcome, _ = await outcome_with({"body": hang}, data_timeout=200 * MILLISECOND)
    assert isinstance(outcome, Unknown)


async def test_a_drip_of_bytes_does_not_prolong_the_answer():
    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.02)

    outcome, _ = await outcome_with({"body": drip}, data_timeout=300 * MILLISECOND)
    assert isinstance(outcome, Unknown)


STAGES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("stage", [*STAGES, "AUTH"])
@pytest.mark.parametrize(
    "answer",
    [hang_up, b"hello\r\n", b"\x00\r\n", b"421 closing\r\n", endless(b"250-and\r\n" * 1_000)],
)
async def test_whatever_happens_ahead_of_the_mail_it_was_not_taken(stage, answer):
    outcome, server = await outcome_with({stage: answer})
    assert isinstance(outcome, TryLater)
    assert server.mails == []


@pytest.mark.parametrize("stage", STAGES)
async def test_a_server_that_hangs_ahead_of_the_mail_is_for_later(stage):
    outcome, _ = await outcome_with(
        {stage: hang}, timeout=200 * MILLISECOND, connect_timeout=400 * MILLISECOND
    )
    assert isinstance(outcome, TryLater)


async def test_answers_that_nobody_asked_for_are_not_taken_for_others():
    outcome, server = await outcome_with({"DATA": b"354 go\r\n250 taken\r\n"})
    assert isinstance(outcome, TryLater)
    assert "not asked" in outcome.reason
    outcome, server = await outcome_with({"RCPT": b"250 ok\r\n354 go\r\n"})
    assert isinstance(outcome, TryLater)
    assert server.mails == []


async def test_a_wrong_password_is_tried_once():
    outcome, server = await outcome_with({"AUTH": b"535 wrong\r\n"})
    assert isinstance(outcome, NotLetIn)
    assert sum(command.startswith("AUTH") for command in server.commands) == 1


async def test_a_server_that_cannot_judge_a_password_now_is_for_later():
    outcome, _ = await outcome_with({"AUTH": b"454 not now\r\n"})
    assert isinstance(outcome, TryLater)


async def test_one_put_off_among_refused_is_for_later():
    outcome, _ = await outcome_with(
        {"RCPT TO:<a@": b"550 no\r\n", "RCPT TO:<b@": b"451 later\r\n"},
        recipients=["a@x.test", "b@x.test"],
    )
    assert isinstance(outcome, TryLater)
    assert [(one.recipient, one.later) for one in outcome.refused] == [
        ("a@x.test", False),
        ("b@x.test", True),
    ]


async def test_a_copy_that_is_refused_does_not_hold_the_mail_up():
    outcome, _ = await outcome_with({"RCPT TO:<me@": b"550 no\r\n"}, copy_to="me@shop.test")
    assert outcome == Sent(response="taken as 1", copied=False)


async def test_what_is_injected_ahead_of_the_encryption_is_not_believed(mail_servers):
    answers = {
        "EHLO": b"250-here\r\n250 STARTTLS\r\n",
        "STARTTLS": b"220 go\r\n250-forged\r\n250 AUTH PLAIN\r\n",
    }
    outcome, server = await outcome_with(
        answers, security="starttls", connect_timeout=500 * MILLISECOND
    )
    assert isinstance(outcome, TryLater)
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


async def test_without_starttls_nothing_goes_on_unencrypted():
    outcome, server = await outcome_with({}, security="starttls")
    assert isinstance(outcome, TryLater)
    assert "STARTTLS" in outcome.reason
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


async def test_no_password_goes_to_another_machine_unencrypted():
    settings = SmtpSettings(
        host="192.0.2.1",
        security="none",
        account=Account(username="ann", password=Secret("s3cret")),
    )
    outcome = await SmtpSender(settings).send("a@x.test", ["b@x.test"], MAIL)
    assert isinstance(outcome, NotLetIn)


async def test_nobody_at_home_is_for_later():
    outcome = await SmtpSender(SmtpSettings(host="127.0.0.1", port=9)).send("", ["b@x.test"], MAIL)
    assert isinstance(outcome, TryLater)


# -- what is never said ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "",
        "carol",
        "carol@x.test>\r\nRCPT TO:<eve@x.test",
        "carol@x.test\r\n",
        "carol@x.test BODY=8BITMIME",
        "<carol@x.test>",
        "a@b@c.test",
        "carol@x.test\u2028eve",
        "carol\0@x.test",
        "c" * 65 + "@x.test",
        "carol@" + "x" * 256,
    ],
)
async def test_nothing_but_an_address_is_a_recipient(address):
    sender = SmtpSender(SmtpSettings(host="127.0.0.1", port=9))
    with pytest.raises(Unsendable):
        await sender.send("a@x.test", [address], MAIL)
    if address:
        with pytest.raises(Unsendable):
            await sender.send(address, ["b@x.test"], MAIL)
        with pytest.raises(Unsendable):
            await sender.send("a@x.test", ["b@x.test"], MAIL, copy_to=address)


@pytest.mark.parametrize(
    "mail",
    [b"", b"\r\nno header", b" folded: first", b"no colon\r\n\r\nx", b"A: b\r\nno colon\r\n\r\nx"],
)
async def test_what_has_no_header_is_no_mail(mail):
    with pytest.raises(Unsendable):
        await SmtpSender(SmtpSettings(host="127.0.0.1", port=9)).send("", ["b@x.test"], mail)


async def test_no_line_of_a_mail_ends_it_early():
    smuggled = b"A: b\r\n\r\nx\n.\nMAIL FROM:<eve@x.test>\r.\r\nend"
    async with FakeSmtp() as server:
        sender = SmtpSender(SmtpSettings(host="127.0.0.1", port=server.port, security="none"))
        assert isinstance(await sender.send("", ["b@x.test"], smuggled), Sent)
        assert server.mails == [
            b"A: b\r\n\r\nx\r\n..\r\nMAIL FROM:<eve@x.test>\r\n..\r\nend\r\n.\r\n"
        ]
