"""Mails in, contacts made of them, answers out: each once, whatever happens in between."""

import asyncio

import pytest
from msgspec.structs import replace

from cti_adapters.email.composing import CannotBeSent
from cti_adapters.email.imap.outcomes import Unreachable
from cti_adapters.email.outbox import COPY_WITHIN, Delivery
from cti_adapters.email.ports import Became, Sending
from cti_adapters.email.replying import NoThread, Reply
from router.core.commands import Accept
from router.core.durations import DAY, HOUR, MINUTE, SECOND
from router.core.events import Entry, FlowAdvanced, Rejected
from router.core.model import ContactState
from router.files import FilesUnavailable
from router.ports import NoFlows, PromptLine
from tests.hearing import wholly
from tests.mail.in_memory import BOX, SUPPORT, letter
from tests.unit.cti_adapters.email.mail_centre import MailCentre


@pytest.fixture
async def centre():
    centre = MailCentre()
    await centre.start()
    yield centre
    await centre.stop()


def texts(contact):
    return [message.text for message in contact.messages]


def became(centre):
    return [one.became for one in centre.store._in.values()]


def states(centre):
    return [one.state for one in centre.store._out.values()]


# -- in -------------------------------------------------------------------------------------------


async def test_a_mail_becomes_a_contact_in_the_queue_of_its_mailbox_and_is_marked(centre):
    await centre.mail(letter())
    (contact,) = centre.contacts()
    assert (contact.channel, contact.queue, contact.state) == ("email", "care", "queued")
    assert contact.address == "maria@example.org"
    assert contact.attributes["subject"] == "My order"
    assert contact.attributes["mail_to"] == SUPPORT
    assert texts(contact) == ["Where is it?"]
    assert not contact.present
    assert not contact.dialable
    assert centre.server.flags == {1: [r"\Seen"]}


async def test_the_same_mail_fetched_again_under_other_numbers_is_no_second_contact(centre):
    await centre.mail(letter())
    centre.server.renumber()
    await centre.restart()
    assert len(centre.contacts()) == 1
    assert became(centre) == [Became.CONTACT]


async def test_mails_that_were_there_before_it_was_connected_are_left_alone():
    centre = MailCentre(replace(BOX, from_the_first=False))
    centre.server.arrive(letter(1))
    await centre.start()
    await centre.mail(letter(2, subject="Another"))
    assert [one.attributes["subject"] for one in centre.contacts()] == ["Another"]
    await centre.stop()


async def test_an_answer_joins_the_contact_that_is_under_way(centre):
    await centre.mail(letter(1))
    await centre.mail(
        letter(2, subject="Re: My order", text="Hello?", In_Reply_To="<m1@example.org>")
    )
    (contact,) = centre.contacts()
    assert texts(contact) == ["Where is it?", "Hello?"]
    assert became(centre) == [Became.CONTACT, Became.REPLY]


async def test_an_answer_taken_in_before_a_crash_is_not_again_though_the_contact_has_ended(centre):
    await centre.sign_in()
    await centre.mail(letter(1))
    contact = await centre.accept()
    settle = centre.store.settle
    centre.store.settle = lambda *_: asyncio.Event().wait()  # it dies between log and store
    await centre.mail(letter(2, subject="Re: My order", In_Reply_To="<m1@example.org>"))
    assert len(texts(contact)) == 2
    await centre.finish(contact)
    centre.store.settle = settle
    await centre.restart()
    assert centre.contacts() == []
    assert became(centre) == [Became.CONTACT, Became.REPLY]


async def test_two_who_write_about_the_same_have_a_contact_each(centre):
    await centre.mail(letter(1))
    await centre.mail(letter(2, sender="eve@example.net"))
    assert len(centre.contacts()) == 2


async def test_mails_that_come_together_are_put_where_they_would_be_one_by_one(centre):
    for number in range(15):
        thread, place = number % 3, number // 3
        said = {"subject": f"Re: Order {thread}", "text": f"{place}"}
        before = {"In_Reply_To": f"<m{number - 3}@example.org>"} if number >= 3 else {}
        centre.server.arrive(letter(number, sender=f"c{thread}@example.org", **said, **before))
    await centre.settle()
    assert len(centre.contacts()) == 3
    for contact in centre.contacts():
        assert texts(contact) == sorted(texts(contact), key=int)
        assert len(texts(contact)) == 5


