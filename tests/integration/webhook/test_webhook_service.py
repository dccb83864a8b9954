"""A whole Patchbay between a real SMS service over HTTP and an agent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

import httpx
import pytest

from router.core.commands import EndContact, FinishWrapUp, PostMessage
from server.bootstrap import running
from tests.integration.conftest import CATALOG, PEOPLE, Centre, settings_in
from tests.webhook.sms_service import SECRET, TOKEN, SmsService, signed

SMS_CATALOG = CATALOG.replace("chat: 3}", "chat: 3, webhook: 9}").replace(
    "entry_points:", "entry_points:\n  sms: {label: SMS, channel: webhook, queue: help}"
)
MARIA, JOSE = "+441632960001", "+441632960002"
PATIENCE = 60.0  # seconds until something that must happen has


async def until(true, what):
    async with asyncio.timeout(PATIENCE):
        while not (found := true()):  # noqa: ASYNC110 - others tell nobody
            await asyncio.sleep(0.02)
        return found


def hooks_file(port, give_up="24h"):
    return f"""
hooks:
  sms:
    label: SMS
    entry_point: sms
    incoming:
      signature:
        header: X-Signature
        prefix: "sha256="
        timestamp_header: X-Timestamp
        secret_env: SMS_SECRET
        previous_secret_env: SMS_SECRET_BEFORE
      order_within: 5s
      handshake: {{challenge: hub.challenge, token: hub.verify_token, token_env: SMS_SECRET}}
      events:
        - event: message
          when: {{at: /type, is: [message]}}
          fields: {{id: /id, conversation: /from, address: /from, text: /text, at: /at}}
        - event: ended
          when: {{at: /type, is: [stop]}}
          fields: {{id: /id, conversation: /from}}
        - event: delivered
          when: {{at: /type, is: [delivered]}}
          fields: {{id: /id, about: /message}}
    outgoing:
      url: http://127.0.0.1:{port}/messages
      allow_private: true
      headers: {{Authorization: {{env: SMS_TOKEN, before: "Bearer "}}}}
      body: {{to: "{{address}}", text: "{{text}}", reference: "{{id}}"}}
      answer_id: /id
      timeout: 2s
      give_up_after: {give_up}
