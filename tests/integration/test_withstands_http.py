"""HTTP clients that dawdle, lie, reach outside and send what no page would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from config.settings import load_settings
from server.accounts import User
from server.app import api_routes
from server.connections import PunctualHttp
from server.guard import COOKIE, READING
from server.passwords import Passwords
from server.roles import SIGNED, Role
from tests.integration.live import PATIENCE, Live, Raw, hear, serving

CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: Everything, queues: [help], capacity: {voice: 1}}}
agents: {ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}}
entry_points: {line: {label: Customer line, channel: voice, queue: help}}
"""
EVERYTHING = User(id="ann", name="Ann", roles=frozenset(Role), agent="ann")
PASSWORD = "correct horse battery"


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG, encoding="utf-8")
    settings = load_settings(data_directory=tmp_path, catalog_path=catalog)
    async with serving(settings, [EVERYTHING]) as service:
        yield service


def client(live: Live, token: str = "", origin: str | None = "") -> httpx.AsyncClient:
    headers = {} if origin is None else {"Origin": origin or live.origin}
    cookies = {COOKIE: token} if token else {}
    return httpx.AsyncClient(
        base_url=live.origin, headers=headers, cookies=cookies, timeout=PATIENCE
    )


# -- who takes their time -------------------------------------------------------------------------


@pytest.fixture
def hurry(monkeypatch) -> None:
    monkeypatch.setattr(PunctualHttp, "request_seconds", 0.5)


SLOW = {
    "says nothing": (b"", b""),
    "headers without end": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n"),
    "a header without end": (b"GET /healthz HTTP/1.1\r\nX: ", b"y"),
    "a body without end": (
        b"POST /api/v1/session HTTP/1.1\r\nOrigin: %s\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
        b" ",
    ),
    "a body after the answer": (
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
        b" ",
    ),
    "a second request without end": (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nX: ",
        b"y",
    ),
}


async def test_a_request_that_takes_for_ever_loses_its_connection(hurry, live):
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(_dawdle(live, *one) for one in SLOW.values()))
    assert not live.uvicorn.server_state.connections


async def _dawdle(live: Live, first: bytes, more: bytes) -> None:
    """Returns when the service has had enough."""
    raw = await live.raw()
    await raw.send(first.replace(b"%s", live.origin.encode()))
    end = asyncio.create_task(raw.rest())
    dripping = asyncio.create_task(_drip(raw, more))
    await end
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    raw.close()


async def _drip(raw: Raw, data: bytes) -> None:
    while data:
        await asyncio.sleep(0.05)
        await raw.send(data)


async def test_a_slow_answer_and_a_quiet_websocket_are_left_alone(hurry, live, monkeypatch):
    async def slow() -> list[str]:
        await asyncio.sleep(3 * PunctualHttp.request_seconds)
        return []

    monkeypatch.setitem(vars(live.patchbay.services), "not_ready_because", slow)
    async with live.connect("/ws/desk", await live.token("ann")) as desk, client(live) as asking:
        await hear(desk, "desk_snapshot")
        assert (await asking.get("/readyz")).status_code == 200
        await asyncio.wait_for(await desk.ping(), PATIENCE)


# -- what is no request ---------------------------------------------------------------------------

WRONG = {
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n",
    "200 kB of header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "two lengths": b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\nx",
    "length and chunks": b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunks": b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"zz\r\n",
    "negative length": b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "newline in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
}