def looked_at_together(centre, count):
    """The mails that come next are due at once, and it takes longest to look at the first."""
    waiting, outgoing_with, slow = centre.store.waiting, centre.store.outgoing_with, []

    async def all_or_none(by, limit):
        found = await waiting(by, limit)
        return found if len(found) >= count or slow else []

    async def the_first_slowly(message_id):
        slow.append(message_id)
        for _ in range(20 if len(slow) == 1 else 0):
            await asyncio.sleep(0)
        return await outgoing_with(message_id)

    centre.store.waiting, centre.store.outgoing_with = all_or_none, the_first_slowly


async def test_mails_at_once_that_only_the_store_knows_to_be_of_one_thread_keep_their_order(centre):
    await centre.sign_in()
    await centre.mail(letter(1))
    await centre.mail(letter(2, subject="Re: My order", In_Reply_To="<m1@example.org>"))
    await centre.finish(await centre.accept())
    looked_at_together(centre, 2)
    centre.server.arrive(letter(3, subject="One", text="First", In_Reply_To="<m1@example.org>"))
    centre.server.arrive(letter(4, subject="Two", text="Second", In_Reply_To="<m2@example.org>"))
    await centre.settle()
    (contact,) = centre.contacts()
    assert texts(contact) == ["First", "Second"]
    assert became(centre)[2:] == [Became.CONTACT, Became.REPLY]


async def test_a_fault_in_finding_out_whom_a_mail_meets_holds_up_none(centre):
    async def fails(*_):
        raise RuntimeError("a fault")

    looked_at_together(centre, 2)
    centre.channel._taking_in.meets = fails
    centre.server.arrive(letter(1))
    centre.server.arrive(letter(2, sender="eve@example.net"))
    await centre.settle()
    assert len(centre.contacts()) == 2


async def test_a_connection_that_breaks_again_and_again_brings_a_mail_each_time(centre):
    fetch, calls = centre.server.fetch, []

    async def breaks(uid, largest):
        calls.append(uid)
        if len(calls) % 3 == 0:
            raise Unreachable("The connection broke.")
        return await fetch(uid, largest)

    async def at_once(_):
        await asyncio.sleep(0)

    ((_, inbox),) = centre.channel.inboxes()
    centre.server.fetch, inbox._pause = breaks, at_once
    for number in range(1, 11):
        centre.server.arrive(letter(number, sender=f"c{number}@example.org"))
    await centre.settle()
    assert len(centre.contacts()) == 10
    assert set(centre.server.flags) == set(range(1, 11))


async def test_what_cannot_be_read_is_kept_apart_and_the_next_mail_flows(centre):
    await centre.mail(b"\x00" * 10)
    await centre.mail(("From: a@b.example\r\n" + "X: y\r\n" * 200_000 + "\r\n").encode())
    await centre.mail(letter())
    assert [one.attributes["subject"] for one in centre.contacts()][-1] == "My order"
    assert Became.UNREADABLE in became(centre)


async def test_a_mail_that_is_too_large_is_told_of_and_not_fetched():
    centre = MailCentre(replace(BOX, largest=2_000))
    await centre.start()
    await centre.mail(letter(text="x" * 5_000))
    (contact,) = centre.contacts()
    assert "too large" in texts(contact)[0]
    assert contact.attributes["subject"] == "My order"
    await centre.stop()


async def test_a_mail_without_a_way_in_waits_until_there_is_one():
    centre = MailCentre(replace(BOX, entry_point="nowhere"))
    await centre.start()
    await centre.mail(letter())
    assert centre.contacts() == []
    assert became(centre) == [Became.NEW]
    await centre.stop()
    centre.boxes = (BOX,)
    await centre.start()
    await centre.later(2 * MINUTE)
    assert len(centre.contacts()) == 1
    await centre.stop()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Return_Path": "<>"},
        {"From": f"Us <{SUPPORT}>"},
        {"X_Patchbay_Automatic": "1"},
    ],
)
async def test_what_a_machine_says_is_nobodys_work(centre, headers):
    await centre.mail(letter(**headers))
    assert centre.contacts() == []
    assert became(centre) == [Became.SET_ASIDE]


