"""Files in chats over HTTP: from a site's visitor to the agent and back, and to nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from router.files import name_of
from tests.integration.conftest import CHAT_SITE, ORIGIN

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000
ID = "file-0123456789abcdef"


class Visitor:
    """A page of the shop with a chat open."""

    def __init__(self, centre, token: str, contact: str) -> None:
        self.contact = contact
        self.client = centre.client(origin=CHAT_SITE)
        self.bearer = {"Authorization": f"Bearer {token}"}

    async def send(self, content: bytes | Iterator[bytes], name="photo.png", ident=ID, **headers):
        return await self.client.post(
            "/api/v1/chat/files",
            params={"id": ident, "name": name},
            content=content,
            headers={**self.bearer, "Content-Type": "application/octet-stream", **headers},
        )

    async def load(self, file: str):
        return await self.client.get(f"/api/v1/chat/files/{file}", headers=self.bearer)


async def visitor_of(centre, ident="start-0123456789abcdef") -> Visitor:
    line = centre.patchbay.chat.connect("192.0.2.7", CHAT_SITE)
    start = {"type": "start_chat", "id": ident, "entry_point": "website", "name": "Mei"}
    await line.receive(json.dumps({**start, "text": "Hello"}).encode())
    async with asyncio.timeout(10):
        async for frame in line.outgoing():
            message: dict[str, Any] = json.loads(frame)
            if message["type"] == "session":
                return Visitor(centre, message["token"], line.chat.contact)
    raise AssertionError("no session")


@pytest.fixture
async def visitor(centre) -> Visitor:
    await centre.ready("ann")
    made = await visitor_of(centre)
    await centre.accept(made.contact, "ann")
    return made


async def test_a_visitors_file_reaches_the_agent_and_the_agents_the_visitor(centre, visitor):
    sent = await visitor.send(PNG, "../../shot.png")
    assert sent.status_code == 201
    assert sent.headers["Access-Control-Allow-Origin"] == CHAT_SITE
    file = sent.json()["file"]
    assert file == {
        "id": name_of(PNG),
        "name": "shot.png",
        "content_type": "image/png",
        "size": len(PNG),
    }
    again = await visitor.send(PNG, "../../shot.png")
    assert again.json() == sent.json()
    messages = centre.patchbay.replica.state.contacts[visitor.contact].messages
    assert [one.text for one in messages] == ["Hello", "shot.png"]

    agent = await centre.signed_in("agent")
    address = f"/api/v1/chat/contacts/{visitor.contact}/files"
    shown = await agent.get(f"{address}/{file['id']}")
    assert (shown.status_code, shown.content) == (200, PNG)
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in shown.headers["Content-Security-Policy"]

    bill = b"%PDF-1.7 bill"
    for _ in range(2):
        answered = await agent.post(
            address, params={"name": "bill.exe"}, content=bill, headers={"Idempotency-Key": "one"}
        )
        assert answered.status_code == 201, answered.text
    messages = centre.patchbay.replica.state.contacts[visitor.contact].messages
    assert [one.text for one in messages] == ["Hello", "shot.png", "bill.exe.pdf"]
    loaded = await visitor.load(name_of(bill))
    assert loaded.content == bill
    assert loaded.headers["Content-Type"] == "application/octet-stream"


async def test_a_file_is_for_its_own_chat_and_agent_alone(centre, visitor):
    await visitor.send(PNG)
    other = await visitor_of(centre, "start-fedcba9876543210")
    assert (await other.load(name_of(PNG))).status_code == 404
    stranger = centre.client(origin=CHAT_SITE)
    assert (await stranger.get(f"/api/v1/chat/files/{name_of(PNG)}")).status_code == 404
    agent = await centre.signed_in("agent")
    elsewhere = f"/api/v1/chat/contacts/{other.contact}/files/{name_of(PNG)}"
    assert (await agent.get(elsewhere)).status_code in (403, 404)
    # What else is kept here (a mail's attachment, say) belongs to no chat.
    kept = await centre.patchbay.files.keep(b"somebody else's")
    assert (await visitor.load(kept)).status_code == 404
    mine = f"/api/v1/chat/contacts/{visitor.contact}/files/{kept}"
    assert (await agent.get(mine)).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png", "file_type"),
        (b"<!doctype html><script>alert(1)</script>", "a.txt", "file_type"),
        (b"MZ\x90\0", "photo.png", "file_type"),
        (b"", "empty.png", "file_type"),
    ],
)
async def test_what_lies_about_its_kind_is_refused_in_a_sentence(visitor, content, name, code):
    refused = await visitor.send(content, name, **{"Content-Type": "image/png"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, code)
    assert refused.headers["Access-Control-Allow-Origin"] == CHAT_SITE


async def test_a_huge_file_is_refused_when_announced_and_when_it_just_goes_on(centre, visitor):
    announced = await visitor.send(b"x", **{"Content-Length": str(10**9)})
    assert announced.status_code == 413
    read = 0

    async def endless():
        nonlocal read
        while read < 100 * 1024**2:
            read += 65_536
            yield b"\0" * 65_536

    refused = await visitor.send(endless())
    assert refused.status_code == 413
    assert read < 12 * 1024**2
    assert centre.patchbay.chat.filing.under_way == 0


async def test_another_site_may_neither_send_nor_read(centre, visitor):
    visitor.client = centre.client(origin="https://evil.example")
    assert (await visitor.send(PNG)).status_code == 403
    asked = await visitor.client.options("/api/v1/chat/files")
    assert "Access-Control-Allow-Origin" not in asked.headers
    visitor.client = centre.client(origin=ORIGIN)
    assert (await visitor.send(PNG)).status_code == 201


async def test_a_browser_on_the_site_is_told_that_it_may_send(visitor):
    asked = await visitor.client.options("/api/v1/chat/files")
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == CHAT_SITE
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]


async def test_a_colleague_sends_nothing_into_anothers_chat(centre, visitor):
    supervisor = await centre.signed_in("supervisor")
    address = f"/api/v1/chat/contacts/{visitor.contact}/files"
    assert (await supervisor.post(address, content=PNG)).status_code == 403
