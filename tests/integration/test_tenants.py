"""Two tenants in one process: no page, socket, file, figure or key of one is ever the other's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import websockets

from router.journal.redis_address import connect
from server.roles import OPERATIONS, PUBLIC
from tests.integration.live import comes, hear
from tests.integration.test_api_roles import BODIES, operations
from tests.integration.two_tenants import ALL, CONTACT, TENANTS, Sides, mark_of, two_tenants
from tests.redis.server import RedisServer, require_redis

CHAT = {
    "type": "start_chat",
    "id": "chat-0123456789abcdef",
    "entry_point": "website",
    "name": "María",
    "text": "Hello",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sides(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sides]:
    async with two_tenants(tmp_path_factory.mktemp("tenants")) as both:
        assert [one.reason for one in both.hosted.values()] == ["", ""]
        await both.at_work()
        yield both


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def walk(client: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """The answer of every operation."""
    found = {}
    for name, method, path in operations():
        if name == "sign_out":
            continue
        found[name] = await client.request(
            method, path, json=BODIES.get(name), headers={"If-Match": '"1"'}
        )
    return found


def told(answer: httpx.Response) -> str:
    return f"{answer.headers} {answer.content.decode(errors='replace')}"


# -- pages ----------------------------------------------------------------------------------------


async def test_a_session_of_one_opens_nothing_at_the_other(sides: Sides) -> None:
    token = sides.tokens["acme", ALL]
    for name, answer in (await walk(sides.client("globex.test", token))).items():
        seen = (name, answer.status_code)
        assert mark_of("acme") not in told(answer), seen
        if OPERATIONS[name] is not PUBLIC:
            assert answer.status_code == 401, seen
            assert mark_of("globex") not in told(answer), seen


async def test_nothing_of_one_is_in_any_answer_of_the_other(sides: Sides) -> None:
    own = await walk(sides.client("globex.test", sides.tokens["globex", ALL]))
    for name, answer in own.items():
        assert mark_of("acme") not in told(answer), name
        assert "acme" not in answer.text, name
    assert sum(mark_of("globex") in told(answer) for answer in own.values()) >= 2


async def test_a_page_of_one_may_not_write_to_the_other(sides: Sides) -> None:
    token = sides.tokens["globex", "supervisor"]
    for origin in ("https://acme.test", f"http://127.0.0.1:{sides.port}"):
        client = sides.client("globex.test", token, Origin=origin)
        answer = await client.post("/api/v1/customers", json={"name": "María"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize(
    "host", ["third.test", "acme.test.evil.test", "", "127.0.0.1", "acme.test, globex.test"]
)
async def test_a_host_that_nobody_has_leads_nowhere(sides: Sides, host: str) -> None:
    client = sides.client(host, sides.tokens["acme", "admin"])
    for path in ("/", "/desk", "/healthz", "/metrics", "/api/v1/catalog"):
        answer = await client.get(path)
        assert answer.status_code in {400, 421}, path
        assert "only-of" not in told(answer)


async def test_a_host_is_the_same_in_capitals_and_with_a_port(sides: Sides) -> None:
    token = sides.tokens["acme", "admin"]
    for host in ("ACME.test", f"acme.test:{sides.port}"):
        answer = await sides.client(host, token).get("/api/v1/catalog")
        assert mark_of("acme") in answer.text


# -- websockets -----------------------------------------------------------------------------------


async def refused(sides: Sides, host: str, path: str, cookie: str = "") -> int:
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with sides.socket(host, path, cookie):
            pass
    return caught.value.response.status_code


async def test_a_cookie_of_one_opens_no_socket_of_the_other(sides: Sides) -> None:
    for path, role in (("/ws/desk", "agent"), ("/ws/board", "supervisor")):
        assert await refused(sides, "globex.test", path, sides.tokens["acme", role]) == 401
        assert await refused(sides, "third.test", path, sides.tokens["acme", role]) == 421


async def test_each_desk_shows_its_own_tenant_alone(sides: Sides) -> None:
    for tenant, other in (TENANTS, TENANTS[::-1]):
        async with sides.socket(
            f"{tenant}.test", "/ws/desk", sides.tokens[tenant, "agent"]
        ) as desk:
            snapshot = await desk.recv()
        assert mark_of(tenant) in snapshot
        assert CONTACT in snapshot
        assert mark_of(other) not in snapshot


async def test_a_chat_of_one_cannot_be_resumed_at_the_other(sides: Sides) -> None:
    async with sides.socket("acme.test", "/ws/chat") as chat:
        await chat.send(json.dumps(CHAT))
        token = (await hear(chat, "session"))["token"]
        for host, works in (("globex.test", False), ("acme.test", True)):
            async with sides.socket(host, "/ws/chat") as again:
                await again.send(json.dumps({"type": "resume_chat", "id": "r", "token": token}))
                kind = "session" if works else "reply"
                answer = await hear(again, kind)
                assert works or not answer["ok"]
            sent = await sides.client(host, Authorization=f"Bearer {token}").post(
                "/api/v1/chat/files?name=a.txt&id=line-0123456789abcdef",
                content=b"of acme",
                headers={"Content-Type": "text/plain"},
            )
            assert (sent.status_code < 300) == works, sent.text


# -- files ----------------------------------------------------------------------------------------


async def test_files_are_kept_apart(sides: Sides) -> None:
    acme, globex = (sides.hosted[one].patchbay for one in TENANTS)
    assert acme is not None
    assert globex is not None
    kept = await acme.files.keep(b"a document of acme")
    assert await acme.files.content(kept) == b"a document of acme"
    assert await globex.files.content(kept) is None
    places = ("data_directory", "journal_file", "files_folder", "recordings_folder", "database")
    for place in places:
        assert getattr(acme.settings, place) != getattr(globex.settings, place)
    assert acme.stores.secret != globex.stores.secret


# -- the operator ---------------------------------------------------------------------------------


async def test_figures_of_all_are_told_at_the_operator_s_port_alone(sides: Sides) -> None:
    async with httpx.AsyncClient(timeout=60) as operator:
        text = (await operator.get(f"{sides.operator}/metrics")).text
        ready = await operator.get(f"{sides.operator}/readyz")
        catalog = await operator.get(f"{sides.operator}/api/v1/catalog")
    for tenant in TENANTS:
        assert f'patchbay_journal_position{{tenant="{tenant}"}}' in text
        assert f'patchbay_tenant_served{{tenant="{tenant}"}} 1.0' in text
    assert text.count("# TYPE patchbay_journal_position ") == 1
    assert "process_resident_memory_bytes" in text
    assert ready.status_code == 200
    assert {name: one["ready"] for name, one in ready.json()["tenants"].items()} == {
        "acme": True,
        "globex": True,
    }
    assert catalog.status_code == 404


async def test_figures_at_a_tenant_s_host_are_its_own(sides: Sides) -> None:
    text = (await sides.client("acme.test").get("/metrics")).text
    assert "patchbay_journal_position" in text
    assert "tenant=" not in text
    assert "process_" not in text, "how busy the others are is nobody's business"


# -- one that fails -------------------------------------------------------------------------------


async def test_a_tenant_that_cannot_start_leaves_the_others_alone(tmp_path: Path) -> None:
    broker = "mqtt: {url: 'mqtt://127.0.0.1:1', tenant: acme}\n"
    (tmp_path / "acme.yaml").write_text(broker)
    (tmp_path / "globex.yaml").write_text(broker + "# of another\n")
    lines = f"PATCHBAY_MQTT_PATH={tmp_path}/TENANT.yaml\n"
    async with two_tenants(tmp_path, lines) as both:
        assert "is about the topics of tenant acme" in both.hosted["globex"].reason
        assert both.hosted["acme"].app is not None
        away = await both.client("globex.test").get("/desk")
        assert (away.status_code, away.json()["error"]["code"]) == (503, "not_served")
        assert await refused(both, "globex.test", "/ws/chat") == 503
        assert (await both.client("acme.test").get("/readyz")).status_code == 200
        async with httpx.AsyncClient() as operator:
            ready = (await operator.get(f"{both.operator}/readyz")).json()
        assert (ready["ready"], ready["tenants"]["globex"]["ready"]) == (True, False)
        (tmp_path / "globex.yaml").write_text(broker.replace("acme", "globex"))
        await comes(lambda: both.hosted["globex"].app is not None, seconds=60)


async def test_in_a_cluster_keys_name_their_tenant_and_a_lost_lease_is_its_alone(
    tmp_path: Path,
) -> None:
    require_redis()
    with RedisServer() as server:
        async with two_tenants(tmp_path, redis_url=server.url, secret_key="s" * 40) as both:
            patchbays = [one.patchbay for one in both.hosted.values()]
            await comes(lambda: all(one and one.in_charge() for one in patchbays), seconds=60)
            for tenant in TENANTS:
                catalog = both.client(f"{tenant}.test", both.tokens[tenant, ALL])
                await catalog_of(catalog, mark_of(tenant))
            await both.at_work()
            async with connect(server.url) as redis:
                keys = [key.decode() async for key in redis.scan_iter()]
                mine = {one: [key for key in keys if f"{{{one}}}" in key] for one in TENANTS}
                common = [key for key in keys if key.startswith("patchbay:{.nodes}:")]
                assert sorted([*mine["acme"], *mine["globex"], *common]) == sorted(keys)
                for tenant, other in (TENANTS, TENANTS[::-1]):
                    assert f"patchbay:{{{tenant}}}:log" in mine[tenant]
                    for key in mine[tenant]:
                        assert mark_of(other).encode() not in (await redis.dump(key) or b"")
            taken = [one.patchbay for one in both.hosted.values()]
            async with connect(server.url) as redis:
                await redis.hincrby("patchbay:{acme}:head", "token", 1)  # as another node does
            acme, globex = (both.hosted[one] for one in TENANTS)
            await comes(lambda: acme.patchbay not in {None, taken[0]}, seconds=60)
            await comes(lambda: acme.patchbay and acme.patchbay.in_charge(), seconds=60)
            assert globex.patchbay is taken[1], "one that lost its lease begins again alone"
            again = both.client("acme.test", both.tokens["acme", ALL])
            assert (await again.get(f"/api/v1/contacts/{CONTACT}")).status_code == 200


async def catalog_of(client: httpx.AsyncClient, mark: str) -> None:
    """Until the writer has put it in force."""
    async with asyncio.timeout(60):
        while mark not in (await client.get("/api/v1/catalog")).text:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