async def test_a_flood_from_one_sender_waits_its_turn_and_others_do_not(centre):
    for number in range(40):
        centre.server.arrive(letter(number, sender="bomber@example.net", subject=f"Boo {number}"))
    centre.server.arrive(letter(99))
    await centre.settle()
    addresses = [one.address for one in centre.contacts()]
    assert "maria@example.org" in addresses
    assert addresses.count("bomber@example.net") == 5
    assert len(centre.store._in) == 41
    for _ in range(40):
        await centre.later(HOUR)
    assert len(centre.contacts()) == 41


async def test_agents_are_given_a_flood_after_all_others(centre):
    for number in range(20):
        centre.server.arrive(letter(number, sender="bomber@example.net", subject=f"Boo {number}"))
    await centre.settle()
    await centre.later(2 * MINUTE)
    await centre.mail(letter(99))
    line = sorted(centre.contacts(), key=lambda one: one.waiting_since)
    assert [one.address for one in line] == ["maria@example.org"] + 6 * ["bomber@example.net"]


async def test_who_writes_through_the_form_of_a_site_is_a_sender_of_their_own(centre):
    for number in range(20):
        reply_to = f"visitor{number}@example.org"
        raw = letter(number, sender="form@example.net", subject=f"Q {number}", Reply_To=reply_to)
        centre.server.arrive(raw)
    await centre.settle()
    assert len(centre.contacts()) == 20


async def test_a_directory_that_is_away_holds_up_no_mail(centre):
    async def identify(channel, address):
        raise OSError("out of reach")

    centre.channel._directory.identify = identify
    await centre.mail(letter(1))
    await centre.mail(letter(2, subject="Another"))
    assert len(centre.contacts()) == 2


# -- out ------------------------------------------------------------------------------------------


async def answered(centre, **given):
    await centre.sign_in()
    await centre.mail(letter(1))
    contact = await centre.accept()
    return contact, await centre.reply(contact, **given)


async def test_while_nothing_can_be_kept_a_mail_stays_unread_and_it_is_told_why(centre):
    keep = centre.files.keep

    async def full(content):
        raise FilesUnavailable("The disk is full: free some space.")

    centre.files.keep = full
    await centre.mail(letter(1))
    assert centre.server.flags == {}
    assert centre.channel.problems() == [
        "The mailbox support cannot be read: The disk is full: free some space."
    ]
    centre.files.keep = keep
    await centre.restart()
    assert (len(centre.contacts()), centre.channel.problems()) == (1, [])
    assert centre.server.flags == {1: ["\\Seen"]}


async def test_an_answer_leaves_once_it_can_no_longer_be_taken_back(centre):
    contact, held = await answered(centre)
    assert held.state is Sending.HELD
    assert centre.server.sent == []
    await centre.later(BOX.undo)
    (message,) = centre.server.messages()
    assert message["To"] == "María Díaz <maria@example.org>"
    assert message["Subject"] == "Re: My order"
    assert message["In-Reply-To"] == "<m1@example.org>"
    assert message["References"] == "<m1@example.org>"
    assert message["Reply-To"].startswith("support+t-")
    assert "Ann" in message["From"]
    assert message.get_content().strip() == "Here you are."
    assert states(centre) == [Sending.SENT]
    live = centre.replica.state.contacts[contact.id]
    assert texts(live) == ["Where is it?", "Here you are."]
    assert became(centre) == [Became.CONTACT, Became.COPY]


async def test_long_message_ids_stand_in_an_answer_as_they_are(centre):
    long = f"{'m' * 180}@mail.very-long-name-of-a-provider.example.org"
    await centre.sign_in()
    await centre.mail(letter(1, Message_ID=f"<{long}>"))
    await centre.reply(await centre.accept())
    await centre.later(BOX.undo)
    ((_, _, raw),) = centre.server.sent
    assert f"\r\nIn-Reply-To: <{long}>\r\n".encode() in raw
    assert f"<{long}>".encode() in raw.partition(b"\r\nReferences: ")[2]


async def test_an_answer_that_is_taken_back_never_leaves(centre):
    _, held = await answered(centre)
    assert await centre.channel.replies.take_back(held)
    await centre.later(HOUR)
    assert centre.server.sent == []
    assert not await centre.channel.replies.take_back(held)


async def test_what_has_left_cannot_be_taken_back(centre):
    _, held = await answered(centre)
    await centre.later(BOX.undo)
    assert not await centre.channel.replies.take_back(held)


