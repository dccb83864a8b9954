"""``server.tenants.dispatcher``: a connection is for the tenant whose host it names, or nobody."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse

from server.tenants.dispatcher import Dispatcher, host_of

ACME, GLOBEX = PlainTextResponse("acme"), PlainTextResponse("globex")
DOORS = {"acme.test": ("acme", ACME), "[::1]": ("globex", GLOBEX)}


def scope(*hosts: bytes) -> dict[str, object]:
    return {"type": "http", "headers": [(b"host", one) for one in hosts], "server": ("x", 80)}


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        (b"acme.test", "acme.test"),
        (b"ACME.Test:8080", "acme.test"),
        (b"[::1]", "[::1]"),
        (b"[::1]:8080", "[::1]"),
        (b"acme.test:", ""),
        (b"acme.test:80x", ""),
        (b"acme.test:999999", ""),
        (b"acme.test:80:80", "acme.test:80"),
        (b"acme.test.", "acme.test."),
        (b" acme.test", " acme.test"),
        ("ácme.test".encode(), ""),
        (b"", ""),
    ],
)
def test_a_host_is_read_without_its_port_and_nothing_is_guessed(given_: bytes, found: str) -> None:
    assert host_of(scope(given_)) == found


def test_two_hosts_are_none() -> None:
    assert host_of(scope(b"acme.test", b"acme.test")) == ""
    assert host_of(scope()) == ""


@given(st.binary(max_size=300))
def test_whatever_is_sent_names_a_known_host_exactly_or_none(sent: bytes) -> None:
    name = host_of(scope(sent))
    if name in DOORS:
        assert sent.lower() == name.encode() or sent.lower().startswith(f"{name}:".encode())


async def asked(dispatcher: Dispatcher, host: str) -> httpx.Response:
    transport = httpx.ASGITransport(dispatcher)
    async with httpx.AsyncClient(transport=transport, base_url="http://x:8080") as client:
        return await client.get("/", headers={"Host": host})


async def test_each_host_leads_to_its_tenant() -> None:
    dispatcher = Dispatcher(DOORS)
    assert (await asked(dispatcher, "acme.test")).text == "acme"
    assert (await asked(dispatcher, "[::1]:80")).text == "globex"


async def test_a_host_that_nobody_has_is_told_so_in_a_sentence() -> None:
    answer = await asked(Dispatcher(DOORS), "third.test")
    assert answer.status_code == 421
    assert answer.json()["error"]["message"].startswith("No centre is served")


async def test_the_operator_s_port_is_the_operator_s_whatever_host_is_named() -> None:
    operator = PlainTextResponse("operator")
    assert (await asked(Dispatcher(DOORS, 8080, operator), "acme.test")).text == "operator"
    assert (await asked(Dispatcher(DOORS, 8081, operator), "acme.test")).text == "acme"
