"""An agent gets the account of their own softphone and nobody else's, and the desk may use it."""

from dataclasses import replace

import pytest

from cti_adapters.asterisk.phone_secrets import phone_password
from cti_adapters.asterisk.settings import PbxSettings, Softphone
from server.app import create_app
from server.phones import Phones

KEY = bytes(32)
WEBSOCKET = "wss://pbx.example:8089/ws"


@pytest.fixture
def phones(centre, tmp_path):
    """The centre, with softphones."""
    system = PbxSettings(softphone=Softphone(websocket=WEBSOCKET))
    services = replace(centre.patchbay.services, phones=Phones([system], KEY))
    centre.app = create_app(services, static=tmp_path / "static")
    return centre


async def test_agents_get_their_own_account(phones):
    response = await (await phones.signed_in("agent")).get("/api/v1/session/phone")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {
        "websocket": WEBSOCKET,
        "uri": "sip:ann@pbx.example",
        "username": "ann",
        "password": phone_password(KEY, "pbx", "ann"),
        "ice_servers": [],
    }


async def test_there_is_no_way_to_ask_for_another_agents(phones):
    client = await phones.signed_in("agent")
    asked = await client.get("/api/v1/session/phone", params={"agent": "ben", "user": "ben"})
    assert asked.json()["username"] == "ann"
    assert (await client.get("/api/v1/session/phone/ben")).status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_only_agents_have_one(phones, role):
    client = await phones.signed_in(role)
    assert (await client.get("/api/v1/session/phone")).status_code == 403
    assert (await client.get("/api/v1/session")).json()["softphone"] is False


async def test_the_session_says_whether_the_desk_is_a_telephone(phones):
    client = await phones.signed_in("agent")
    assert (await client.get("/api/v1/session")).json()["softphone"] is True


async def test_without_a_softphone_the_answer_says_what_to_do(centre):
    client = await centre.signed_in("agent")
    response = await client.get("/api/v1/session/phone")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "no_softphone"
    assert "ask your administrator" in response.json()["error"]["message"]
    assert (await client.get("/api/v1/session")).json()["softphone"] is False


async def test_the_desk_and_no_other_page_may_reach_the_telephone_system(phones):
    policies = {
        path: (await phones.client().get(path)).headers["content-security-policy"]
        for path in ("/desk", "/board", "/chat", "/login", "/api/v1/session")
    }
    assert "connect-src 'self' wss://pbx.example:8089;" in policies.pop("/desk")
    for policy in policies.values():
        assert "connect-src 'self';" in policy


async def test_the_desk_and_the_studio_and_no_other_page_may_use_the_microphone(phones):
    for path in ("/board", "/chat", "/login", "/api/v1/session", "/desk/x"):
        allowed = (await phones.client().get(path)).headers["permissions-policy"]
        assert "microphone=()" in allowed
    for path in ("/desk", "/studio"):
        allowed = (await phones.client().get(path)).headers["permissions-policy"]
        assert "microphone=(self)" in allowed
        assert "camera=()" in allowed


async def test_without_softphones_the_desk_may_not_either(centre):
    headers = (await centre.client().get("/desk")).headers
    assert "microphone=()" in headers["permissions-policy"]
    assert "connect-src 'self';" in headers["content-security-policy"]