async def test_sent_twice_by_the_same_hand_leaves_once(centre):
    contact, _ = await answered(centre)
    await centre.reply(contact)
    await centre.later(BOX.undo)
    await centre.reply(contact)
    await centre.later(BOX.undo)
    assert len(centre.server.sent) == 1
    assert texts(centre.replica.state.contacts[contact.id]) == ["Where is it?", "Here you are."]


async def test_the_customers_answer_comes_to_who_wrote_last_for_a_while(centre):
    contact, _ = await answered(centre)
    await centre.later(BOX.undo)
    await centre.finish(contact)
    (ours,) = centre.server.messages()
    await centre.later(DAY)
    await centre.mail(
        letter(2, subject="AW: My order", text="Thanks, and now?", In_Reply_To=ours["Message-ID"])
    )
    second = next(one for one in centre.contacts() if one.id != contact.id)
    assert second.attributes["thread"] == contact.attributes["thread"]
    assert second.attributes["earlier"] == contact.id
    assert second.preferred == ("ann",)
    await centre.finish(await centre.accept())
    await centre.later(BOX.reopens_within + DAY)
    await centre.mail(letter(3, subject="AW: My order", text="?", In_Reply_To=ours["Message-ID"]))
    third = next(one for one in centre.contacts() if one.state is ContactState.OFFERED)
    assert third.preferred == ()


async def test_a_server_that_is_away_is_tried_again_and_the_answer_leaves_once(centre):
    centre.server.outcomes = [Delivery(outcome="later", reason="Greylisted.")] * 3
    await answered(centre)
    await centre.later(BOX.undo)
    assert states(centre) == [Sending.HELD]
    for _ in range(4):
        await centre.later(HOUR)
    assert states(centre) == [Sending.SENT]
    assert len(centre.server.sent) == 1


async def test_an_answer_that_is_refused_comes_back_to_its_author(centre):
    centre.server.outcomes = [Delivery(outcome="refused", reason="No such user.")]
    contact, _ = await answered(centre)
    await centre.later(BOX.undo)
    assert states(centre) == [Sending.FAILED]
    live = centre.replica.state.contacts[contact.id]
    assert live.messages[-1].author == "system"
    assert "No such user." in live.messages[-1].text


async def test_an_answer_that_is_refused_after_the_contact_is_a_contact_for_its_author(centre):
    centre.server.outcomes = [Delivery(outcome="refused", reason="No such user.")]
    contact, _ = await answered(centre)
    await centre.finish(contact)
    await centre.later(BOX.undo)
    (back,) = [one for one in centre.contacts() if one.id.startswith("mail-returned-")]
    assert back.preferred == ("ann",)
    assert back.attributes["thread"] == contact.attributes["thread"]


async def test_a_delivery_report_finds_the_mail_it_is_about(centre):
    contact, _ = await answered(centre)
    await centre.later(BOX.undo)
    (ours,) = centre.server.messages()
    report = (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\n"
        f"To: {SUPPORT}\r\nSubject: Undelivered\r\nMessage-ID: <b1@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"
        "\r\nFinal-Recipient: rfc822; maria@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822-headers\r\n\r\n"
        f"Message-ID: {ours['Message-ID']}\r\nSubject: Re: My order\r\n\r\n--b--\r\n"
    )
    await centre.mail(report.encode())
    assert states(centre) == [Sending.FAILED]
    assert "maria@example.org" in texts(centre.replica.state.contacts[contact.id])[-1]
    assert Became.REPORT in became(centre)


# -- nobody knows whether it left -----------------------------------------------------------------


async def test_the_copy_tells_that_a_mail_left_though_the_connection_broke(centre):
    centre.server.outcomes = [Delivery(outcome="unknown", reason="It broke.")]
    await answered(centre)
    await centre.later(BOX.undo)
    assert states(centre) == [Sending.SENT]
    await centre.later(2 * COPY_WITHIN)
    assert len(centre.server.sent) == 1


async def test_what_did_not_come_back_as_a_copy_is_sent_again(centre):
    centre.server.outcomes = [Delivery(outcome="unknown", reason="It broke.")]
    centre.server.swallows = True
    await answered(centre)
    await centre.later(BOX.undo)
    assert states(centre) == [Sending.UNKNOWN]
    await centre.later(COPY_WITHIN - SECOND)
    assert centre.server.sent == []
    await centre.later(2 * SECOND)
    await centre.later(SECOND)
    assert states(centre) == [Sending.SENT]
    assert len(centre.server.sent) == 1


