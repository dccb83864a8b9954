"""Chats by mail over HTTP: who may ask for what, and what leaves the house."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from typing import Any

import pytest
from msgspec.structs import replace

from cti_adapters.email.ports import Sending
from router.core.commands import EndContact, PostMessage
from tests.integration.conftest import CHAT_SITE
from tests.integration.test_chat_files import Visitor, visitor_of
from tests.mail.in_memory import BOX

MARIA = "maria@example.org"


@pytest.fixture
def with_mailbox(centre):
    """One mailbox, whose servers are nowhere: what is to be sent waits."""
    mail = centre.patchbay.mail
    mail._boxes[BOX.id] = BOX

    yield centre
    mail._boxes.clear()


@pytest.fixture
async def visitor(with_mailbox) -> Visitor:
    await with_mailbox.ready("ann")
    made = await visitor_of(with_mailbox)
    await with_mailbox.accept(made.contact, "ann")
    return made


async def answered(centre, contact: str) -> None:
    said: Any = PostMessage(
        id=f"{contact}/said",
        contact=contact,
        message="ann:1",
        author="agent",
        agent="ann",
        text="Hi!",
    )
    await centre.patchbay.engine.submit(said)
    chat = centre.patchbay.chat.find(contact)
    async with asyncio.timeout(30):
        while all(line.author != "agent" for line in chat.thread.lines):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def ask(visitor: Visitor, address=MARIA, **headers):
    return await visitor.client.post(
        "/api/v1/chat/transcript", json={"address": address}, headers={**visitor.bearer, **headers}
    )


async def mails(centre):
    store = centre.patchbay.mail_store
    waiting = await store.in_state(Sending.HELD, 10)
    files = centre.patchbay.files
    return [
        message_from_bytes(await files.content(one.raw), policy=policy.default) for one in waiting
    ]


async def test_a_visitor_has_the_transcript_mailed_once(with_mailbox, visitor):
    early = await ask(visitor)
    assert (early.status_code, early.json()["error"]["code"]) == (409, "nobody_answered")
    assert early.headers["Access-Control-Allow-Origin"] == CHAT_SITE
    await answered(with_mailbox, visitor.contact)
    for _ in range(3):
        sent = await ask(visitor)
        assert (sent.status_code, sent.json()) == (200, {"address": MARIA})
    (mail,) = await mails(with_mailbox)
    assert mail["To"] == MARIA
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "You: Hello" in mail.get_content()


async def test_only_the_chats_own_visitor_and_only_from_its_site(with_mailbox, visitor):
    await answered(with_mailbox, visitor.contact)
    visitor.bearer = {"Authorization": "Bearer AAAA"}
    assert (await ask(visitor)).status_code == 404
    visitor.client = with_mailbox.client(origin="https://evil.example")
    assert (await ask(visitor)).status_code == 403
    asked = await visitor.client.options("/api/v1/chat/transcript")
    assert "Access-Control-Allow-Origin" not in asked.headers
    asked = await with_mailbox.client(origin=CHAT_SITE).options("/api/v1/chat/transcript")
    assert asked.headers["Access-Control-Allow-Origin"] == CHAT_SITE
    assert await mails(with_mailbox) == []


@pytest.mark.parametrize("address", ["no", "a@b.c\r\nBcc: x@y.z", "x" * 320])
async def test_a_bad_address_is_refused_in_a_sentence(with_mailbox, visitor, address):
    await answered(with_mailbox, visitor.contact)
    refused = await ask(visitor, address)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_address")
    assert (await ask(visitor, "x" * 321)).status_code == 422
    assert await mails(with_mailbox) == []


async def test_the_agent_goes_on_by_mail_also_while_writing_up(with_mailbox, visitor):
    agent = await with_mailbox.signed_in("agent")
    address = f"/api/v1/chat/contacts/{visitor.contact}/letters"
    live = with_mailbox.patchbay.replica.state.contacts[visitor.contact]
    live.attributes["email"] = MARIA
    offered = (await agent.get(address)).json()
    assert (offered["sender"], offered["to"]) == (BOX.address, [MARIA])
    await with_mailbox.patchbay.engine.submit(EndContact(id="over", contact=visitor.contact))
    live = with_mailbox.patchbay.replica.state.contacts[visitor.contact]
    live.attributes["email"] = MARIA
    body = {"to": MARIA, "text": "You had left."}
    key = {"Idempotency-Key": "one"}
    first = await agent.post(address, json=body, headers=key)
    again = await agent.post(address, json=body, headers=key)
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    (mail,) = await mails(with_mailbox)
    assert mail["To"] == f"Mei <{MARIA}>"
    assert "> " in mail.get_content()
    taken = await agent.delete(f"/api/v1/mail/outgoing/{first.json()['id']}")
    assert taken.json() == {"taken_back": True}
    bad = await agent.post(address, json={"to": "boss@elsewhere.test", "text": "x"})
    assert (bad.status_code, bad.json()["error"]["code"]) == (422, "mail_unusable")


async def test_nobody_writes_into_a_colleagues_chat(with_mailbox, visitor):
    await with_mailbox.call("call-1")
    address = f"/api/v1/chat/contacts/{visitor.contact}/letters"
    supervisor = await with_mailbox.signed_in("supervisor")
    assert (await supervisor.get(address)).status_code == 403
    agent = await with_mailbox.signed_in("agent")
    assert (await agent.get("/api/v1/chat/contacts/call-1/letters")).status_code == 403


async def test_without_a_mailbox_the_desk_has_nothing_to_offer(centre):
    await centre.ready("ann")
    visitor = await visitor_of(centre)
    await centre.accept(visitor.contact, "ann")
    agent = await centre.signed_in("agent")
    offered = (await agent.get(f"/api/v1/chat/contacts/{visitor.contact}/letters")).json()
    assert (offered["sender"], offered["to"]) == ("", [])


# -- questions ------------------------------------------------------------------------------------

LEFT = {
    "id": "question-0123456789",
    "entry_point": "website",
    "name": "Mei",
    "address": MARIA,
    "text": "When do you open?",
}


@pytest.fixture
def closed(centre):
    """Nobody is signed in, and the operator wants the form then."""
    questions = centre.patchbay.chat.questions
    questions._settings = replace(questions._settings, form_when="unstaffed")
    return centre


async def test_while_nobody_is_there_a_question_is_left_in_the_entry_points_queue(closed):
    client = closed.client(origin=CHAT_SITE)
    (point,) = (await client.get("/api/v1/chat/entry-points")).json()["entry_points"]
    assert (point["id"], point["open"]) == ("website", False)
    for _ in range(2):
        left = await client.post("/api/v1/chat/questions", json=LEFT)
        assert (left.status_code, left.json()) == (201, {"address": MARIA})
        assert left.headers["Access-Control-Allow-Origin"] == CHAT_SITE
    (contact,) = closed.patchbay.replica.state.contacts.values()
    assert (contact.channel, contact.address) == ("chat", MARIA)
    assert [one.text for one in contact.messages] == ["When do you open?"]


async def test_with_a_mailbox_it_waits_to_be_taken_in_as_a_mail(closed, with_mailbox):
    client = closed.client(origin=CHAT_SITE)
    assert (await client.post("/api/v1/chat/questions", json=LEFT)).status_code == 201
    (kept,) = await closed.patchbay.mail_store.waiting(2**62, 10)
    assert kept.form is not None
    assert kept.form.queue == closed.patchbay.replica.state.catalog.entry_points["website"].queue
    assert closed.patchbay.replica.state.contacts == {}


async def test_a_question_comes_from_the_sites_with_the_chat_only_and_must_be_one(closed):
    evil = closed.client(origin="https://evil.example")
    assert (await evil.post("/api/v1/chat/questions", json=LEFT)).status_code == 403
    client = closed.client(origin=CHAT_SITE)
    for wrong in ({"address": "no"}, {"id": "x"}, {"text": ""}, {"text": "x" * 9_000}, {"more": 1}):
        refused = await client.post("/api/v1/chat/questions", json={**LEFT, **wrong})
        assert refused.status_code == 422, wrong
    assert closed.patchbay.replica.state.contacts == {}


async def test_where_no_form_is_wanted_everything_is_open(centre):
    client = centre.client(origin=CHAT_SITE)
    (point,) = (await client.get("/api/v1/chat/entry-points")).json()["entry_points"]
    assert point["open"]
    refused = await client.post("/api/v1/chat/questions", json=LEFT)
    assert refused.json()["error"]["code"] == "unknown_entry_point"