async def test_what_is_no_request_is_refused_and_the_service_goes_on(live):
    for what, wrong in WRONG.items():
        raw = await live.raw()
        await raw.send(wrong)
        answer = await raw.until(b"\r\n\r\n")
        assert answer[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 403"}, (what, answer[:200])
        raw.close()
    async with client(live) as asking:
        assert (await asking.get("/readyz")).status_code == 200


async def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(live):
    raw = await live.raw()
    await raw.send(
        b"POST /api/v1/catalog HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"
    )
    assert b" 413 " in (await raw.until(b"\r\n"))
    raw.close()


# -- paths that lead outside ----------------------------------------------------------------------

OUTSIDE = [
    "/static/../secret.key",
    "/static/../../secret.key",
    "/static/%2e%2e/secret.key",
    "/static/..%2fsecret.key",
    "/static/..%5csecret.key",
    "/static/....//secret.key",
    "/static/assets/../../secret.key",
    "/static/%252e%252e/secret.key",
    "/static//%s/secret.key",
    "/static/%00../secret.key",
    "/static/secret.key%00.js",
    "/static/link",
    "/static/" + "../" * 40 + "etc/passwd",
    "/static/" + "a" * 5_000,
    "/../secret.key",
    "//secret.key",
    "/desk/../secret.key",
    "http://127.0.0.1/static/../secret.key",
]


async def test_no_path_leads_to_a_file_outside_the_pages(live, tmp_path):
    secret = (tmp_path / "secret.key").read_bytes()
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "link").symlink_to(tmp_path / "secret.key")
    (static / "inside.js").write_text("inside")
    assert b"inside" in await _got(live, "/static/inside.js")
    for path in OUTSIDE:
        answer = await _got(live, path.replace("%s", str(tmp_path)))
        assert answer[:12] in {b"HTTP/1.1 404", b"HTTP/1.1 400"}, (path, answer[:200])
        assert secret not in answer, path


async def _got(live: Live, path: str) -> bytes:
    """The answer for exactly this path: no client tidies it up."""
    raw = await live.raw()
    await raw.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await raw.rest()
    raw.close()
    return answer