async def test_a_mailbox_without_copies_leaves_it_to_its_author_to_say():
    centre = MailCentre(replace(BOX, confirm="ask"))
    await centre.start()
    centre.server.outcomes = [Delivery(outcome="unknown", reason="It broke.")]
    contact, held = await answered(centre)
    await centre.later(BOX.undo)
    await centre.later(DAY)
    assert states(centre) == [Sending.UNKNOWN]
    assert "not known" in texts(centre.replica.state.contacts[contact.id])[-1]
    assert await centre.channel.replies.send_again(await centre.store.outgoing(held.id))
    await centre.later(SECOND)
    assert states(centre) == [Sending.SENT]
    await centre.stop()


async def test_a_mail_whose_copy_was_refused_is_not_sent_again_by_itself(centre):
    centre.server.outcomes = [Delivery(outcome="unknown", reason="It broke.", copied=False)]
    centre.server.swallows = True
    contact, _ = await answered(centre)
    await centre.later(BOX.undo)
    await centre.later(DAY)
    assert states(centre) == [Sending.UNKNOWN]
    assert "not known" in texts(centre.replica.state.contacts[contact.id])[-1]


async def test_a_service_that_stopped_while_sending_asks_the_copy(centre):
    _, held = await answered(centre)
    sending = replace(held, state=Sending.SENDING)
    await centre.store.advance(sending, was=(Sending.HELD,))
    await centre.restart()
    assert states(centre) == [Sending.UNKNOWN]
    await centre.later(COPY_WITHIN + SECOND)
    await centre.later(SECOND)
    assert len(centre.server.sent) == 1


async def test_copies_of_ours_wait_for_no_turn_however_many_they_are(centre):
    for number in range(30):
        await centre.mail(letter(number, sender=f"c{number}@example.org"))
    await centre.sign_in()
    contacts = centre.contacts()
    for offer in list(centre.replica.state.offers.values()):
        await centre.do(Accept(id="", offer=offer.id))
    centre.server.outcomes = [Delivery(outcome="unknown", reason="It broke.")] * len(contacts)
    for contact in contacts:
        reply = Reply(id="r", text="Here you are.")
        await centre.channel.replies.send(contact, "ann", "Ann", reply)
    await centre.later(BOX.undo)
    await centre.later(SECOND)
    assert set(states(centre)) == {Sending.SENT}
    assert len(centre.server.sent) == 30


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"text": "  "},
        {"to": ("maria@example.org\r\nBcc: eve@example.net",)},
        {"to": ("nobody",)},
        {"to": tuple(f"a{n}@example.org" for n in range(60))},
        {"text": "x" * 200_000},
    ],
)
async def test_what_cannot_be_a_mail_is_refused_before_anything_is_written(centre, given):
    await centre.sign_in()
    await centre.mail(letter())
    contact = await centre.accept()
    with pytest.raises(CannotBeSent):
        await centre.reply(contact, **given)
    assert centre.store._out == {}
    assert texts(centre.replica.state.contacts[contact.id]) == ["Where is it?"]


async def test_a_subject_brings_no_header_along(centre):
    await answered(centre, subject="Hello\r\nBcc: eve@example.net")
    await centre.later(BOX.undo)
    (message,) = centre.server.messages()
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: eve@example.net"


async def test_a_contact_without_a_mail_cannot_be_answered(centre):
    await centre.sign_in()
    await centre.mail(letter())
    contact = await centre.accept()
    contact = type("Other", (), {"attributes": {}, "id": contact.id})()
    with pytest.raises(NoThread):
        await centre.reply(contact)


async def test_an_answer_to_a_contact_that_is_over_is_refused_and_does_not_leave(centre):
    await centre.sign_in()
    await centre.mail(letter())
    contact = await centre.accept()
    await centre.finish(contact)
    assert isinstance(await centre.reply(contact), Rejected)
    await centre.later(HOUR)
    assert centre.server.sent == []


# -- machines that answer -------------------------------------------------------------------------


