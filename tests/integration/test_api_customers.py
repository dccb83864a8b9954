"""Customers over HTTP: found, made, changed by one person at a time, and noted about."""

import pytest

from crm import past
from crm.past import EndedContact
from router.core.model import Message

MARIA = {
    "name": "María Díaz",
    "tier": "gold",
    "value": 3200,
    "identities": [{"kind": "phone", "value": "01632 960001"}],
}


async def made(client, **changes):
    return await client.post("/api/v1/customers", json=MARIA | changes)


async def test_a_new_customer_is_found_by_name_and_by_number(centre):
    client = await centre.signed_in("agent")
    record = (await made(client)).json()
    assert record["identities"] == [{"kind": "phone", "value": "+441632960001"}]
    for typed in ("María", "maria", "+44 1632 960001", "960001"):
        found = (await client.get("/api/v1/customers", params={"search": typed})).json()
        assert [one["customer"]["id"] for one in found["customers"]] == [record["id"]], typed


async def test_creating_twice_with_one_key_makes_one_customer(centre):
    client = await centre.signed_in("agent")
    headers = {"Idempotency-Key": "k"}
    first = await client.post("/api/v1/customers", json=MARIA, headers=headers)
    again = await client.post("/api/v1/customers", json=MARIA, headers=headers)
    found = (await client.get("/api/v1/customers", params={"search": "María"})).json()
    assert first.json()["id"] == again.json()["id"]
    assert len(found["customers"]) == 1


async def test_a_change_needs_the_version_that_was_seen(centre):
    client = await centre.signed_in("agent")
    record = (await made(client)).json()
    path = f"/api/v1/customers/{record['id']}"
    unseen = await client.patch(path, json={"tier": "silver"})
    changed = await client.patch(path, json={"tier": "silver"}, headers={"If-Match": '"1"'})
    stale = await client.patch(path, json={"tier": "platinum"}, headers={"If-Match": '"1"'})
    assert unseen.status_code == 428
    assert (changed.status_code, changed.json()["tier"]) == (200, "silver")
    assert changed.headers["etag"] == '"2"'
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "version_conflict")


async def test_an_address_is_linked_and_taken_away_in_its_stored_form(centre):
    client = await centre.signed_in("agent")
    path = f"/api/v1/customers/{(await made(client, identities=[])).json()['id']}/identities"
    body = {"kind": "phone", "value": "01632 960001"}
    linked = await client.post(path, json=body)
    again = await client.post(path, json=body)
    assert linked.json()["identities"] == [{"kind": "phone", "value": "+441632960001"}]
    assert (linked.headers["etag"], again.headers["etag"]) == ('"2"', '"2"')
    removed = await client.post(f"{path}/remove", json=body)
    again = await client.post(f"{path}/remove", json=body)
    assert removed.json()["identities"] == again.json()["identities"] == []


@pytest.mark.parametrize("remove", ["", "/remove"])
async def test_what_is_no_address_is_refused_in_a_sentence(centre, remove):
    client = await centre.signed_in("agent")
    record = (await made(client)).json()
    path = f"/api/v1/customers/{record['id']}/identities{remove}"
    response = await client.post(path, json={"kind": "phone", "value": "twelve"})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_customer")
    nobody = f"/api/v1/customers/nobody/identities{remove}"
    assert (await client.post(nobody, json=MARIA["identities"][0])).status_code == 404


async def test_a_note_is_kept_with_its_author(centre):
    client = await centre.signed_in("agent")
    record = (await made(client)).json()
    await client.post(f"/api/v1/customers/{record['id']}/notes", json={"text": "Called back"})
    notes = (await client.get(f"/api/v1/customers/{record['id']}")).json()["notes"]
    assert [(note["text"], note["by"]) for note in notes] == [("Called back", "ann")]


async def test_an_unknown_customer_is_404_everywhere(centre):
    client = await centre.signed_in("agent")
    shown = await client.get("/api/v1/customers/nobody")
    patched = await client.patch(
        "/api/v1/customers/nobody", json={"name": "x"}, headers={"If-Match": '"1"'}
    )
    noted = await client.post("/api/v1/customers/nobody/notes", json={"text": "x"})
    assert {shown.status_code, patched.status_code, noted.status_code} == {404}


async def test_what_was_written_in_a_past_chat_can_be_read_with_its_customer(centre):
    client = await centre.signed_in("agent")
    ann, other = [(await made(client, name=name)).json()["id"] for name in ("Ann", "Other")]
    line = Message(id="m1", author="customer", text="<b>你好</b>", at=5)
    ended = EndedContact(
        contact="chat-1", channel="chat", arrived_at=1, ended_at=9, customer=ann, transcript=(line,)
    )
    await centre.patchbay.stores.database.change(lambda it: past.store(it, [ended]))
    shown = await client.get(f"/api/v1/customers/{ann}/contacts/chat-1/transcript")
    assert shown.json() == {
        "messages": [
            {"id": "m1", "author": "customer", "text": line.text, "at": 5, "agent": "", "files": []}
        ]
    }
    for path in (f"{other}/contacts/chat-1", f"{ann}/contacts/chat-2", "none/contacts/chat-1"):
        assert (await client.get(f"/api/v1/customers/{path}/transcript")).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 10_000},
        {"name": None},
        {"tier": "<script>"},
        {"value": -1},
        {"value": "many"},
        {"identities": [{"kind": "phone", "value": "not a number"}]},
        {"identities": [{"kind": "carrier pigeon", "value": "x"}]},
        {"attributes": {"a": 1}},
        {"is_admin": True},
    ],
)
async def test_a_customer_that_cannot_be_is_refused_in_a_sentence(centre, changes):
    client = await centre.signed_in("agent")
    response = await made(client, **changes)
    assert response.status_code == 422
    assert response.json()["error"]["message"].endswith(".")


@pytest.mark.parametrize("typed", ["' OR 1=1 --", "%", "_", "\\", "a%' UNION SELECT", "💥" * 60])
async def test_hostile_search_text_finds_nobody_and_breaks_nothing(centre, typed):
    client = await centre.signed_in("agent")
    await made(client)
    response = await client.get("/api/v1/customers", params={"search": typed})
    assert response.status_code == 200
    assert response.json()["customers"] == []


async def test_html_in_a_name_stays_text(centre):
    client = await centre.signed_in("agent")
    name = '<img src=x onerror="alert(1)">'
    response = await made(client, name=name)
    assert response.json()["name"] == name
    assert response.headers["content-type"] == "application/json"