"""


@pytest.fixture
def give_up():
    return "24h"


@pytest.fixture
async def sms():
    async with SmsService() as service:
        yield service


@pytest.fixture
def begun(tmp_path, sms, give_up, monkeypatch):
    """A service over the same directory each time it is entered."""
    monkeypatch.setenv("SMS_SECRET", SECRET)
    monkeypatch.setenv("SMS_SECRET_BEFORE", "the-secret-before-this-one")
    monkeypatch.setenv("SMS_TOKEN", TOKEN)
    (tmp_path / "webhooks.yaml").write_text(hooks_file(sms.port, give_up))
    settings = settings_in(tmp_path, webhooks_path=tmp_path / "webhooks.yaml")
    (tmp_path / "catalog.yaml").write_text(SMS_CATALOG, encoding="utf-8")
    return lambda: running(settings, 8080)


@pytest.fixture
async def centre(begun, tmp_path, sms):
    async with begun() as patchbay:
        for user in PEOPLE.values():
            await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
        sms.hook = "/api/v1/hooks/sms"
        yield Centre(patchbay, tmp_path / "static")


@pytest.fixture
async def outside(centre):
    """A service sends no Origin and no cookie."""
    async with centre.client(origin=None) as client:
        yield client


def contacts(centre, address=MARIA):
    live = centre.patchbay.replica.state.contacts.values()
    return [one for one in live if one.address == address]


async def contact_of(centre, address=MARIA):
    (found,) = await until(lambda: contacts(centre, address), f"a contact of {address}")
    return found


async def in_hand(centre, address=MARIA):
    contact = await contact_of(centre, address)
    await until(lambda: contact.offers, "an offer")
    await centre.accept(contact.id, "ann")
    return contact


async def says(centre, contact, text):
    number = centre.next_id()
    await centre.do(
        PostMessage(
            id=number, contact=contact.id, message=number, author="agent", agent="ann", text=text
        )
    )


def heard(contact):
    return [one.text for one in contact.messages if one.author == "customer"]


async def test_a_message_is_answered_in_its_conversation_and_signed_for(centre, outside, sms):
    await centre.ready("ann")
    taken = await sms.send(outside, sms.message(MARIA, "Where is my order?"))
    assert (taken.status_code, taken.json()) == (200, {"events": 1, "new": 1})
    contact = await in_hand(centre)
    assert (contact.channel, contact.attributes["service"]) == ("webhook", "SMS")
    await says(centre, contact, "On its\nway — “soon”.")
    await sms.send(outside, sms.message(MARIA, "Thank you!"))
    await until(lambda: sms.texts(MARIA), "the answer")
    await until(lambda: len(heard(contact)) == 2, "the second message")
    assert sms.texts(MARIA) == ["On its\nway — “soon”."]
    assert heard(contact) == ["Where is my order?", "Thank you!"]
    assert f"Authorization: Bearer {TOKEN}".encode() in sms.requests[0]
    await sms.send(outside, {"type": "stop", "id": "s1", "from": MARIA})
    await until(lambda: contact.ended_by == "customer", "the end")


async def test_what_is_not_signed_as_agreed_is_refused(centre, outside, sms):
    body = json.dumps(sms.message(MARIA, "Hello")).encode()
    cases = [
        {},
        signed(body, "another secret of somebody"),
        signed(body + b" "),
        signed(body, at=int(time.time()) - 3_600),
        signed(body, at=int(time.time()) + 3_600),
        signed(body) | {"X-Timestamp": "yesterday"},
        signed(body) | {"X-Timestamp": str(int(time.time()) - 1)},
        signed(body) | {"X-Signature": "sha256="},
    ]
    for headers in cases:
        refused = await outside.post(sms.hook, content=body, headers=headers)
        assert refused.status_code == 401, headers
        assert SECRET not in refused.text
    rotated = signed(body, "the-secret-before-this-one")
    assert (await outside.post(sms.hook, content=body, headers=rotated)).status_code == 200
    nobody = await outside.post("/api/v1/hooks/other", content=body, headers=signed(body))
    assert nobody.status_code == 404


async def test_the_same_event_a_hundred_times_at_once_has_one_effect(centre, outside, sms):
    said = sms.message(MARIA, "Hello")
    answers = await asyncio.gather(*(sms.send(outside, said) for _ in range(100)))
    assert {one.status_code for one in answers} == {200}
    assert sum(one.json()["new"] for one in answers) == 1
    contact = await contact_of(centre)
    await until(lambda: heard(contact), "its words")
    await sms.send(outside, said)
    await asyncio.sleep(0.5)
    assert heard(contact) == ["Hello"]
    assert len(contacts(centre)) == 1


async def test_messages_that_come_out_of_order_stand_in_theirs(centre, outside, sms):
    now = int(time.time() * 1_000)
    said = [sms.message(MARIA, f"Line {n}", at=now + n) for n in range(6)]
    await asyncio.gather(*(sms.send(outside, one) for one in reversed(said)))
    contact = await contact_of(centre)
    await until(lambda: len(heard(contact)) == 6, "all lines")
    assert heard(contact) == [f"Line {n}" for n in range(6)]


HOSTILE = {
    "nothing": b"",
    "not utf-8": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "two keys": b'{"type":"message","id":"1","from":"+44","text":"a","text":"b"}',
    "huge number": b'{"type":"message","id":' + b"9" * 50_000 + b',"from":"+44","text":"a"}',
    "infinite": b'{"type":"message","id":Infinity,"from":"+44","text":"a"}',
    "object for a text": b'{"type":"message","id":"1","from":{"a":1},"text":"a"}',
    "no conversation": b'{"type":"message","id":"1","text":"a"}',
    "no text": b'{"type":"message","id":"1","from":"+44"}',
    "endless id": b'{"type":"message","id":"' + b"x" * 9_999 + b'","from":"+44","text":"a"}',
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_json_is_refused_in_words(centre, outside, sms, name):
    body = HOSTILE[name]
    refused = await outside.post(sms.hook, content=body, headers=signed(body))
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].endswith(".")
    assert not centre.patchbay.replica.state.contacts


async def test_large_bodies_are_refused_and_what_nobody_asked_for_is_passed_over(
    centre, outside, sms
):
    body = json.dumps(sms.message(MARIA, "x" * 1_000_000)).encode()
    assert (await outside.post(sms.hook, content=body, headers=signed(body))).status_code == 413
    other = await sms.send(outside, {"type": "typing", "from": MARIA})
    assert (other.status_code, other.json()) == (200, {"events": 0, "new": 0})


async def test_a_service_that_asks_first_is_answered(centre, outside, sms):
    query = {"hub.challenge": "4711", "hub.verify_token": SECRET}
    confirmed = await outside.get(sms.hook, params=query)
    assert (confirmed.status_code, confirmed.text) == (200, "4711")
    assert confirmed.headers["content-type"].startswith("text/plain")
    wrong = await outside.get(sms.hook, params=query | {"hub.verify_token": "x"})
    assert wrong.status_code == 401
    script = await outside.get(sms.hook, params=query | {"hub.challenge": "<script>"})
    assert script.status_code == 400


@pytest.mark.parametrize("how", ["hang", "die", "redirect", 500, 429])
async def test_a_service_that_fails_gets_it_later_in_order_and_holds_up_nobody(
    centre, outside, sms, how
):
    await centre.ready("ann")
    for sender in (MARIA, JOSE):
        await sms.send(outside, sms.message(sender, "Hello"))
    maria, jose = await in_hand(centre, MARIA), await in_hand(centre, JOSE)
    final = how == "redirect"
    sms.behaviour[MARIA] = [how]
    for number in range(3):
        await says(centre, maria, f"Line {number}")
        await says(centre, jose, f"Line {number}")
    await until(lambda: len(sms.texts(JOSE)) == 3, "the other's lines")
    wanted = ["Line 1", "Line 2"] if final else ["Line 0", "Line 1", "Line 2"]
    await until(lambda: sms.texts(MARIA) == wanted, "her lines")
    assert sms.texts(JOSE) == ["Line 0", "Line 1", "Line 2"]
    if how == "hang":
        assert [to for to, _, _ in sms.arrived[:3]] == [JOSE] * 3
    if how == "die":  # it had it: the reference says that it is the same
        assert len([to for to, _ in sms.tried if to == MARIA]) == 4


async def test_what_is_given_up_is_told_listed_and_sent_again_by_an_admin(centre, outside, sms):
    await centre.ready("ann")
    await sms.send(outside, sms.message(MARIA, "Hello"))
    contact = await in_hand(centre)
    sms.behaviour[MARIA] = [400, 400]
    await says(centre, contact, "One")
    await says(centre, contact, "Two")
    told = await until(
        lambda: [x.text for x in contact.messages if "Not delivered" in x.text][1:], "the news"
    )
    assert "status 400" in told[0]
    async with await centre.signed_in("admin") as admin:
        dead = (await admin.get("/api/v1/hooks/dead")).json()["messages"]
        assert [(one["text"], one["hook"]) for one in dead] == [("Two", "sms"), ("One", "sms")]
        one, two = (f"/api/v1/hooks/dead/{dead[place]['id']}" for place in (1, 0))
        assert (await admin.post(f"{one}/replay")).status_code == 204
        assert (await admin.post(f"{two}/discard")).status_code == 204
        await until(lambda: sms.texts(MARIA) == ["One"], "the replay")
        assert (await admin.post(f"{two}/replay")).status_code == 409
        assert (await admin.get("/api/v1/hooks/dead")).json()["messages"] == []
    metrics = centre.patchbay.services.metrics()[0].decode()
    assert 'patchbay_webhook_deliveries_total{hook="sms",outcome="refused"} 2.0' in metrics
    assert 'patchbay_webhook_events_total{hook="sms",outcome="new"} 1.0' in metrics


async def test_the_same_agent_is_asked_first_when_the_customer_writes_again(centre, outside, sms):
    await centre.ready("ann")
    await sms.send(outside, sms.message(MARIA, "Hello"))
    first = await in_hand(centre)
    await says(centre, first, "Hi")
    await until(lambda: sms.texts(MARIA), "the answer")
    await centre.do(EndContact(id="e", contact=first.id, ended_by="agent"))
    await centre.do(FinishWrapUp(id="w", contact=first.id, agent="ann"))
    await sms.send(outside, sms.message(MARIA, "One more thing"))
    second = await contact_of(centre)
    assert second.id != first.id
    assert second.preferred == ("ann",)
    assert second.attributes["earlier"] == first.id


async def test_nothing_is_lost_or_doubled_over_a_restart(begun, tmp_path, sms):
    sms.hook, sms.behaviour[MARIA] = "/api/v1/hooks/sms", [500]
    async with begun() as patchbay:
        centre = Centre(patchbay, tmp_path / "static")
        await centre.ready("ann")
        async with centre.client(origin=None) as outside:
            await sms.send(outside, sms.message(MARIA, "Hello"))
            contact = await in_hand(centre)
            last = sms.message(MARIA, "Are you there?", at=int(time.time() * 1_000))
            await sms.send(outside, last)  # kept, and not yet taken in
            await says(centre, contact, "Yes")
            await until(lambda: sms.tried, "the first try")
    async with begun() as patchbay:
        centre = Centre(patchbay, tmp_path / "static")
        (contact,) = contacts(centre)
        await until(lambda: len(heard(contact)) == 2, "what was kept")
        await until(lambda: sms.texts(MARIA), "the second try")
        async with centre.client(origin=None) as outside:
            assert (await sms.send(outside, last)).json() == {"events": 1, "new": 0}
        await asyncio.sleep(0.5)
        assert heard(contact) == ["Hello", "Are you there?"]
        assert sms.texts(MARIA) == ["Yes"]
        assert len({reference for _, reference in sms.tried}) == 1


async def test_a_flood_in_one_conversation_leaves_anothers_latency_alone(centre, outside, sms):
    async def flood():
        said = [sms.message(MARIA, f"Spam {n}") for n in range(400)]
        answers = await asyncio.gather(*(sms.send(outside, one) for one in said))
        return [one.status_code for one in answers]

    flooding = asyncio.create_task(flood())
    await asyncio.sleep(0.1)
    assert (await sms.send(outside, sms.message(JOSE, "Hello"))).status_code == 200
    await contact_of(centre, JOSE)
    statuses = await flooding
    assert {200, 429} == set(statuses)
    contact = await contact_of(centre, MARIA)
    await until(lambda: len(heard(contact)) == statuses.count(200), "what was taken")


async def test_a_client_that_stops_midway_hurts_nobody(centre, outside, sms):
    async def half():
        yield b'{"type":'
        raise httpx.ReadError("gone")

    with contextlib.suppress(httpx.HTTPError):  # unless it was refused before it stopped
        await outside.post(sms.hook, content=half(), headers=signed(b"{}"))
    assert (await sms.send(outside, sms.message(MARIA, "Hello"))).status_code == 200