async def test_no_address_writes_a_header(live):
    raw = await live.raw()
    await raw.send(
        b"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        b"GET /?next=//evil.example HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    answer = (await raw.rest()).lower()
    raw.close()
    assert b"\r\nset-cookie" not in answer
    assert b"evil.example" not in answer


# -- bodies ---------------------------------------------------------------------------------------

PARTS = {
    "{contact}": "call-1",
    "{queue}": "help",
    "{agent}": "ann",
    "{customer}": "none",
    "{offer}": "o",
}
VALUES = [
    "null",
    "true",
    '""',
    "[]",
    "{}",
    "-1",
    "1e400",
    "NaN",
    "Infinity",
    "9" * 30,
    "-" + "9" * 30,
    "9" * 5_000,
    "1.5",
    '"\\ud800"',
    '"a\\u0000b"',
    '"\\u202e\\u001b[31m\\r\\nX"',
    '"' + "x" * 50_000 + '"',
    "[" * 900 + "]" * 900,
    '{"$ne": 1}',
    '[{"kind": "mail", "value": "\\ud800@x"}]',
    '{"\\ud800": "\\udfff"}',
    '{"\\ud800": 3}',
    '{"a\\u0000": "b\\u0000"}',
]
WHOLE = [
    b"",
    b"\xff\xfe",
    b"[",
    b"null",
    b'{"a":' * 8_000,
    b"[" * 60_000,
    b'{"name": "x"} trailing',
    b'{"name": "a", "name": "b"}',
    b'\xef\xbb\xbf{"name": "x"}',
]
PARSED = ("sign_in", "create_customer", "publish_catalog")  # all bodies are parsed in one place


def writes() -> list[tuple[str, str, str, list[str]]]:
    """(operation, method, path, fields of the body) of everything that takes one."""
    found = []
    for route in api_routes():
        path = route.path
        for part, value in PARTS.items():
            path = path.replace(part, value)
        body = route.body_field
        fields = list(getattr(body.field_info.annotation, "model_fields", {})) if body else []
        found += [
            (route.name, method, path, fields) for method in route.methods if method not in READING
        ]
    return found


def bodies(operation: str, fields: list[str]) -> Iterator[bytes]:
    """Every value in two of the fields, and not always the same two."""
    yield json.dumps(dict.fromkeys(fields, "x")).encode()
    if operation in PARSED:
        yield from WHOLE
    for turn, value in enumerate(VALUES):
        first = turn % max(len(fields), 1)
        for field in (fields * 2)[first : first + min(2, len(fields))]:
            yield b'{"name": "x", "%b": %b}' % (field.encode(), value.encode())


async def test_no_body_makes_the_service_fail(live):
    headers = {"Content-Type": "application/json", "If-Match": '"1"'}
    async with client(live, await live.token("ann")) as asking:
        for operation, method, path, fields in writes():
            if operation == "sign_out":
                continue
            for body in bodies(operation, fields):
                answer = await asking.request(method, path, content=body, headers=headers)
                assert answer.status_code < 500, (operation, body[:200], answer.text)
                if answer.status_code >= 400:
                    _check_error(answer)
    assert live.patchbay.engine.health().ready


def _check_error(answer: httpx.Response) -> None:
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert len(error["message"]) < 1_000
    for internal in ("Traceback", "sqlalchemy", "sqlite", "pydantic", ".py", "/work", "$argon2"):
        assert internal not in answer.text


VERSIONS = ["1" * 10, "9" * 10, "9" * 15, "-1", "1.0", "\u0663", "NaN"]


async def test_no_version_makes_the_service_fail(live):
    async with client(live, await live.token("ann")) as asking:
        for version in VERSIONS:
            headers = {"If-Match": f'"{version}"'.encode()}
            for method, path, body in (
                ("PATCH", "/api/v1/customers/none", {"name": "x"}),
                ("POST", "/api/v1/catalog", {"source": CATALOG}),
                ("POST", "/api/v1/catalog/revert", {"version": 1}),
            ):
                answer = await asking.request(method, path, json=body, headers=headers)
                assert answer.status_code in {400, 404, 412}, (version, path, answer.text)
        answer = await asking.post("/api/v1/catalog/revert", json={"version": 10**30})
        assert answer.status_code == 422


NAMES = ["%00", "%ED%A0%80", "..%2f..", "%0d%0a", "a" * 3_000, "%25%s%d", "'--", "%F0%9F%92%A9"]


async def test_no_name_in_an_address_makes_the_service_fail(live):
    paths = {route.path for route in api_routes() if "GET" in route.methods}
    async with client(live, await live.token("ann")) as asking:
        for path in sorted(paths):
            for name in NAMES:
                asked = path
                for part in PARTS:
                    asked = asked.replace(part, name)
                answer = await asking.get(f"{asked}?search={name}&limit={name}")
                assert answer.status_code < 500, (asked, answer.text)


# -- foreign pages and sessions -------------------------------------------------------------------

FOREIGN = ["https://evil.example", "null", "http://[", "http://127.0.0.1:1", "file://", None]


async def test_no_foreign_page_can_write_anything_with_the_persons_cookie(live):
    before, token = live.state.position, await live.token("ann")
    for origin in FOREIGN:
        async with client(live, token, origin) as asking:
            for operation, method, path, _ in writes():
                if operation in SIGNED:  # no cookie opens it
                    continue
                answer = await asking.request(method, path, json={}, headers={"If-Match": '"1"'})
                assert answer.status_code == 403, (operation, origin)
                assert answer.json()["error"]["code"] == "foreign_origin", (operation, origin)
    async with client(live, token) as asking:
        assert (await asking.get("/api/v1/session")).status_code == 200
    assert live.state.position == before


@pytest.fixture
async def ann(live) -> None:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    live.patchbay.services.sign_in._passwords = quick
    now = live.patchbay.clock.now()
    await live.patchbay.accounts.set_password("ann", quick.hash(PASSWORD), now)


async def sign_in(asking: httpx.AsyncClient) -> httpx.Response:
    body = {"user": "ann", "password": PASSWORD}
    return await asking.post("/api/v1/session", json=body)


async def test_a_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(live, ann):
    planted = "planted-by-somebody-else"
    async with client(live, planted) as victim:
        given = (await sign_in(victim)).cookies[COOKIE]
    assert given != planted
    async with client(live, planted) as attacker:
        assert (await attacker.get("/api/v1/session")).status_code == 401


async def test_every_sign_in_has_a_token_of_its_own_that_its_sign_out_ends(live, ann):
    tokens = []
    for _ in range(2):
        async with client(live) as asking:
            tokens.append((await sign_in(asking)).cookies[COOKIE])
    assert len(set(tokens)) == 2
    async with client(live, tokens[0]) as first, client(live, tokens[1]) as second:
        assert (await first.delete("/api/v1/session")).status_code == 204
        assert (await first.get("/api/v1/session")).status_code == 401
        assert (await second.get("/api/v1/session")).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_other_hosts(live, ann):
    async with client(live) as asking:
        (cookie,) = (await sign_in(asking)).headers.get_list("set-cookie")
    name_and_value, *flags = [part.strip().lower() for part in cookie.split(";")]
    assert {"httponly", "samesite=strict", "path=/"} <= set(flags)
    assert not any(flag.startswith("domain") for flag in flags)
    assert len(name_and_value.partition("=")[2]) >= 43  # 256 random bits
