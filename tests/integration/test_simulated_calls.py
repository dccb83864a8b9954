"""Calls a person asks for: with an agent's own customers, and the real preferred routing."""

from __future__ import annotations

import pytest

from crm.customers import CustomerFields
from cti_adapters.simulated.settings import SimulationSettings
from router.customers import Identity
from server.building.played import Simulation

OWN, OTHER = "+442079460001", "+442079460002"


@pytest.fixture
def simulation() -> Simulation:
    settings = SimulationSettings(
        calls_per_minute=0, chats_per_minute=0, callers=(OTHER,), regulars={"ann": (OWN,)}
    )
    return Simulation(settings=settings, agents=())


async def test_an_agents_call_comes_to_them_though_somebody_else_is_idle_longer(centre):
    await centre.patchbay.customers.create(
        CustomerFields(name="María", account_manager="ann"), [Identity(kind="phone", value=OWN)]
    )
    await centre.ready("ben")
    await centre.ready("ann")
    client = await centre.signed_in("agent")
    started = (await client.post("/api/v1/simulated/calls", json={})).json()["contact"]
    contact = centre.patchbay.replica.state.contacts[started]
    assert contact.address == OWN
    assert list(contact.offers) == ["ann"]
    why = await client.get(f"/api/v1/offers/{contact.offers['ann']}/explanation")
    assert why.json()["why"]["reason"] == "preferred"


async def test_an_address_that_is_given_is_the_callers(centre):
    client = await centre.signed_in("agent")
    body = {"address": OTHER, "entry_point": "line"}
    started = (await client.post("/api/v1/simulated/calls", json=body)).json()["contact"]
    assert centre.patchbay.replica.state.contacts[started].address == OTHER


async def test_a_supervisor_may_start_one_by_anybody(centre):
    client = await centre.signed_in("supervisor")
    response = await client.post("/api/v1/simulated/calls", json={})
    assert response.status_code == 201
    assert response.json()["contact"] in centre.patchbay.replica.state.contacts


async def test_the_session_says_that_calls_can_be_asked_for(centre):
    session = await (await centre.signed_in("agent")).get("/api/v1/session")
    assert session.json()["simulated_calls"] is True
