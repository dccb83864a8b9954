"""Mails that other channels write, and questions that were asked in a form."""

from email import message_from_bytes, policy

import pytest
from msgspec.structs import replace

from cti_adapters.email.outbox import Delivery
from cti_adapters.email.ports import Became, Sending, StoreUnavailable
from router.core.commands import Arrive
from router.core.durations import MINUTE, SECOND
from router.core.model import ContactState
from router.letters import Letter, LetterRefused, LettersUnavailable, NoLetters, Question
from tests.mail.in_memory import BOX, SUPPORT, letter
from tests.unit.cti_adapters.email.mail_centre import MailCentre

CHAT = "chat-0123456789abcdef0123456789abcdef"
SIGNED = replace(BOX, signature="Example Ltd", undo=5 * SECOND, acknowledgement="We have it.")
WRITTEN = Letter(
    id="k1",
    about=CHAT,
    origin="chat",
    queue="care",
    to="maria@example.org",
    name="María",
    subject="Your chat with us",
    text="You had left, so I write.",
    quoted="> [12:00] María: Hello?",
    agent="ann",
    agent_name="Ann",
)
TRANSCRIPT = replace(WRITTEN, id="transcript", agent="", agent_name="", knows="ann")
ASKED = Question(
    id="q-0123456789abcdef",
    queue="care",
    address="maria@example.org",
    name="María",
    subject="Question from the website",
    text="When do you open?",
    attributes={"name": "María"},
)


@pytest.fixture
async def centre():
    centre = MailCentre(SIGNED)
    await centre.start()
    yield centre
    await centre.stop()


def sent(centre):
    return [message_from_bytes(raw, policy=policy.default) for *_, raw in centre.server.sent]


async def test_a_letter_leaves_once_however_often_it_is_asked_for(centre):
    first = await centre.channel.letters.send(WRITTEN)
    again = await centre.channel.letters.send(replace(WRITTEN, text="Changed meanwhile"))
    assert (first, first.state) == (again, "held")
    await centre.later(6 * SECOND)
    await centre.restart()
    assert (await centre.channel.letters.send(WRITTEN)).state == "sent"
    await centre.later(MINUTE)
    (mail,) = sent(centre)
    body = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert body == ("You had left, so I write.\n\n-- \nExample Ltd\n\n> [12:00] María: Hello?\n")
    assert mail["To"] == "María <maria@example.org>"
    assert mail["From"] == f"Ann · Example <{SUPPORT}>"
    assert mail["Auto-Submitted"] is None
    assert [one.state for one in await centre.channel.letters.about(CHAT)] == ["sent"]


async def test_until_it_leaves_it_can_be_taken_back_like_any_mail(centre):
    stand = await centre.channel.letters.send(WRITTEN)
    outgoing = await centre.store.outgoing(stand.id)
    assert await centre.channel.replies.take_back(outgoing)
    await centre.later(MINUTE)
    assert sent(centre) == []


async def test_its_answer_comes_to_who_wrote_it_and_says_where_it_came_from(centre):
    await centre.channel.letters.send(WRITTEN)
    await centre.later(6 * SECOND)
    (mail,) = sent(centre)
    await centre.sign_in("ben")
    await centre.sign_in("ann")
    again = letter(2, subject="Hello", text="Thank you", In_Reply_To=mail["Message-ID"])
    await centre.mail(again)
    (contact,) = centre.contacts()
    assert list(contact.offers) == ["ann"]
    assert contact.attributes["came_from"] == "chat"
    assert contact.attributes["earlier"] == CHAT
    came, went = await centre.store.mails_of(contact.attributes["thread"], 10)
    assert len(came) == 1
    assert [one.agent for one in went] == ["ann", ""], "hers, and the acknowledgement"


async def test_while_the_chat_still_goes_on_its_answer_is_a_mail_all_the_same(centre):
    """And what did not arrive is told to its agent, not to the visitor."""
    await centre.do(Arrive(id="", contact=CHAT, channel="chat", entry_point="website"))
    await centre.channel.letters.send(WRITTEN)
    await centre.later(6 * SECOND)
    (mail,) = sent(centre)
    await centre.mail(letter(2, subject="Hello", In_Reply_To=mail["Message-ID"]))
    assert [one.channel for one in centre.contacts()] == ["chat", "email"]
    centre.server.outcomes = [Delivery(outcome="refused", reason="No such mailbox.")]
    await centre.channel.letters.send(replace(WRITTEN, id="k2"))
    await centre.later(6 * SECOND)
    chat, *mails = centre.contacts()
    assert chat.messages == []
    assert mails[-1].attributes["returned"] == "No such mailbox."
    assert mails[-1].preferred == ("ann",)


