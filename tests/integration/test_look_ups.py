"""Flows that ask other systems, in a running service: whatever these do, every contact goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from router.core.commands import Abandon
from router.core.model import ContactState
from router.ports import Accepted, Arrival
from server.bootstrap import running
from tests.integration.conftest import PEOPLE, Centre, settings_in
from tests.integration.foreign import CRUEL, Foreign

PATIENCE = 60  # seconds; the machine may be busy
CATALOG = """
skills: {english: English}
queues:
  found: {label: Found, steps: [{ask: {english: 1}}]}
  none: {label: Not found, steps: [{ask: {english: 1}}]}
  failed: {label: Failed, steps: [{ask: {english: 1}}]}
profiles:
  all: {label: Everything, queues: [found, none, failed], capacity: {voice: 1, chat: 3}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
entry_points:
  line: {label: Line, channel: voice, queue: failed, flow: main}
  website: {label: Chat with us, channel: chat, queue: failed, flow: main}
"""
FLOW = """
flow: main
languages: [en]
safe_queue: failed
start: account
nodes:
  account:
    kind: collect
    say: Your account?
    input: text
    into: account
    exits: {collected: pin, timeout: failed, invalid: failed}
  pin:
    kind: collect
    say: Your PIN?
    input: text
    into: pin
    secret: true
    exits: {collected: crm, timeout: failed, invalid: failed}
  crm:
    kind: look_up
    connector: crm
    parameters: {account: "{account}", pin: "{pin}"}
    take: {balance: balance, name: name}
    exits: {found: found, not_found: none, failed: failed}
  plain:
    kind: look_up
    connector: plain
    parameters: {account: "{account}"}
    take: {balance: balance}
    exits: {found: found, not_found: none, failed: failed}
  found: {kind: queue, queue: found}
  none: {kind: queue, queue: none}
  failed: {kind: queue, queue: failed}
"""
CONNECTORS = """
hosts: ["127.0.0.1:PORT"]
connectors:
  crm:
    label: Customers
    method: POST
    url: http://127.0.0.1:PORT/c/{account}
    parameters: {account: {}, pin: {}}
    body: {pin: "{pin}"}
    headers: {Authorization: {env: CRM_TOKEN, before: "Bearer "}}
    answer: {balance: /balance, name: /name}
    not_found: {at: /state, is: [closed]}
    failed: {at: /error}
    timeout: 1s
    at_once: 50
    allow_private: true
  plain:
    url: http://127.0.0.1:PORT/c/{account}
    parameters: {account: {}}
    answer: {balance: /balance}
    timeout: 30s
    allow_private: true
"""


@pytest.fixture
async def foreign():
    async with Foreign() as system:
        yield system


@pytest.fixture
def settings(tmp_path, foreign, monkeypatch):
    """A centre whose ``main`` flow asks ``foreign``."""
    monkeypatch.setenv("CRM_TOKEN", "s3cret-token")
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.yaml").write_text(FLOW)
    connectors = tmp_path / "connectors.yaml"
    connectors.write_text(CONNECTORS.replace("PORT", str(foreign.port)))
    made = settings_in(tmp_path, flows_path=flows, connectors_path=connectors)
    made.catalog_path.write_text(CATALOG)
    return made


@contextlib.asynccontextmanager
async def centre_of(settings):
    async with running(settings, 8080) as patchbay:
        now = patchbay.clock.now()
        known = {user.id for user in await patchbay.accounts.users()}
        for user in PEOPLE.values():
            if user.id not in known:
                await patchbay.accounts.add_user(user, "no password fits", now)
        yield Centre(patchbay, settings.data_directory / "static")


@pytest.fixture
async def centre(settings):
    async with centre_of(settings) as made:
        yield made


async def call(centre, account: str, contact: str = "") -> str:
    """A caller who has just answered, and whose look-up has begun."""
    flows, contact = centre.patchbay.flows, contact or f"call-{account}"
    arrival = Arrival(contact=contact, channel="voice", address="+100", entry_point="line")
    assert isinstance(await centre.patchbay.intake.receive(arrival), Accepted)
    for text in (account, "4711-pin"):
        await flows.answer(contact, flows.prompt(contact).turn, text)
    return contact


async def landed(centre, contact: str):
    """The contact, once its flow is over."""
    contacts = centre.patchbay.replica.state.contacts
    async with asyncio.timeout(PATIENCE):
        while contacts[contact].state is ContactState.IN_FLOW:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return contacts[contact]


async def test_each_answer_leads_out_by_its_exit_with_what_the_flow_takes(centre, foreign):
    found = await landed(centre, await call(centre, "good"))
    assert (found.state, found.queue) == (ContactState.QUEUED, "found")
    assert (found.attributes["balance"], found.attributes["name"]) == ("12.50", "Ann")
    for account in ("none", "closed"):
        assert (await landed(centre, await call(centre, account))).queue == "none"
    assert b"Bearer s3cret-token" in foreign.asked[0]
    assert b'{"pin": "4711-pin"}' in foreign.asked[0]


async def test_whatever_the_system_does_no_caller_is_lost_and_no_secret_written(
    centre, settings, caplog
):
    callers = [await call(centre, account) for account in CRUEL]
    ends = [await landed(centre, contact) for contact in callers]
    assert {(one.state, one.queue) for one in ends} == {(ContactState.QUEUED, "failed")}
    assert all("balance" not in one.attributes for one in ends)
    assert len(centre.patchbay.replica.state.contacts) == len(CRUEL)
    kept = b"".join(one.read_bytes() for one in settings.data_directory.glob("*.db*"))
    for secret in ("4711-pin", "s3cret-token"):
        assert secret.encode() not in kept
        assert secret not in caplog.text


async def test_when_the_system_hangs_again_and_again_callers_wait_for_it_no_more(centre, foreign):
    callers = [await call(centre, "hang", contact=f"k{number}") for number in range(5)]
    for contact in callers:
        await landed(centre, contact)
    arrived = foreign.arrived
    assert (await landed(centre, await call(centre, "good"))).queue == "failed"
    assert foreign.arrived == arrived


async def test_who_hangs_up_during_a_look_up_is_gone(centre, foreign):
    contact = await call(centre, "hang")
    await foreign.comes()
    await centre.do(Abandon(id="gone", contact=contact))
    foreign.released.set()
    assert (await landed(centre, await call(centre, "good"))).queue == "found"
    assert contact not in centre.patchbay.replica.state.contacts


async def test_a_restart_during_a_look_up_asks_again_and_loses_nobody(settings, foreign):
    document = FLOW.replace("collected: pin", "collected: plain")
    (settings.flows_path / "main.yaml").write_text(document)
    async with centre_of(settings) as centre:
        flows = centre.patchbay.flows
        arrival = Arrival(contact="k", channel="voice", address="+100", entry_point="line")
        await centre.patchbay.intake.receive(arrival)
        await flows.answer("k", flows.prompt("k").turn, "later")
        await foreign.comes()
        assert flows.prompt("k").kind == "wait"
    async with centre_of(settings) as centre:
        contact = await landed(centre, "k")
        assert (contact.queue, contact.attributes["balance"]) == ("found", "12.50")


async def test_a_restart_during_a_look_up_with_a_secret_fails_for_want_of_it(settings, foreign):
    async with centre_of(settings) as centre:
        contact = await call(centre, "later")
        await foreign.comes()
    async with centre_of(settings) as centre:
        assert (await landed(centre, contact)).queue == "failed"
    assert len(foreign.asked) == 1


async def test_a_chat_is_asked_and_looked_up_like_a_call(centre):
    visitor = centre.patchbay.chat.connect("127.0.0.1")
    start = {"type": "start_chat", "id": "s", "entry_point": "website", "name": "Eve", "text": "Hi"}
    await visitor.receive(json.dumps(start))
    contacts = centre.patchbay.replica.state.contacts
    flows = centre.patchbay.flows
    (contact,) = contacts
    for number, text in enumerate(("good", "4711-pin")):
        act = {"type": "answer_prompt", "id": f"a{number}", "text": text}
        await visitor.receive(json.dumps({**act, "turn": flows.prompt(contact).turn}))
    found = await landed(centre, contact)
    assert (found.channel, found.queue, found.attributes["balance"]) == ("chat", "found", "12.50")
    visitor.close()


async def test_admins_learn_which_connectors_there_are_and_what_they_need(centre):
    admin = await centre.signed_in("admin")
    known = (await admin.get("/api/v1/flows/known")).json()
    assert known["connectors"] == {"crm": "Customers", "plain": "plain"}
    exits = {"found": "end", "not_found": "end", "failed": "end"}
    ask = {"kind": "look_up", "connector": "crm", "take": {"x": "dept"}, "exits": exits}
    document = {
        "flow": "other",
        "safe_queue": "failed",
        "start": "ask",
        "nodes": {"ask": ask, "end": {"kind": "queue", "queue": "failed"}},
    }
    check = (await admin.post("/api/v1/flows/check", json={"document": document})).json()
    told = " ".join(one["what"] for one in check["problems"])
    assert "the connector needs the parameter 'account'" in told
    assert "the connector's answer has no field 'dept'" in told
    assert not check["ok"]


async def test_the_metrics_tell_how_look_ups_end(centre):
    await landed(centre, await call(centre, "good"))
    await landed(centre, await call(centre, "html"))
    told = centre.patchbay.services.metrics()
    text = told.decode() if isinstance(told, bytes) else str(told)
    assert 'patchbay_lookups_total{connector="crm",outcome="found"} 1.0' in text
    assert 'patchbay_lookups_total{connector="crm",outcome="unreadable"} 1.0' in text
    assert 'patchbay_lookup_seconds_count{connector="crm"} 2.0' in text
    assert 'patchbay_lookup_resting{connector="crm"} 0.0' in text
