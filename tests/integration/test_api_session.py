"""Signing in: who gets in, who does not, and what foreign pages can do (nothing)."""

import pytest
from argon2 import PasswordHasher

from server.guard import COOKIE
from server.passwords import Passwords
from server.roles import Role

PASSWORD = "correct horse battery"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def ann(centre):
    """A client and a user ``ann`` whose password fits."""
    patchbay = centre.patchbay
    patchbay.services.sign_in._passwords = QUICK
    await patchbay.accounts.set_password("ann", QUICK.hash(PASSWORD), patchbay.clock.now())
    return centre.client()


async def sign_in(client, user="ann", password=PASSWORD):
    return await client.post("/api/v1/session", json={"user": user, "password": password})


async def test_the_right_password_opens_a_session_in_a_cookie_scripts_cannot_read(ann):
    response = await sign_in(ann)
    cookie = response.headers["set-cookie"]
    assert response.json() == {
        "user": "ann",
        "name": "Ann",
        "roles": ["agent"],
        "agent": "ann",
        "simulated_calls": False,
        "softphone": False,
    }
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert (await ann.get("/api/v1/session")).json()["user"] == "ann"


async def test_over_https_the_cookie_is_secure(centre, ann):
    services = centre.patchbay.services
    services.origins.allowed = services.origins.allowed | {"https://centre.example"}
    response = await ann.post(
        "/api/v1/session",
        json={"user": "ann", "password": PASSWORD},
        headers={"Origin": "https://centre.example"},
    )
    assert "Secure" in response.headers["set-cookie"]


@pytest.mark.parametrize(("user", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("x", "x")])
async def test_wrong_user_and_wrong_password_get_the_very_same_answer(ann, user, password):
    response = await sign_in(ann, user, password)
    assert response.status_code == 401
    assert response.json()["error"]["message"] == "The user or the password is wrong."
    assert "set-cookie" not in response.headers


async def test_an_unknown_user_costs_a_hash_like_a_known_one(centre, ann, monkeypatch):
    verified = []
    passwords = centre.patchbay.services.sign_in._passwords
    monkeypatch.setattr(passwords, "verify", lambda stored, given: verified.append(stored))
    await sign_in(ann, "nobody", "x")
    await sign_in(ann, "ann", "x")
    assert len(verified) == 2


async def test_guessing_is_slowed_down_even_with_the_right_password(ann):
    answers = [(await sign_in(ann, password=f"guess {n}")).status_code for n in range(7)]
    blocked = await sign_in(ann)
    assert answers[0] == 401
    assert answers[-1] == 429
    assert blocked.status_code == 429
    assert int(blocked.headers["retry-after"]) >= 1


async def test_guessing_users_from_one_address_is_slowed_down_too(ann):
    answers = {(await sign_in(ann, f"user{n}", "x")).status_code for n in range(40)}
    assert 429 in answers


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:9999"])
async def test_a_foreign_null_or_missing_origin_cannot_write(centre, ann, origin):
    await sign_in(ann)
    client = centre.client(cookie=ann.cookies[COOKIE], origin=origin)
    response = await client.delete("/api/v1/session")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_origin")
    assert (await ann.get("/api/v1/session")).status_code == 200


async def test_signing_out_ends_the_session_on_the_server(centre, ann):
    await sign_in(ann)
    token = ann.cookies[COOKIE]
    assert (await ann.delete("/api/v1/session")).status_code == 204
    assert (await centre.client(cookie=token).get("/api/v1/session")).status_code == 401


async def test_signing_out_takes_the_agent_out_of_the_line_unless_another_session_is_open(centre):
    await centre.ready("ann")
    first, second = await centre.signed_in("agent"), await centre.signed_in("agent")
    agent = centre.patchbay.replica.state.agents["ann"]
    await first.delete("/api/v1/session")
    assert agent.state == "ready"
    await second.delete("/api/v1/session")
    assert agent.state == "signed_out"


@pytest.mark.parametrize("change", ["password", "roles"])
async def test_a_new_password_or_role_ends_every_session(centre, ann, change):
    await sign_in(ann)
    accounts, now = centre.patchbay.accounts, centre.patchbay.clock.now()
    if change == "password":
        await accounts.set_password("ann", "other", now)
    else:
        await accounts.set_roles("ann", frozenset({Role.SUPERVISOR}), now)
    assert (await ann.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a" * 5_000, "' OR 1=1 --", "é"])
async def test_a_made_up_token_is_nobody(centre, token):
    headers = {"Cookie": f"{COOKIE}={token}".encode()}
    response = await centre.client().get("/api/v1/session", headers=headers)
    assert response.status_code == 401


async def test_an_expired_session_is_nobody(centre):
    now = centre.patchbay.clock.now()
    token = await centre.patchbay.accounts.open_session("ann", now - 10_000_000, 5_000_000)
    assert (await centre.client(cookie=token).get("/api/v1/session")).status_code == 401


async def test_a_copy_of_the_database_holds_no_token(centre, ann):
    await sign_in(ann)
    token = ann.cookies[COOKIE]
    folder = centre.patchbay.settings.data_directory
    for file in folder.glob("patchbay.db*"):
        assert token.encode() not in file.read_bytes()
        assert PASSWORD.encode() not in file.read_bytes()
