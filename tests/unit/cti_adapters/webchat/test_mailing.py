"""Chats by mail: an agent's letters, and transcripts that go to nobody who is not to have them."""

import pytest
from msgspec.structs import replace

from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from router.core.commands import FinishWrapUp, PostMessage
from router.core.durations import DAY, SECOND
from router.core.model import CustomerRef
from router.letters import LetterRefused, LettersUnavailable
from router.limits import Rate
from tests.unit.cti_adapters.webchat.conftest import SECRET
from tests.unit.cti_adapters.webchat.fake_letters import FakeLetters

MARIA = "maria@example.org"
SOURCE = "192.0.2.1"


@pytest.fixture
def settings():
    plenty = Rate(burst=10_000, every=100)
    return ChatSettings(
        secret=SECRET, source_starts=plenty, mails_to_address=Rate(burst=3, every=DAY)
    )


@pytest.fixture
def letters(hub):
    hub.mailer.letters = FakeLetters()
    return hub.mailer.letters


def said(*, id, contact, message):  # noqa: A002 - as the command itself
    text = "Hi, how can I help?"
    return PostMessage(
        id=id, contact=contact, message=message, author="agent", agent="ann", text=text
    )


class Talk:
    """A chat that an agent has answered."""

    def __init__(self, centre, hub, tab):
        self.centre, self.hub, self.tab = centre, hub, tab

    @property
    def chat(self):
        return self.hub.find(self.tab.contact)

    @property
    def live(self):
        return self.centre.replica.state.contacts[self.tab.contact]

    async def transcript(self, typed="", source=SOURCE):
        return await self.hub.mailer.transcript(self.chat, typed, source)

    async def finish(self):
        """The visitor leaves and the agent is through with it."""
        contact = self.tab.contact
        await self.tab.send("leave_chat")
        self.centre.apply(FinishWrapUp(id=f"done-{contact}", contact=contact, agent="ann"))
        await self.centre.deliver()
        return contact

    async def write(self, ident="k1", to=MARIA, subject="", text="I write."):
        mailer = self.hub.mailer
        return await mailer.write(self.live, "ann", ident, to=to, subject=subject, text=text)


@pytest.fixture
async def talk(centre, hub, browser, letters):
    centre.ready("ann")

    async def begin(number=0, answered=True, **start):
        tab = browser()
        await tab.start(f"start-{number:020}", **start)
        if answered:
            centre.accept(tab.contact)
            centre.apply(said(id=f"said-{number}", contact=tab.contact, message=f"ann:{number}"))
        await tab.look()
        return Talk(centre, hub, tab)

    return begin


# -- agents ---------------------------------------------------------------------------------------


async def test_the_agent_goes_on_by_mail_with_the_chat_below(talk, letters):
    one = await talk(address=MARIA, language="zh-CN")
    found = await one.hub.mailer.offered(one.live)
    assert (found.sender, found.to, found.letters) == ("help@example.com", (MARIA,), ())
    await one.write()
    await one.write()
    (letter,) = letters.letters.values()
    assert (letter.to, letter.agent, letter.origin) == (MARIA, "ann", "chat")
    assert (letter.about, letter.queue) == (one.tab.contact, one.live.queue)
    assert "> " in letter.quoted
    assert "Hi, how can I help?" in letter.quoted
    assert letter.subject == found.subject
    assert "对话" in letter.subject
    await one.tab.look()
    assert one.tab.lines[-1] == f"已改用邮件继续：{MARIA}"
    assert len((await one.hub.mailer.offered(one.live)).letters) == 1


async def test_addresses_are_what_the_visitor_gave_the_flow_asked_and_the_record_has(talk, hub):
    one = await talk(address="handle")
    assert (await hub.mailer.offered(one.live)).to == ()

    async def of(customer):
        return ["old@example.org", MARIA, "not one", "x@y.z\r\nBcc: a@b.c"]

    hub.mailer.addresses_of = of
    one.live.attributes["email"] = MARIA
    one.live.customer = CustomerRef(id="c1", name="María")
    assert (await hub.mailer.offered(one.live)).to == (MARIA, "old@example.org")


async def test_the_agent_mails_no_one_else_and_nothing_empty(talk, letters):
    one = await talk(address=MARIA)
    for wrong in ({"to": "boss@elsewhere.test"}, {"to": ""}, {"text": " \n"}):
        with pytest.raises(LetterRefused):
            await one.write(**wrong)
    assert letters.letters == {}


async def test_without_a_mailbox_there_is_nothing_to_offer(talk, hub, letters):
    letters.mailbox = ""
    one = await talk(address=MARIA)
    assert await hub.mailer.offered(one.live) == replace(
        await hub.mailer.offered(one.live), sender="", to=()
    )
    assert one.tab.of("session")[-1]["mailing"] is None
    with pytest.raises(Refused, match="no_mail"):
        await one.transcript(MARIA)


# -- visitors -------------------------------------------------------------------------------------


async def test_a_transcript_goes_once_to_each_address_however_often_it_is_asked_for(talk, letters):
    one = await talk(address=MARIA)
    assert one.tab.of("session")[-1]["mailing"] == {"address": MARIA, "fixed": False}
    for typed in (MARIA, "Maria@Example.org", f" {MARIA} "):
        await one.transcript(typed)
    (letter,) = letters.letters.values()
    assert (letter.agent, letter.knows) == ("", "ann")
    assert "You: Hello" in letter.text
    assert "Hi, how can I help?" in letter.text
    assert "somebody typed your address" in letter.text


