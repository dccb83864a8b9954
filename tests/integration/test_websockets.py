"""The websockets over a real server: who gets a connection, and when it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from crm.database import DatabaseUnavailable
from router.core.model import AgentState
from server.accounts import AccountStore
from server.connections import PunctualHttp
from server.guard import COOKIE
from server.http_server import HttpServer, http_server, listen
from server.origins import Origins, own_origins
from server.roles import Role


class Server:
    """A centre behind uvicorn on a port of its own."""

    def __init__(self, centre: Any, port: int) -> None:
        self.centre = centre
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"

    def connect(self, path: str, token: str = "", origin: str | None = "") -> Any:
        headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
        return websockets.connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers,
            origin=self.origin if origin == "" else origin,
            max_size=None,
            max_queue=None,  # a client that reads nothing would not notice the end either
        )

    async def refused(self, path: str, token: str = "", origin: str | None = "") -> tuple[int, str]:
        with pytest.raises(InvalidStatus) as refusal:
            await self.connect(path, token, origin)
        response = refusal.value.response
        return response.status_code, json.loads(response.body)["error"]["code"]


@pytest.fixture
async def server(centre) -> AsyncIterator[Server]:
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    services = centre.patchbay.services
    services.origins.allowed = Origins(own_origins("127.0.0.1", port)).allowed
    services.chat_origins.allowed |= services.origins.allowed
    uvicorn: HttpServer = http_server(centre.app, max_frame=65_536)
    task = asyncio.create_task(uvicorn.serve(sockets=[listening]))
    while not uvicorn.started:  # noqa: ASYNC110 - uvicorn does not say when it is ready
        await asyncio.sleep(0.01)
    yield Server(centre, port)
    uvicorn.should_exit = True
    await task


async def hear(connection: Any, kind: str) -> dict[str, Any]:
    """The next message of that kind."""
    async with asyncio.timeout(10):
        while True:
            message = json.loads(await connection.recv())
            if message["type"] == kind:
                return message


SOCKETS = {"/ws/desk": "agent", "/ws/board": "supervisor", "/ws/chat": ""}


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "http://127.0.0.1:1"])
async def test_a_foreign_null_or_missing_origin_gets_403_and_no_connection(server, path, origin):
    token = await server.centre.token(SOCKETS[path]) if SOCKETS[path] else ""
    assert await server.refused(path, token, origin) == (403, "foreign_origin")


async def test_a_chat_site_may_chat_and_nothing_more(server):
    site = "https://shop.example"
    async with server.connect("/ws/chat", origin=site) as chat:
        assert chat.response.status_code == 101
    for path, role in (("/ws/desk", "agent"), ("/ws/board", "supervisor")):
        refusal = await server.refused(path, await server.centre.token(role), site)
        assert refusal == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["/ws/desk", "/ws/board"])
@pytest.mark.parametrize("token", ["", "made-up"])
async def test_without_a_session_there_is_no_connection(server, path, token):
    assert await server.refused(path, token) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("path", "role"),
    [("/ws/desk", "supervisor"), ("/ws/desk", "admin"), ("/ws/board", "agent")],
)
async def test_another_role_gets_no_connection(server, path, role):
    assert await server.refused(path, await server.centre.token(role)) == (403, "not_allowed")


async def test_an_agent_takes_a_call_over_the_desk(server):
    centre = server.centre
    async with server.connect("/ws/desk", await centre.token("agent")) as desk:
        assert (await hear(desk, "desk_snapshot"))["n"] == 1
        await desk.send(json.dumps({"type": "go_ready", "id": "1"}))
        assert (await hear(desk, "reply"))["ok"]
        await centre.call("call-1")
        offer = (await hear(desk, "offer_made"))["offer"]
        assert offer["contact"] == "call-1"
        await desk.send(json.dumps({"type": "accept_offer", "id": "2", "offer": offer["offer"]}))
        card = (await hear(desk, "contact_changed"))["contact"]
        assert (card["contact"], card["doing"]) == ("call-1", "active")


async def test_the_board_shows_queues_and_agents(server):
    async with server.connect("/ws/board", await server.centre.token("supervisor")) as board:
        snapshot = await hear(board, "board_snapshot")
        assert {row["queue"] for row in snapshot["queues"]} == {"help", "ayuda"}
        assert {row["agent"] for row in snapshot["agents"]} == {"ann", "ben"}


async def test_a_chat_flows_both_ways_between_visitor_and_desk(server):
    start = {
        "type": "start_chat",
        "id": "s1",
        "entry_point": "website",
        "name": "Visitor",
        "text": "Hello <b>there</b>",
    }
    async with (
        server.connect("/ws/desk", await server.centre.token("agent")) as desk,
        server.connect("/ws/chat", origin="https://shop.example") as chat,
    ):
        await hear(desk, "desk_snapshot")
        await desk.send(json.dumps({"type": "go_ready", "id": "1"}))
        await chat.send(json.dumps(start))
        offer = (await hear(desk, "offer_made"))["offer"]
        await desk.send(json.dumps({"type": "accept_offer", "id": "2", "offer": offer["offer"]}))
        contact = offer["contact"]
        await hear(desk, "contact_changed")
        say = {"type": "say", "id": "3", "contact": contact, "text": "How can I help?"}
        await desk.send(json.dumps(say))
        line = (await hear(chat, "line_added"))["line"]
        while line["author"] != "agent":
            line = (await hear(chat, "line_added"))["line"]
        assert (line["text"], line["name"]) == ("How can I help?", "Ann")
        await chat.send(json.dumps({"type": "say_line", "id": "s2", "text": "My bill"}))
        message = (await hear(desk, "message_added"))["message"]
        while message["text"] != "My bill":
            message = (await hear(desk, "message_added"))["message"]


async def closed_within(connection: Any, seconds: float) -> int:
    async with asyncio.timeout(seconds):
        try:
            while True:
                await connection.recv()
        except ConnectionClosed as closing:
            return closing.rcvd.code if closing.rcvd else 1006


@pytest.mark.parametrize("how", ["password", "roles", "sign out"])
async def test_revocation_closes_the_desk_within_five_seconds(server, how):
    centre, token = server.centre, await server.centre.token("agent")
    async with server.connect("/ws/desk", token) as desk:
        await hear(desk, "desk_snapshot")
        accounts, now = centre.patchbay.accounts, centre.patchbay.clock.now()
        if how == "password":
            await accounts.set_password("ann", "other", now)
        elif how == "roles":
            await accounts.set_roles("ann", frozenset({Role.ADMIN}), now)
        else:
            client = centre.client(cookie=token, origin=server.origin)
            assert (await client.delete("/api/v1/session")).status_code == 204
        assert await closed_within(desk, 5) == 4401
    assert await server.refused("/ws/desk", token) == (401, "not_signed_in")


async def test_a_message_after_revocation_has_no_effect(server):
    centre, token = server.centre, await server.centre.token("agent")
    async with server.connect("/ws/desk", token) as desk:
        await hear(desk, "desk_snapshot")
        for watched in centre.patchbay.watch._sockets:
            watched.identity = None
        await desk.send(json.dumps({"type": "go_ready", "id": "1"}))
        assert await closed_within(desk, 5) == 4401
    assert centre.patchbay.replica.state.agents["ann"].state is not AgentState.READY


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize(
    "frame",
    [
        b"\x00\xff\xfe",
        "",
        "{",
        "null",
        "[" * 30_000,
        '{"type": "no_such_act", "id": "1"}',
        '{"type": "go_ready"}',
        '{"type": "ping", "id": {"$ne": 1}}',
    ],
)
async def test_a_hostile_frame_hurts_neither_the_server_nor_others(server, path, frame):
    role = SOCKETS[path]
    token = await server.centre.token(role) if role else ""
    async with server.connect(path, token) as bystander, server.connect(path, token) as attacker:
        for _ in range(30):
            try:
                await attacker.send(frame)
            except ConnectionClosed:
                break
        pong = await bystander.ping()
        await asyncio.wait_for(pong, 5)
    async with server.connect(path, token) as again:
        assert again.response.status_code == 101


async def test_a_frame_above_the_limit_closes_only_that_connection(server):
    token = await server.centre.token("agent")
    async with server.connect("/ws/desk", token) as desk:
        await hear(desk, "desk_snapshot")
        await desk.send("x" * 1_000_000)
        assert await closed_within(desk, 5) == 1009
    async with server.connect("/ws/desk", token) as desk:
        await hear(desk, "desk_snapshot")


async def test_without_the_database_nobody_is_let_in_and_told_why(server, monkeypatch):
    async def fail(_accounts: Any, _token: str, _at: int) -> None:
        raise DatabaseUnavailable("gone")

    token = await server.centre.token("agent")
    monkeypatch.setattr(AccountStore, "identity", fail)
    assert await server.refused("/ws/desk", token) == (503, "database_unavailable")


async def test_an_address_without_a_websocket_refuses_one(server):
    with pytest.raises(InvalidStatus) as refusal:
        await server.connect("/ws/nowhere")
    assert refusal.value.response.status_code == 403


async def test_the_patience_for_a_request_does_not_end_a_websocket(server, monkeypatch):
    monkeypatch.setattr(PunctualHttp, "request_seconds", 0.2)
    async with server.connect("/ws/desk", await server.centre.token("agent")) as desk:
        await hear(desk, "desk_snapshot")
        await asyncio.sleep(0.5)
        await desk.send(json.dumps({"type": "ping", "id": "1"}))
        await hear(desk, "pong")


async def test_deflate_is_off(server):
    async with server.connect("/ws/chat") as chat:
        assert "sec-websocket-extensions" not in chat.response.headers


async def test_an_abrupt_end_leaves_no_watched_socket(server):
    connection = await server.connect("/ws/desk", await server.centre.token("agent"))
    await hear(connection, "desk_snapshot")
    connection.transport.abort()
    async with asyncio.timeout(5):
        while server.centre.patchbay.watch.agents():  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.01)
