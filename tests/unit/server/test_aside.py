"""A node that stands aside is alive, is not ready, says why, and serves nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from server.aside import Aside

REASON = "A newer Patchbay wrote it: install that version here."


@pytest.fixture
def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Aside(REASON)), base_url="http://node")


async def test_it_is_alive_and_says_why_it_is_not_ready(client: httpx.AsyncClient) -> None:
    async with client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "reasons": [REASON], "warnings": [], "position": 0}


@pytest.mark.parametrize("path", ["/", "/desk", "/metrics", "/api/v1/catalog", "/healthz/"])
async def test_it_serves_nothing_else(client: httpx.AsyncClient, path: str) -> None:
    async with client:
        for method in ("GET", "POST"):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "stands_aside")


async def test_a_websocket_is_refused() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await Aside(REASON)({"type": "websocket", "path": "/ws/desk"}, None, send)  # type: ignore[arg-type]
    assert [one["type"] for one in sent] == ["websocket.close"]
