"""What supervisors see and do, end to end through the engine."""

import asyncio

import pytest


async def test_waiting_contacts_are_listed_in_the_order_of_service(centre):
    for number in range(3):
        await centre.call(f"call-{number}", f"+44163296000{number}")
    client = await centre.signed_in("supervisor")
    await client.post("/api/v1/contacts/call-2/reprioritise", json={"boost_seconds": 600})
    listed = (await client.get("/api/v1/queues/help/contacts")).json()
    assert listed["total"] == 3
    assert [c["contact"] for c in listed["contacts"]] == ["call-2", "call-0", "call-1"]
    assert [c["position"] for c in listed["contacts"]] == [1, 2, 3]
    assert listed["contacts"][0]["boost"] == 600_000_000
    assert listed["contacts"][0]["asks_for"] == "english >= 1"


async def test_who_rings_at_a_desk_is_listed_until_answered(centre):
    await centre.ready("ann")
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    listed = (await client.get("/api/v1/queues/help/contacts")).json()
    assert [(c["contact"], c["state"]) for c in listed["contacts"]] == [("call-1", "offered")]


async def test_an_unknown_queue_is_404(centre):
    client = await centre.signed_in("supervisor")
    for what in ("contacts", "figures"):
        assert (await client.get(f"/api/v1/queues/nothing/{what}")).status_code == 404


async def test_a_queues_figures_are_counted_once_the_board_has_heard_of_them(centre):
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    async with asyncio.timeout(5):
        while True:
            found = (await client.get("/api/v1/queues/help/figures")).json()
            if found["today"]["offered"]:
                break
            await asyncio.sleep(0)
    assert found["recent"]["offered"] == 1
    assert found["today"]["answered_after"]["mean"] is None
    assert found["service_level_formula"].startswith("answered within the objective")


