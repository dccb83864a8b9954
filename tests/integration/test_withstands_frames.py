"""Websocket peers that break the protocol, flood, send too much or read nothing."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import websockets

from config.settings import load_settings
from server.accounts import User
from server.roles import Role
from tests.integration.live import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PATIENCE,
    PING,
    TEXT,
    Live,
    Raw,
    ask,
    comes,
    frame,
    hear,
    serving,
)

CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}], offer_for: 120s}}
profiles: {all: {label: Everything, queues: [help], capacity: {chat: 3}}}
agents: {ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}}
entry_points: {website: {label: Chat with us, channel: chat, queue: help}}
"""
ANN = User(id="ann", name="Ann", roles=frozenset({Role.AGENT}), agent="ann")
SUE = User(id="sue", name="Sue", roles=frozenset({Role.SUPERVISOR}))
SOCKETS = {"/ws/desk": "ann", "/ws/board": "sue", "/ws/chat": ""}
MIB = 1024 * 1024


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG, encoding="utf-8")
    settings = load_settings(data_directory=tmp_path, catalog_path=catalog)
    async with serving(settings, (ANN, SUE)) as service:
        yield service


async def token_for(live: Live, path: str) -> str:
    return await live.token(SOCKETS[path]) if SOCKETS[path] else ""


async def start_chat(live: Live, text: str = "Hello") -> Any:
    """A visitor's connection with a chat under way."""
    visitor = await live.connect("/ws/chat")
    started = await ask(visitor, "start_chat", entry_point="website", name="Visitor", text=text)
    assert started["ok"], started
    return visitor


