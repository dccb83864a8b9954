"""``webhook.channel``: what a service sends has one effect; what is written leaves in order."""

import asyncio
import contextlib

import pytest
from msgspec.structs import replace

from cti_adapters.webhook.ports import Sending, outgoing_id
from cti_adapters.webhook.posting import Delivery
from cti_adapters.webhook.receiving import Refused
from router.core.commands import EndContact, PublishCatalog
from router.core.durations import DAY, HOUR, MINUTE, SECOND
from router.core.model import TERMINAL
from router.ports import FlowPrompt, FlowRunner, PromptButton, PromptLine, Through
from tests.unit.cti_adapters.webhook.hook_centre import HookCentre, catalog
from tests.webhook.in_memory import signed

LATER = Delivery(outcome="later", reason="It is busy.")
REFUSED = Delivery(outcome="refused", reason="It is not wanted.")


@pytest.fixture
async def centre():
    made = HookCentre()
    await made.start()
    yield made
    await made.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def texts(contact, author="customer"):
    return [one.text for one in contact.messages if one.author == author]


async def test_messages_of_a_conversation_are_one_contact(centre):
    await centre.receive(id="1", text="Hello", name="Mei", language="zh")
    await centre.receive(id="2", text="Anybody?")
    await centre.receive(id="3", text="Other", **{"from": "+442"})
    first, second = centre.contacts()
    assert texts(first) == ["Hello", "Anybody?"]
    assert texts(second) == ["Other"]
    assert (first.address, first.channel) == ("+441", "webhook")
    assert first.attributes["service"] == "SMS"
    assert first.attributes["name"] == "Mei"


async def test_an_event_has_one_effect_however_often_it_comes(centre):
    assert (await centre.receive(id="1", text="Hello")).new == 1
    assert (await centre.receive(id="1", text="Hello")).new == 0
    await centre.restart()
    assert (await centre.receive(id="1", text="Hello")).new == 0
    (contact,) = centre.contacts()
    assert texts(contact) == ["Hello"]


async def test_events_wait_for_those_before_them(centre):
    await centre.receive(id="2", text="Two", at=1_700_000_002)
    assert centre.contacts() == []
    await centre.receive(id="1", text="One", at=1_700_000_001)
    await centre.later(SECOND)
    (contact,) = centre.contacts()
    assert texts(contact) == ["One", "Two"]


async def test_an_end_that_is_older_than_the_newest_message_ends_nothing(centre):
    await centre.receive(id="2", text="Back again", at=1_700_000_009)
    await centre.later(SECOND)
    await centre.receive(type="stop", id="1", at=1_700_000_001)
    await centre.later(SECOND)
    assert len(centre.contacts()) == 1
    await centre.receive(type="stop", id="3", at=1_700_000_010)
    await centre.later(SECOND)
    assert centre.contacts() == []


async def test_the_text_is_kept_in_the_thread_alone(centre):
    await centre.receive(id="1", text="My secret")
    assert all("secret" not in repr(one) for one in centre.store._in.values())