async def test_a_write_sent_twice_with_one_key_acts_once(centre):
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    headers = {"Idempotency-Key": "once"}
    body = {"queue": "ayuda"}
    first = await client.post("/api/v1/contacts/call-1/move", json=body, headers=headers)
    moved = centre.patchbay.replica.position
    again = await client.post("/api/v1/contacts/call-1/move", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert centre.patchbay.replica.position == moved


async def test_two_people_may_use_the_same_key(centre):
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    headers = {"Idempotency-Key": "mine"}
    await client.post("/api/v1/customers", json={"name": "A"}, headers=headers)
    other = await centre.signed_in("agent")
    made = await other.post("/api/v1/customers", json={"name": "B"}, headers=headers)
    assert made.json()["name"] == "B"


@pytest.mark.parametrize("key", ["", "a" * 101, "tab\there", "naïve"])
async def test_a_strange_key_is_refused(centre, key):
    client = await centre.signed_in("supervisor")
    response = await client.post(
        "/api/v1/contacts/x/end", headers={"Idempotency-Key": key.encode("utf-8")}
    )
    assert response.json()["error"]["code"] == "bad_idempotency_key"


async def test_the_cores_refusal_reaches_the_person_as_a_sentence(centre):
    await centre.ready("ann")
    client = await centre.signed_in("supervisor")
    response = await client.post("/api/v1/contacts/nobody/reassign", json={"agent": "ann"})
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_contact"


async def test_reassigning_offers_the_contact_to_that_agent_alone(centre):
    await centre.ready("ann")
    await centre.ready("ben")
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    response = await client.post("/api/v1/contacts/call-1/reassign", json={"agent": "ben"})
    assert response.status_code == 200
    assert list(centre.patchbay.replica.state.contacts["call-1"].offers) == ["ben"]


async def test_ending_a_waiting_contact_takes_it_out_of_the_queue(centre):
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    assert (await client.post("/api/v1/contacts/call-1/end")).status_code == 200
    assert "call-1" not in centre.patchbay.replica.state.contacts


async def test_a_supervisor_can_force_a_state_and_lend_a_skill(centre):
    await centre.ready("ben")
    client = await centre.signed_in("supervisor")
    body = {"state": "not_ready", "reason": "meeting"}
    forced = await client.post("/api/v1/agents/ben/state", json=body)
    body = {"skills": {"spanish": 4}, "for_seconds": 3600}
    lent = await client.post("/api/v1/agents/ben/skills", json=body)
    ben = centre.patchbay.replica.state.agents["ben"]
    assert (forced.status_code, lent.status_code) == (200, 200)
    assert (ben.state, ben.reason) == ("not_ready", "meeting")
    assert ben.traits.level("spanish") == 4
    assert ben.traits_until > 0


@pytest.mark.parametrize("level", [-1, 11, "3", 2.5, True])
async def test_a_skill_level_outside_its_range_is_refused(centre, level):
    client = await centre.signed_in("supervisor")
    response = await client.post("/api/v1/agents/ben/skills", json={"skills": {"english": level}})
    assert response.status_code == 422


async def test_the_agent_says_who_the_customer_is(centre):
    await centre.ready("ann")
    await centre.call("call-1", "+441632960777")
    await centre.accept("call-1", "ann")
    client = await centre.signed_in("agent")
    made = await client.post("/api/v1/customers", json={"name": "María Díaz", "tier": "gold"})
    customer = made.json()["id"]
    said = await client.post("/api/v1/contacts/call-1/customer", json={"customer": customer})
    contact = centre.patchbay.replica.state.contacts["call-1"]
    assert said.status_code == 200
    assert (contact.customer.name, contact.customer.tier) == ("María Díaz", "gold")
    taken_back = await client.post("/api/v1/contacts/call-1/customer", json={"customer": None})
    assert taken_back.status_code == 200
    assert centre.patchbay.replica.state.contacts["call-1"].customer is None


async def in_hand(centre, contact, address):
    await centre.ready("ann")
    await centre.call(contact, address)
    await centre.accept(contact, "ann")


async def said_to_be(client, contact, customer, **more):
    path = f"/api/v1/contacts/{contact}/customer"
    return await client.post(path, json={"customer": customer, **more})


async def test_the_address_is_remembered_when_the_agent_says_so_and_the_next_call_is_known(centre):
    await in_hand(centre, "call-1", "01632 960777")
    client = await centre.signed_in("agent")
    maria = (await client.post("/api/v1/customers", json={"name": "María Díaz"})).json()["id"]
    said = await said_to_be(client, "call-1", maria, remember=True)
    assert said.json()["remembered"] == {"kind": "phone", "value": "+441632960777"}
    again = await said_to_be(client, "call-1", maria, remember=True)
    assert again.json()["remembered"] is None  # she had it, so there is nothing to undo
    await centre.call("call-2", "+44 1632 960777")
    assert centre.patchbay.replica.state.contacts["call-2"].customer.id == maria


async def test_what_was_remembered_can_be_undone(centre):
    await in_hand(centre, "call-1", "+441632960777")
    client = await centre.signed_in("agent")
    maria = (await client.post("/api/v1/customers", json={"name": "María Díaz"})).json()["id"]
    remembered = (await said_to_be(client, "call-1", maria, remember=True)).json()["remembered"]
    undone = await client.post(f"/api/v1/customers/{maria}/identities/remove", json=remembered)
    assert undone.json()["identities"] == []
    await centre.call("call-2", "+441632960777")
    assert centre.patchbay.replica.state.contacts["call-2"].customer is None


async def test_nothing_is_remembered_unasked_or_of_a_withheld_number(centre):
    await in_hand(centre, "call-1", "anonymous")
    client = await centre.signed_in("agent")
    maria = (await client.post("/api/v1/customers", json={"name": "María Díaz"})).json()["id"]
    unasked = await said_to_be(client, "call-1", maria)
    withheld = await said_to_be(client, "call-1", maria, remember=True)
    assert (unasked.json()["remembered"], withheld.json()["remembered"]) == (None, None)
    assert (await client.get(f"/api/v1/customers/{maria}")).json()["identities"] == []


async def test_a_contact_that_has_moved_on_leaves_no_address_behind(centre):
    await centre.call("call-1", "+441632960777")
    agent, supervisor = await centre.signed_in("agent"), await centre.signed_in("supervisor")
    maria = (await agent.post("/api/v1/customers", json={"name": "María Díaz"})).json()["id"]
    await supervisor.post("/api/v1/contacts/call-1/end")
    refused = await said_to_be(supervisor, "call-1", maria, remember=True)
    theirs = await said_to_be(agent, "call-1", maria, remember=True)
    assert (refused.status_code, theirs.status_code) == (404, 403)
    assert (await agent.get(f"/api/v1/customers/{maria}")).json()["identities"] == []


async def test_explanations_and_timeline_are_there_for_the_supervisor(centre):
    await centre.ready("ann")
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    offer = centre.patchbay.replica.state.contacts["call-1"].offers["ann"]
    why_offer = await client.get(f"/api/v1/offers/{offer}/explanation")
    why_waiting = await client.get("/api/v1/contacts/call-1/explanation")
    assert (why_offer.status_code, why_waiting.status_code) == (200, 200)
    while True:
        timeline = (await client.get("/api/v1/contacts/call-1/timeline")).json()
        codes = [line["code"] for line in timeline.get("lines", [])]
        if "offered" in codes:
            break
    assert codes[0] == "contact_arrived"


async def test_without_the_simulated_channel_no_call_can_be_started(centre):
    client = await centre.signed_in("agent")
    response = await client.post("/api/v1/simulated/calls", json={})
    assert response.json()["error"]["code"] == "no_simulated_channel"


async def test_the_chat_form_learns_its_topics_and_nothing_internal(centre):
    response = await centre.client(origin="https://shop.example").get("/api/v1/chat/entry-points")
    assert response.json() == {
        "entry_points": [
            {
                "id": "website",
                "label": "Chat with us",
                "choices": [{"id": "es", "label": "En español", "open": True}],
                "open": True,
            }
        ]
    }
    assert response.headers["access-control-allow-origin"] == "https://shop.example"


async def test_a_site_that_may_not_carry_the_widget_cannot_read_its_topics(centre):
    response = await centre.client(origin="https://evil.example").get("/api/v1/chat/entry-points")
    assert "access-control-allow-origin" not in response.headers