async def test_it_can_still_be_asked_for_when_the_chat_is_over_and_its_contact_gone(
    talk, centre, letters
):
    one = await talk()
    contact = await one.finish()
    assert contact not in centre.replica.state.contacts
    await one.transcript(MARIA)
    assert len(letters.letters) == 1


async def test_whom_the_site_vouches_for_gets_it_nowhere_else(talk, letters):
    one = await talk(address=MARIA, answered=False)
    one.live.attributes |= {"verified_by": "shop.example", "address_by": "shop.example"}
    assert one.hub.mailer.taken(one.chat).fixed
    with pytest.raises(Refused, match="other_address"):
        await one.transcript("victim@example.org")
    assert await one.transcript() == MARIA
    assert await one.transcript("MARIA@example.org") == MARIA


async def test_a_site_that_knows_who_it_is_does_not_vouch_for_what_they_type(talk, letters):
    one = await talk(address="victim@example.org", answered=False)
    one.live.attributes["verified_by"] = "shop.example"
    assert not one.hub.mailer.taken(one.chat).fixed
    with pytest.raises(Refused, match="nobody_answered"):
        await one.transcript("victim@example.org")
    assert not letters.letters


async def test_a_strangers_words_alone_are_mailed_to_nobody(talk, letters):
    """Else anybody could write anything to anybody in our name."""
    one = await talk(answered=False, text="Buy my pills")
    with pytest.raises(Refused, match="nobody_answered"):
        await one.transcript("victim@example.org")
    assert letters.letters == {}


@pytest.mark.parametrize(
    "typed",
    ["", "maria", "a@b, c@d", "x@y.z\r\nBcc: a@b.c", "a" * 400 + "@b.c", "<a@b.c>", "a b@c"],
)
async def test_what_is_no_address_is_refused(talk, letters, typed):
    one = await talk()
    with pytest.raises(Refused, match="bad_address"):
        await one.transcript(typed)


async def test_a_chat_mails_a_few_addresses_and_no_more(talk, letters):
    one = await talk()
    await one.transcript("a@example.org")
    await one.transcript("b@example.org")
    with pytest.raises(Refused, match="too_many_mails"):
        await one.transcript("c@example.org")
    assert await one.transcript("b@example.org") == "b@example.org"
    assert len(letters.letters) == 2


async def test_one_source_mails_a_few_times_and_then_waits(talk, letters, centre):
    for number in range(5):
        one = await talk(number)
        await one.transcript(f"m{number}@example.org")
        await one.finish()
    one = await talk(9)
    with pytest.raises(Refused, match="too_many_mails"):
        await one.transcript("m9@example.org")
    await one.transcript("m9@example.org", source="198.51.100.7")
    centre.pass_time(DAY)
    await (await talk(10)).transcript("m10@example.org")


async def test_one_address_is_not_flooded_from_many_sources(talk, letters):
    for number in range(3):
        one = await talk(number)
        await one.transcript(MARIA, source=f"192.0.2.{number}")
        await one.finish()
    one = await talk(9)
    with pytest.raises(Refused, match="too_many_mails"):
        await one.transcript(MARIA, source="198.51.100.7")


async def test_all_visitors_together_are_limited(centre, browser, talk, letters):
    few = ChatSettings(secret=SECRET, mails=Rate(burst=1, every=DAY))
    one = await talk()
    one.hub = ChatHub(centre, centre.intake, centre.replica, centre.clock, few)
    one.hub.mailer.letters = letters
    await one.transcript("a@example.org")
    with pytest.raises(Refused, match="too_many_mails"):
        await one.transcript("b@example.org", source="198.51.100.7")


async def test_nothing_is_used_up_when_it_cannot_be_written_down_and_it_goes_later(talk, letters):
    one = await talk()
    letters.away = True
    with pytest.raises(Refused, match="overloaded"):
        await one.transcript(MARIA)
    with pytest.raises(LettersUnavailable):
        await one.hub.mailer.offered(one.live)
    letters.away = False
    assert await one.transcript(MARIA) == MARIA


# -- who is away ----------------------------------------------------------------------------------


async def test_the_agent_hears_that_the_visitor_has_left_and_is_back(talk, hub, browser, centre):
    told = []
    hub.presence.on_away = lambda contact, away: told.append((contact, away))
    one = await talk()
    contact, token = one.tab.contact, one.tab.token
    one.tab.connection.close()
    await hub.sweep()
    assert told == [], "a reload is not leaving"
    centre.pass_time(11 * SECOND)
    await hub.sweep()
    await hub.sweep()
    assert told == [(contact, True)]
    assert hub.presence.is_away(contact)
    back = browser()
    await back.resume(token)
    assert told == [(contact, True), (contact, False)]
    assert not hub.presence.is_away(contact)


async def test_who_accepts_a_chat_hears_that_its_visitor_has_left_before(talk, hub, centre):
    one = await talk(answered=False)
    contact = one.tab.contact
    one.tab.connection.close()
    centre.pass_time(11 * SECOND)
    await hub.sweep()
    told = []
    hub.presence.on_away = lambda contact, away: told.append((contact, away))
    centre.accept(contact)
    await centre.deliver()
    assert told == [(contact, True)]


async def test_who_stays_away_has_left_for_good(talk, hub, centre):
    one = await talk()
    contact = one.tab.contact
    one.tab.connection.close()
    centre.pass_time(61 * SECOND)
    await hub.sweep()
    await centre.deliver()
    assert not hub.presence.is_away(contact), "the chat is over: that says more"