def resident() -> int:
    """Bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


# -- what is no websocket frame -------------------------------------------------------------------

BROKEN = {
    "not UTF-8": (frame(TEXT, b"\xff\xfe"), 1007),
    "not masked": (frame(TEXT, b"{}", masked=False), 1002),
    "reserved bits": (b"\xf1\x80" + bytes(4), 1002),
    "unknown kind": (frame(3), 1002),
    "2**64 bytes": (b"\x81\xff" + b"\xff" * 8 + bytes(4), 1009),
    "1 MiB line": (frame(TEXT, b"x" * MIB), 1009),
    "1 MiB in pieces": (
        frame(TEXT, b"x" * 60_000, fin=False) + frame(CONTINUATION, b"x" * 60_000, fin=False) * 17,
        1009,
    ),
    "long ping": (frame(PING, b"x" * 200), 1002),
    "ping in pieces": (frame(PING, b"x", fin=False), 1002),
    "continues nothing": (frame(CONTINUATION, b"x"), 1002),
    "begins twice": (frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), 1002),
    "short close": (frame(CLOSE, b"\x03"), 1002),
    "close 999": (frame(CLOSE, struct.pack("!H", 999)), 1002),
    "close not UTF-8": (frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
    "plain HTTP": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002),
}


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_broken_frame_ends_its_connection_with_the_right_code_and_no_other(live, path):
    token = await token_for(live, path)
    async with live.connect(path, token) as bystander:
        for name, (bad, code) in BROKEN.items():
            raw = await live.shaken(path, token)
            answer = asyncio.create_task(raw.rest())
            with suppress(ConnectionError):  # refused before it was all sent
                await raw.send(bad)
            said = _close_code(await answer)
            # What the service has not read when it closes makes the network drop its last word.
            assert said == code or (said is None and len(bad) > MIB // 2), name
            raw.close()
            await asyncio.wait_for(await bystander.ping(), 30)
    assert (await asyncio.to_thread(_healthy, live)) == 200


def _close_code(stream: bytes) -> int | None:
    """The code of the first close frame in what a server sent; None without one (a reset)."""
    while len(stream) >= 2:
        kind, size = stream[0] & 0x0F, stream[1] & 0x7F
        head = {126: 4, 127: 10}.get(size, 2)
        length = int.from_bytes(stream[2:head]) if head > 2 else size
        if kind == CLOSE:
            return int.from_bytes(stream[head : head + 2])
        stream = stream[head + length :]
    return None


def _healthy(live: Live) -> int:
    import httpx

    return httpx.get(f"{live.origin}/readyz", timeout=30).status_code


async def test_random_bytes_and_broken_conversations_leave_the_service_as_it_was(live):
    chance = random.Random(2)
    frames = [bad for bad, _ in BROKEN.values() if len(bad) < 1_000]
    frames += [frame(TEXT, b'{"type": "ping", "id": "1"}'), frame(BINARY, b"\x00"), frame(PING)]
    tokens = {path: await token_for(live, path) for path in SOCKETS}
    for _ in range(150):
        path = chance.choice(list(SOCKETS))
        raw = await live.shaken(path, tokens[path])
        rubbish = b"".join(chance.choices(frames, k=3)) + chance.randbytes(chance.randrange(300))
        cut = chance.randrange(len(rubbish) + 1)
        with suppress(ConnectionError):
            await raw.send(rubbish[:cut])
            await raw.send(rubbish[cut:])
        chance.choice([raw.close, raw.cut])()
        live.patchbay.chat._admission._connections._buckets.clear()  # it would refuse so many
    await comes(lambda: not live.patchbay.watch._sockets)
    await comes(lambda: not live.patchbay.chat._tabs)
    assert live.patchbay.engine.health().ready
    visitor = await start_chat(live)
    await visitor.close()


HOSTILE_JSON = [
    "[" * 15_000,
    '{"type":' * 5_000,
    '{"type": "say_line", "id": "1", "text": "\\ud800"}',
    '{"type": "extend_wrap", "id": "1", "contact": "c", "extend_by": ' + "9" * 5_000 + "}",
    '{"type": "extend_wrap", "id": "1", "contact": "c", "extend_by": 1e400}',
    '{"type": "extend_wrap", "id": "1", "contact": "c", "extend_by": NaN}',
    '{"type": "say_line", "id": "1", "text": "a\\u0000b"}',
    '{"type": "go_not_ready", "id": "1", "reason": "a\\u0000b"}',
    '{"type": "ping", "id": "1", "id": "2"}',
    '{"type": "ping", "id": ' + '"' + "i" * 60_000 + '"}',
    '{"type": ["ping"], "id": "1"}',
    '{"type": "ping", "id": "1", "__proto__": {"admin": true}}',
    "\ufeff{}",
    " " * 60_000,
    "NaN",
    "-",
    '"\\u12',
]


@pytest.mark.parametrize("path", SOCKETS)
async def test_hostile_json_is_refused_and_decides_nothing(live, path):
    token = await token_for(live, path)
    before = live.state.position
    for text in HOSTILE_JSON:
        live.patchbay.chat._admission._connections._buckets.clear()
        async with live.connect(path, token) as connection:
            if path == "/ws/desk":  # it signs the agent in
                await hear(connection, "desk_snapshot")
                before = live.state.position
            await connection.send(text)
            await asyncio.wait_for(await connection.ping(), 30)
    assert live.state.position == before
    assert live.patchbay.engine.health().ready


# -- peers that do not read -----------------------------------------------------------------------


async def test_pings_of_one_who_does_not_read_the_answers_do_not_pile_up(live):
    raw = await live.shaken("/ws/chat", small=True)
    before, pings = resident(), frame(PING, b"x" * 125) * 1_000
    for _ in range(300):  # 37 MB of answers
        await raw.send(pings)
    assert resident() - before < 12 * MIB
    raw.close()


async def test_a_message_in_endless_empty_pieces_is_cut_off(live):
    raw = await live.shaken("/ws/chat")
    await raw.send(frame(TEXT, fin=False))
    with pytest.raises(ConnectionError):
        await _send_for_ever(raw, frame(CONTINUATION, fin=False) * 100)
    raw.close()


async def _send_for_ever(raw: Raw, data: bytes) -> None:
    async with asyncio.timeout(30):
        while True:
            await raw.send(data)
            await asyncio.sleep(0)


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_peer_that_reads_nothing_and_answers_no_ping_is_gone_for_good(live, path):
    """Half open, with more to send than the network takes: closing politely would never end."""
    live.uvicorn.config.ws_ping_interval = 0.3
    live.uvicorn.config.ws_ping_timeout = 0.3
    raw = await live.shaken(path, await token_for(live, path), small=True)
    (connection,) = [one for one in live.uvicorn.server_state.connections if hasattr(one, "conn")]
    connection.transport.write(frame(TEXT, b"x" * 60_000, masked=False) * 100)
    await comes(lambda: connection.disconnected)
    await comes(lambda: not live.patchbay.watch._sockets and not live.patchbay.chat._tabs)
    await comes(lambda: connection not in live.uvicorn.server_state.connections)
    raw.close()


# -- floods ---------------------------------------------------------------------------------------

FLOOD = """
import socket, struct, sys, time
port, seconds = int(sys.argv[1]), float(sys.argv[2])
line = b'{"type": "say_line", "id": "%d", "text": "flood"}'
def frame(n):
    body = line % n
    return bytes([0x81, 0x80 | len(body)]) + bytes(4) + body
