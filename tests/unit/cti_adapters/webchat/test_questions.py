"""Questions left in a form: kept once, in their queue, and few enough for people to read."""

import pytest
from msgspec.structs import replace

from cti_adapters.webchat.claims import Known
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.questions import Left
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from router.core.durations import MINUTE, SECOND
from router.core.model import ContactState
from tests.unit.cti_adapters.webchat.conftest import SECRET
from tests.unit.cti_adapters.webchat.fake_letters import FakeLetters

LEFT = Left(
    id="question-0123456789",
    entry_point="website",
    name="María",
    address="maria@example.org",
    text="When do you open?\nAnd on Sunday?",
    choice="sales",
    language="zh-CN",
)
SOURCE = "192.0.2.1"
NOBODY = None


@pytest.fixture
def settings():
    return ChatSettings(secret=SECRET, form_when="unstaffed")


@pytest.fixture
def leave(hub):
    async def do(left=LEFT, source=SOURCE, known=NOBODY):
        return await hub.questions.leave(left, source, known)

    return do


@pytest.fixture
def letters(hub):
    hub.questions.letters = FakeLetters()
    return hub.questions.letters


async def test_where_a_mailbox_writes_it_is_asked_there_once(leave, letters):
    for _ in range(2):
        assert await leave() == "maria@example.org"
    (question,) = letters.questions.values()
    assert (question.queue, question.address, question.name) == (
        "sales",
        "maria@example.org",
        "María",
    )
    assert question.text == "When do you open?\nAnd on Sunday?"
    assert question.attributes == {"name": "María", "language": "zh-CN"}
    assert question.subject.startswith("您的咨询")


async def test_without_one_it_is_a_message_that_waits_for_an_agent(centre, leave):
    for _ in range(2):
        await leave()
    (contact,) = centre.replica.state.contacts.values()
    assert (contact.channel, contact.queue, contact.state) == ("chat", "sales", ContactState.QUEUED)
    assert not contact.present
    assert contact.address == "maria@example.org"
    assert contact.attributes["came_from"] == "form"
    assert [one.text for one in contact.messages] == ["When do you open?\nAnd on Sunday?"]


async def test_nobody_takes_it_for_a_chat_whose_visitor_has_left(centre, hub, leave):
    await leave()
    (contact,) = centre.replica.state.contacts
    await hub.start()
    centre.pass_time(10 * MINUTE)
    await hub.sweep()
    await hub.stop()
    assert centre.contact(contact).state is ContactState.QUEUED


async def test_whom_the_site_vouches_for_is_answered_where_the_site_says(leave, letters):
    known = Known(
        site="https://shop.example", subject="4711", name="M. Díaz", address="real@example.org"
    )
    assert await leave(replace(LEFT, address="other@example.org"), known=known) == (
        "real@example.org"
    )
    (question,) = letters.questions.values()
    assert (question.verified, question.name) == ("4711", "M. Díaz")
    assert question.attributes["verified_by"] == "shop.example"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"address": ""}, "bad_address"),
        ({"address": "maria"}, "bad_address"),
        ({"address": "a@b.c\r\nBcc: x@y.z"}, "bad_address"),
        ({"text": " \n "}, "empty"),
        ({"text": "x" * 2_001}, "too_long"),
        ({"entry_point": "line"}, "unknown_entry_point"),
        ({"entry_point": "nowhere"}, "unknown_entry_point"),
        ({"id": "short"}, "refused"),
        ({"id": "a b" * 8}, "refused"),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_costs_nothing(leave, letters, changes, code):
    for _ in range(20):
        with pytest.raises(Refused, match=f"^{code}$"):
            await leave(replace(LEFT, **changes))
    assert letters.questions == {}
    await leave()


async def test_where_the_operator_wants_no_form_there_is_none(centre, leave):
    hub = ChatHub(centre, centre.intake, centre.replica, centre.clock, ChatSettings(secret=SECRET))
    with pytest.raises(Refused, match="unknown_entry_point"):
        await hub.questions.leave(LEFT, SOURCE, None)
    assert hub.questions.is_open(centre.replica.state.catalog.entry_points["website"])


async def test_another_question_under_the_same_id_is_another(leave, letters):
    """An id that somebody saw or guessed swallows nothing."""
    await leave()
    await leave(replace(LEFT, text="Something else"))
    assert len(letters.questions) == 2


async def test_a_flood_from_one_source_or_to_one_address_ends(centre, leave, letters):
    for number in range(5):
        await leave(replace(LEFT, text=f"{number}", address=f"m{number}@example.org"))
    with pytest.raises(Refused, match="too_many_questions"):
        await leave(replace(LEFT, text="6", address="m6@example.org"))
    for number in range(5):
        await leave(replace(LEFT, text=f"{number}"), source=f"192.0.2.{10 + number}")
    with pytest.raises(Refused, match="too_many_questions"):
        await leave(replace(LEFT, text="again"), source="192.0.2.99")
    centre.pass_time(10 * MINUTE)
    await leave(replace(LEFT, text="later"))


async def test_a_store_that_is_away_is_told_and_nothing_is_lost(leave, letters):
    letters.away = True
    with pytest.raises(Refused, match="overloaded"):
        await leave()
    letters.away = False
    await leave()
    assert len(letters.questions) == 1


async def test_the_form_follows_who_is_signed_in(centre, hub):
    entry = centre.replica.state.catalog.entry_points["website"]
    assert not hub.questions.is_open(entry)
    centre.ready("ann")
    centre.pass_time(3 * SECOND)
    assert hub.questions.is_open(entry)
    assert hub.questions.is_open(entry, "sales")


async def test_hostile_words_stay_text(leave, letters):
    await leave(replace(LEFT, name="A\r\nBcc: x@y.z\u202e", text="<script>\u0000</script>"))
    (question,) = letters.questions.values()
    assert question.name == "A Bcc: x@y.z"
    assert question.text == "<script></script>"
