"""``server.tenants.door``: what is too much costs the process nothing but an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from config.tenants import Limits
from server.tenants.door import MOST_HELD, Door
from server.tenants.limiter import Limiter

ONE = Limits(requests_per_second=1, requests_at_once=1, sockets=1, sockets_per_second=1)
WAITING = "Too many requests are being answered: try again in a moment."


class App:
    """Answers when it may, and says what it was asked."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.is_asked = asyncio.Event()
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        self.is_asked.set()
        await self.may.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})


def client_of(door: Door) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(door)
    return httpx.AsyncClient(transport=transport, base_url="http://acme.test")


def door_of(app: Any, limits: Limits = ONE, held: float = 0.0) -> Door:
    return Door(Limiter(limits, 0), lambda: app, lambda: 0, held_seconds=held)


async def test_what_is_within_the_limits_goes_through() -> None:
    app = App()
    app.may.set()
    async with client_of(door_of(app)) as client:
        assert (await client.get("/")).text == "here"


async def test_a_request_too_many_is_refused_without_asking_the_tenant() -> None:
    app = App()
    async with client_of(door_of(app)) as client:
        first = asyncio.create_task(client.get("/"))
        await app.is_asked.wait()
        refused = await client.get("/")
        app.may.set()
        assert (await first).text == "here"
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"] == {"code": "too_much_at_once", "message": WAITING}
    assert app.asked == 1


async def test_what_comes_too_soon_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("server.tenants.door.asyncio.sleep", sleep)
    app = App()
    app.may.set()
    async with client_of(door_of(app, Limits(requests_per_second=1))) as client:
        found = [(await client.get("/")).status_code for _ in range(7)]
    assert found == [200] * 6 + [429]
    assert waits[:2] == [1.0, 2.0]


async def test_one_who_fails_is_no_longer_under_way() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    limiter = Limiter(Limits(requests_at_once=1), 0)
    door = Door(limiter, lambda: broken, lambda: 0, held_seconds=0)
    async with client_of(door) as client:
        with pytest.raises(RuntimeError):
            await client.get("/")
    assert limiter.requests == 0


async def test_a_tenant_that_is_not_served_says_so() -> None:
    async with client_of(door_of(None)) as client:
        away = await client.get("/")
    assert (away.status_code, away.json()["error"]["code"]) == (503, "not_served")


async def test_refusals_are_held_and_no_more_of_them_than_can_be_carried() -> None:
    app = App()
    door = door_of(app, held=3600)
    async with client_of(door) as client:
        first = asyncio.create_task(client.get("/"))
        await app.is_asked.wait()
        held = [asyncio.create_task(client.get("/")) for _ in range(MOST_HELD)]
        while door.held < MOST_HELD:  # noqa: ASYNC110
            await asyncio.sleep(0)
        at_once = await client.get("/")
        assert (at_once.status_code, at_once.headers["connection"]) == (503, "close")
        for one in (first, *held):
            one.cancel()
        await asyncio.gather(first, *held, return_exceptions=True)
    assert door.held == 0


async def test_a_socket_too_many_is_refused_before_the_handshake() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    limiter = Limiter(ONE, 0)
    assert limiter.socket(0) == 0
    door = Door(limiter, App, lambda: 0, held_seconds=0)
    scope = {
        "type": "websocket",
        "path": "/ws/chat",
        "headers": [],
        "extensions": {"websocket.http.response": {}},
    }
    await door(scope, receive, send)
    assert sent[0]["type"] == "websocket.http.response.start"
    assert sent[0]["status"] == 503