lines = b"".join(frame(n) for n in range(1000))
huge = bytes([0x81, 0x80 | 127]) + struct.pack("!Q", 1 << 20) + bytes(4) + b"x" * (1 << 20)
hello = ("GET /ws/chat HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
    "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n"
    f"Origin: http://127.0.0.1:{port}\\r\\n\\r\\n").encode()
start = b'{"type": "start_chat", "id": "%d", "entry_point": "website", "name": "F", "text": "f"}'
print("flooding", flush=True)
until, sent, turn = time.monotonic() + seconds, 0, 0
while time.monotonic() < until:
    turn += 1
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as one:
            one.sendall(hello)
            body = start % turn
            one.sendall(bytes([0x81, 0x80 | len(body)]) + bytes(4) + body)
            while time.monotonic() < until:
                began = time.monotonic()
                one.sendall(huge if turn % 3 == 0 else lines)
                sent += 1000
                time.sleep(max(0.0, 0.1 - (time.monotonic() - began)))
    except OSError:
        time.sleep(0.01)
print("over", flush=True)
print(sent, flush=True)
"""


async def test_ten_thousand_frames_a_second_of_one_hurt_neither_another_visitor_nor_an_agent(live):
    """The flooder has a process of its own, comes again when it is thrown out, and sends lines of
    1 MiB in between. It shares its address with the others: the hardest case.
    """
    async with live.connect("/ws/desk", await live.token("ann")) as desk:
        await hear(desk, "desk_snapshot")
        visitor = await start_chat(live)
        flood = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", FLOOD, str(live.port), "4"), stdout=subprocess.PIPE
        )
        try:
            assert flood.stdout is not None
            await flood.stdout.readline()
            spoken, pinged = await _measured(flood.stdout, visitor, desk)
            sent = int(await flood.stdout.read())
        finally:
            with suppress(ProcessLookupError):
                flood.kill()
            await flood.wait()
        await visitor.close()
    flooded = sum(len(one.messages) for one in live.state.contacts.values()) - len(spoken)
    assert sent > 5_000
    assert flooded < 300  # some of each of its chats, before it is thrown out
    assert len(spoken) > 3
    assert statistics.median(spoken) < 1, spoken
    assert statistics.median(pinged) < 1, pinged


async def test_who_floods_is_told_and_then_thrown_out(live):
    flooder, other = await start_chat(live), await start_chat(live)
    line = json.dumps({"type": "say_line", "id": "x", "text": "flood"})
    with suppress(websockets.ConnectionClosed):
        for _ in range(10_000):
            await flooder.send(line)
    told = []
    with suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            async for message in flooder:
                told.append(json.loads(message).get("code", ""))  # noqa: PERF401 - it ends midway
    assert "too_fast" in told
    assert told[-1] == "closing"
    assert (await ask(other, "say_line", text="still here"))["ok"]
    await other.close()


async def _measured(
    end: asyncio.StreamReader, visitor: Any, desk: Any
) -> tuple[list[float], list[float]]:
    """Seconds that lines of the visitor and pings of the desk took, until ``end`` has news."""
    spoken, pinged = [], []
    over = asyncio.create_task(end.readuntil(b"over\n"))
    while not over.done():
        began = time.monotonic()
        assert (await ask(visitor, "say_line", text="one of many words"))["ok"]
        spoken.append(time.monotonic() - began)
        began = time.monotonic()
        await desk.send(json.dumps({"type": "ping", "id": "p"}))
        await hear(desk, "pong")
        pinged.append(time.monotonic() - began)
        await asyncio.wait({over}, timeout=0.4)
    return spoken, pinged