async def test_a_machines_letter_leaves_at_once_and_no_machine_is_to_answer_it(centre):
    await centre.channel.letters.send(TRANSCRIPT)
    await centre.settle()
    (mail,) = sent(centre)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert "Example Ltd" not in mail.get_body(("plain",)).get_content()
    (outgoing,) = centre.store._out.values()
    assert (outgoing.sender, outgoing.agent) == ("", "")
    assert (await centre.store.thread(outgoing.thread)).agent == "ann"


async def test_all_letters_about_a_contact_are_one_thread(centre):
    await centre.channel.letters.send(WRITTEN)
    await centre.channel.letters.send(replace(TRANSCRIPT, to="other@example.org", knows=""))
    first, second = centre.store._out.values()
    assert first.thread == second.thread
    thread = await centre.store.thread(first.thread)
    assert thread.participants == ("maria@example.org",)  # the other address may be anybody's
    assert thread.agent == "ann"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "maria",
        "a@b@c d",
        "maria@example.org\r\nBcc: x@y.z",
        "a,b@c.d",
        SUPPORT,
        "Support+x@example.com",
    ],
)
async def test_an_address_that_is_none_or_ours_gets_nothing(centre, address):
    with pytest.raises(LetterRefused):
        await centre.channel.letters.send(replace(WRITTEN, to=address))
    with pytest.raises(LetterRefused):
        await centre.channel.letters.ask(replace(ASKED, address=address))
    assert centre.store._out == {}
    assert centre.store._in == {}


async def test_nothing_that_was_written_ends_a_header(centre):
    hostile = "Hi\r\nBcc: everybody@example.net\r\n\r\nBody"
    await centre.channel.letters.send(replace(TRANSCRIPT, subject=hostile, name=hostile))
    await centre.settle()
    (mail,) = sent(centre)
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    await centre.channel.letters.ask(replace(ASKED, name=hostile, subject=hostile))


async def test_a_store_that_is_away_refuses_for_now(centre, monkeypatch):
    async def gone(*_):
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(centre.store, "outgoing", gone)
    monkeypatch.setattr(centre.store, "mails_of", gone)
    monkeypatch.setattr(centre.store, "keep", gone)
    for asked in (
        centre.channel.letters.send(WRITTEN),
        centre.channel.letters.about(CHAT),
        centre.channel.letters.ask(ASKED),
    ):
        with pytest.raises(LettersUnavailable):
            await asked


async def test_a_question_becomes_one_contact_in_its_queue_and_is_answered_by_mail(centre):
    await centre.channel.letters.ask(ASKED)
    await centre.channel.letters.ask(ASKED)
    await centre.settle()
    (contact,) = centre.contacts()
    assert (contact.channel, contact.queue, contact.state) == ("email", "care", ContactState.QUEUED)
    assert contact.address == "maria@example.org"
    assert contact.attributes["came_from"] == "form"
    assert contact.attributes["name"] == "María"
    assert [one.text for one in contact.messages] == ["When do you open?"]
    assert [one.became for one in centre.store._in.values()] == [Became.CONTACT]
    assert centre.store._out == {}, "who typed the address is unknown: nothing is sent by itself"
    await centre.sign_in()
    live = await centre.accept()
    await centre.reply(live, "At nine.")
    await centre.later(MINUTE)
    (mail,) = sent(centre)
    assert mail["To"] == "María <maria@example.org>"
    assert mail["Subject"] == "Re: Question from the website"
    assert [one.state for one in centre.store._out.values()] == [Sending.SENT]


async def test_two_questions_of_one_subject_are_two_threads(centre):
    """Anybody can type María's address: what they write must not stand in her thread."""
    await centre.channel.letters.ask(ASKED)
    await centre.settle()
    await centre.channel.letters.ask(replace(ASKED, id="q-fedcba9876543210", text="And on Sunday?"))
    await centre.settle()
    first, second = centre.contacts()
    assert first.attributes["thread"] != second.attributes["thread"]


async def test_a_question_survives_a_crash_once(centre):
    await centre.channel.letters.ask(ASKED)
    await centre.restart()
    (contact,) = centre.contacts()
    assert len(contact.messages) == 1


async def test_without_a_mailbox_there_is_no_sender():
    nobody = NoLetters()
    assert nobody.sender("care") == ""
    assert list(await nobody.about(CHAT)) == []
    with pytest.raises(LetterRefused):
        await nobody.send(WRITTEN)
    with pytest.raises(LetterRefused):
        await nobody.ask(ASKED)