async def test_what_is_written_leaves_in_order_under_one_id(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    centre.service.outcomes = [LATER, LATER]
    await centre.say(contact, "One")
    await centre.say(contact, "Two")
    assert centre.service.taken == []
    for _ in range(4):
        await centre.later(10 * SECOND)
    assert centre.service.taken == [("+441", "One"), ("+441", "Two")]
    assert len(set(centre.service.tries)) == 2


async def test_what_was_written_before_a_restart_leaves_after_it(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    centre.service.outcomes = [LATER]
    await centre.say(contact, "One")
    await centre.restart()
    await centre.later(MINUTE)
    assert centre.service.taken == [("+441", "One")]


async def test_what_was_said_before_a_crash_is_not_said_again_though_the_contact_has_ended(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    settle = centre.store.settle
    centre.store.settle = lambda *_: asyncio.Event().wait()  # it dies between log and store
    await centre.receive(id="2", text="Anybody?")
    assert texts(contact) == ["Hello", "Anybody?"]
    await centre.do(EndContact(id="", contact=contact.id, ended_by="agent"))
    centre.store.settle = settle
    await centre.restart()
    assert centre.contacts() == []
    await centre.receive(id="3", text="Another matter")
    assert [texts(one) for one in centre.contacts()] == [["Another matter"]]


async def test_the_journal_is_read_from_where_everything_was_written_down(centre):
    """The service stopped after an agent's line was durable and before the channel heard of it."""
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    centre.follower.cancel()
    await asyncio.gather(centre.follower, return_exceptions=True)
    await centre.say(contact, "One")
    centre.follower = asyncio.create_task(asyncio.sleep(0))
    await centre.do(EndContact(id="", contact=contact.id, ended_by="agent"))
    assert centre.service.tries == []
    await centre.restart()
    assert centre.service.taken == [("+441", "One")]


async def test_what_is_given_up_is_told_to_the_agent_and_goes_again_when_asked(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    centre.service.outcomes = [REFUSED]
    await centre.say(contact, "One")
    (told,) = texts(contact, "system")
    assert told == "Not delivered: “One”. It is not wanted."
    assert centre.service.taken == []
    (dead,) = await centre.store.dead(9)
    assert await centre.channel.outbox.replay(dead)
    await centre.settle()
    assert centre.service.taken == [("+441", "One")]
    assert not await centre.channel.outbox.replay(dead)
    assert not await centre.channel.outbox.discard(dead)


async def test_retries_end_with_age(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    centre.service.outcomes = [LATER] * 1_000
    await centre.say(contact, "One")
    for _ in range(30):
        await centre.later(HOUR)
    (dead,) = await centre.store.dead(9)
    assert dead.reason == "It is busy."
    assert len(centre.service.tries) < 40


async def test_news_of_a_message_is_noted(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    await centre.say(contact, "One")
    name = outgoing_id(contact.id, contact.messages[-1].id)
    await centre.receive(type="delivered", id="d1", message=name)
    assert (await centre.store.outgoing(name)).state is Sending.DELIVERED
    await centre.receive(type="read", id="d2", message=name)
    assert (await centre.store.outgoing(name)).state is Sending.READ
    await centre.receive(type="delivered", id="d3", message=name)
    assert (await centre.store.outgoing(name)).state is Sending.READ


async def test_news_of_a_message_of_nobody_is_given_up_after_a_while(centre):
    await centre.receive(type="undelivered", id="d1", message="none", reason="No such number")
    await centre.later(MINUTE)
    await centre.later(MINUTE)
    assert await centre.store.next_due("sms") is None


async def test_a_message_that_the_service_cannot_deliver_is_dead(centre):
    await centre.receive(id="1", text="Hello")
    contact = await centre.accept()
    await centre.say(contact, "One")
    name = outgoing_id(contact.id, contact.messages[-1].id)
    await centre.receive(type="undelivered", id="d1", message=name, reason="No such number")
    (dead,) = await centre.store.dead(9)
    assert "No such number" in dead.reason
    assert "No such number" in texts(contact, "system")[0]


async def test_who_answered_is_preferred_for_a_time(centre):
    for number, (wait, preferred) in enumerate([(DAY, ("ann",)), (8 * DAY, ())]):
        await centre.receive(id=f"a{number}", text="Hello")
        contact = await centre.accept()
        await centre.say(contact, "Hi")
        await centre.do(EndContact(id="", contact=contact.id, ended_by="agent"))
        centre.clock.advance(wait)
        await centre.receive(id=f"b{number}", text="Again")
        again = centre.contacts()[-1]
        assert again.preferred == preferred
        await centre.receive(type="stop", id=f"s{number}")


async def test_a_flood_is_told_to_come_later_and_others_are_not():
    centre = HookCentre()
    await centre.start()
    try:
        for number in range(100):
            await centre.channel.door.receive("sms", *_signed(centre, f"f{number}"))
        with pytest.raises(Refused) as refused:
            await centre.channel.door.receive("sms", *_signed(centre, "more"))
        assert refused.value.code == "too_fast"
        for number in range(3_000):  # more than the hook may have at once
            with contextlib.suppress(Refused):
                await centre.channel.door.receive("sms", *_signed(centre, f"g{number}"))
        await centre.receive(id="o", text="Hello", **{"from": "+442"})
        assert {one.address for one in centre.contacts()} == {"+441", "+442"}
    finally:
        await centre.stop()


async def test_a_hook_takes_no_more_than_may_wait_and_all_it_took_is_taken_in(monkeypatch):
    monkeypatch.setattr("cti_adapters.webhook.backlog.MOST", 3)
    centre = HookCentre()
    await centre.start(entry_points=False)  # nothing can be taken in
    try:
        for number in range(3):
            await centre.receive(id=f"e{number}", text="x")
        with pytest.raises(Refused) as refused:
            await centre.receive(id="more", text="x")
        assert refused.value.code == "backlog_full"
        await centre.do(PublishCatalog(id="", catalog=replace(catalog(), version=2), replaces=1))
        await centre.later(MINUTE)
        assert (await centre.receive(id="more", text="y")).new == 1
        (contact,) = centre.contacts()
        assert texts(contact) == ["x", "x", "x", "y"]
    finally:
        await centre.stop()


async def test_what_is_refused_for_the_backlog_uses_nothing_up(monkeypatch):
    monkeypatch.setattr("cti_adapters.webhook.backlog.MOST", 0)
    centre = HookCentre()
    await centre.start()
    try:
        for number in range(200):  # more than a conversation may send
            with pytest.raises(Refused):
                await centre.channel.door.receive("sms", *_signed(centre, f"f{number}"))
        monkeypatch.setattr("cti_adapters.webhook.backlog.MOST", 1)
        assert (await centre.receive(id="1", text="Hello")).new == 1
    finally:
        await centre.stop()


async def test_conversations_of_live_contacts_are_not_forgotten(centre):
    await centre.receive(id="1", text="Hello")
    await centre.receive(id="2", text="Hello", **{"from": "+442"})
    await centre.receive(type="stop", id="3", **{"from": "+442"})
    await centre.later(40 * DAY)
    assert not await centre.channel.prune(centre.clock.now() - 30 * DAY, 200)
    live = [one for one in centre.contacts() if one.state not in TERMINAL]
    assert [one.address for one in centre.store._conversations.values()] == ["+441"]
    assert [one.address for one in live] == ["+441"]


def _signed(centre, name):
    said = {"type": "message", "id": name, "from": "+441", "text": "x"}
    body, headers = signed(said, centre.clock.now())
    return headers, body


async def test_what_has_no_way_in_waits_for_one():
    centre = HookCentre()
    await centre.start(entry_points=False)
    try:
        await centre.receive(id="1", text="Hello")
        assert centre.contacts() == []
        (waiting,) = centre.store._in.values()
        assert not waiting.done
        assert waiting.reason
    finally:
        await centre.stop()


MENU = FlowPrompt(
    turn=1,
    kind="choice",
    say=(PromptLine(text="What is it about?"),),
    buttons=(PromptButton(key="1", text="Billing"), PromptButton(key="2", text="Faults")),
)


class Asking(FlowRunner):
    """A flow of one question."""

    def __init__(self):
        self.answers = []
        self.now = MENU

    def prompt(self, contact):
        return self.now

    def last_words(self, session):
        return ()

    async def answer(self, contact, turn, text):
        self.answers.append((turn, text))
        self.now = None

    async def silence(self, contact, turn): ...

    async def heard(self, contact, turn): ...


async def test_a_flow_asks_in_one_message_and_hears_the_next_one():
    flows = Asking()
    centre = HookCentre(
        flows=flows, flow=lambda *_: Through(flow="f", alias="live", safe_queue="care")
    )
    await centre.start()
    try:
        await centre.receive(id="1", text="Hello")
        (contact,) = centre.contacts()
        assert centre.channel._stage.said(MENU) == ["What is it about?\n1: Billing\n2: Faults"]
        await centre.receive(id="2", text="faults")
        assert flows.answers == [(1, "2")]
        assert texts(contact) == ["Hello", "Faults"]
    finally:
        await centre.stop()