async def test_who_begins_a_thread_is_thanked_once_by_a_mail_no_machine_answers():
    centre = MailCentre(replace(BOX, acknowledgement="Thank you, we will answer soon."))
    await centre.start()
    await centre.mail(letter(1))
    await centre.mail(letter(2, text="And?", In_Reply_To="<m1@example.org>"))
    ((sender, recipients, _),) = centre.server.sent
    assert (sender, recipients) == ("", ("maria@example.org",))
    (thanks,) = centre.server.messages()
    assert thanks["Auto-Submitted"] == "auto-replied"
    assert thanks["In-Reply-To"] == "<m1@example.org>"
    await centre.stop()


async def test_two_machines_that_thank_each_other_stop_after_one_mail_each():
    east = replace(BOX, acknowledgement="Thank you (east).")
    west = replace(BOX, id="west", address="west@example.net", acknowledgement="Thank you (west).")
    one, other = MailCentre(east), MailCentre(west)
    await one.start()
    await other.start()
    await one.mail(letter(1, sender="west@example.net"))
    passed_on = [0, 0]
    for _ in range(6):
        for this, (source, target, box) in enumerate(
            ((one, other, "west"), (other, one, "support"))
        ):
            for _, _, raw in source.server.sent[passed_on[this] :]:
                head, _, body = raw.partition(b"\r\n\r\n")
                bare = [  # a poor gateway, which drops what would have told
                    line
                    for line in head.split(b"\r\n")
                    if not line.lower().startswith((b"auto-", b"x-"))
                ]
                await target.mail(b"\r\n".join(bare) + b"\r\n\r\n" + body, box)
            passed_on[this] = len(source.server.sent)
        await one.later(SECOND)
        await other.later(SECOND)
    assert len(one.server.sent) <= 1
    assert len(other.server.sent) <= 1
    await one.stop()
    await other.stop()


async def test_a_sender_who_was_thanked_is_not_thanked_again_after_a_restart():
    centre = MailCentre(replace(BOX, acknowledgement="Thank you."))
    await centre.start()
    await centre.mail(letter(1))
    await centre.restart()
    await centre.mail(letter(2, subject="Something else"))
    assert len(centre.server.sent) == 1
    await centre.later(2 * HOUR)
    await centre.mail(letter(3, subject="A third thing"))
    assert len(centre.server.sent) == 2
    await centre.stop()


async def test_what_a_flow_says_to_a_mail_is_its_acknowledgement(centre):
    centre.channel._flows = Talkative()
    await centre.mail(letter(1))
    (contact,) = centre.contacts()
    entry = Entry(
        position=99,
        at=centre.clock.now(),
        cause="x",
        by="flow",
        events=(
            FlowAdvanced(contact=contact.id, sequence=9, turn=1, node="n", passed=(), session=b"s"),
        ),
    )
    await wholly(centre.channel.handle(entry))
    await wholly(centre.channel.handle(entry))
    await centre.settle()
    (thanks,) = centre.server.messages()
    assert thanks.get_content().strip() == "We have your mail."


class Talkative(NoFlows):
    def last_words(self, session):
        return (PromptLine(text="We have your mail."),)


async def test_a_mail_whose_mailbox_is_gone_waits_and_the_others_go_on(centre):
    centre.server.arrive(letter(1, sender="bomber@example.net"))
    centre.server.arrive(letter(2))
    boxes = centre.channel._taking_in._boxes
    real = centre.channel._taking_in._new_contact

    async def gone(incoming, mail, thread, joined):
        if mail.sender.address == "bomber@example.net":
            incoming = replace(incoming, mailbox="sold")
        return await real(incoming, mail, thread, joined)

    centre.channel._taking_in._new_contact = gone
    await centre.settle()
    assert [one.address for one in centre.contacts()] == ["maria@example.org"]
    (waiting,) = [one for one in centre.store._in.values() if one.became is Became.NEW]
    assert "no longer in the settings" in waiting.reason
    assert "sold" not in boxes


async def test_a_mail_with_which_something_of_ours_fails_holds_up_no_other(centre):
    centre.server.arrive(letter(1, sender="bomber@example.net"))
    centre.server.arrive(letter(2))
    real = centre.channel._taking_in.take

    async def fails(incoming):
        if incoming.mail.sender.address == "bomber@example.net":
            raise RuntimeError("a fault")
        return await real(incoming)

    centre.channel._taking_in.take = fails
    await centre.settle()
    assert [one.address for one in centre.contacts()] == ["maria@example.org"]
    centre.channel._taking_in.take = real
    await centre.later(2 * MINUTE)
    assert len(centre.contacts()) == 2
