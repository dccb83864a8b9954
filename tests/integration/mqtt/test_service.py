"""The whole service with a broker: what operators see, and what becomes of both when one dies."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.accounts import User
from server.roles import Role
from tests.integration.conftest import CATALOG
from tests.integration.served import Served, prepare, served
from tests.mqtt.centre import Peer, comes
from tests.mqtt.server import Mosquitto

SUE = User(id="sue", name="Sue", roles=frozenset({Role.SUPERVISOR}))
FILE = """
mqtt:
  url: mqtt://127.0.0.1:{port}
  node: one
  username: patchbay
  password_env: BROKER_PASSWORD
  figures_every: 200ms
  clients:
    leeds: {{commands: [arrive, enqueue, abandon, sign_in, set_ready]}}
"""


@pytest.fixture
def written(broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "mqtt.yaml"
    file.write_text(FILE.format(port=broker.port))
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    monkeypatch.setenv("PATCHBAY_MQTT_PATH", str(file))
    monkeypatch.setenv("BROKER_PASSWORD", "a password of the broker")
    return tmp_path


async def call(leeds: Peer, contact: str) -> None:
    for kind, data in (
        ("arrive", {"contact": contact, "channel": "voice", "address": "+441632960001"}),
        ("enqueue", {"contact": contact, "queue": "help"}),
        ("abandon", {"contact": contact}),
    ):
        answer = await leeds.answer(leeds.ask(kind, data))
        assert "position" in answer, answer


async def metrics(service: Served) -> dict[str, float]:
    async with service.client() as client:
        lines = (await client.get("/metrics")).text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line.startswith("patchbay_mqtt"))
    return {name: float(value) for name, value in pairs}


async def warnings(service: Served) -> list[str]:
    _, body = await service.readiness()
    found: list[str] = body["warnings"]
    return found


async def test_a_service_that_is_killed_leaves_its_will_and_goes_on_where_it_was(
    broker: Mosquitto, written: Path, tmp_path: Path, peers: list[Peer]
) -> None:
    data = tmp_path / "data"
    await prepare(data, [(SUE, "no password fits")])
    watcher = await Peer("watcher", broker.port).begin("patchbay/main/edge/#")
    leeds = await Peer("leeds", broker.port).begin("patchbay/main/#")
    peers += [watcher, leeds]

    def states() -> list[str]:
        return [one["data"]["status"] for one in watcher.of("edge/one/status")]

    def subjects() -> list[tuple[str, int]]:
        found = leeds.of("/contacts/")
        return list(dict.fromkeys((one["subject"], one["data"]["sequence"]) for one in found))

    async with served(data, written / "catalog.yaml", tmp_path / "log") as first:
        await comes(lambda: states() == ["online"])
        await call(leeds, "a")
        await comes(lambda: len(subjects()) == 3)
        await comes(lambda: leeds.of("queues/help/figures"))
        assert leeds.of("queues/help/figures")[0]["data"]["label"] == "Help"
        assert await metrics(first) == {
            "patchbay_mqtt_connected": 1,
            "patchbay_mqtt_behind_entries": 0,
            'patchbay_mqtt_commands_total{result="accepted"}': 3,
        } | {key: value for key, value in (await metrics(first)).items() if "created" in key}
        first.kill()
        await comes(lambda: states() == ["online", "offline"])
    lost = leeds.ask("arrive", {"contact": "b", "channel": "voice"})
    async with served(data, written / "catalog.yaml", tmp_path / "log") as second:
        assert (await leeds.answer(lost))["position"]
        await call(leeds, "c")
        await comes(lambda: len(subjects()) >= 7)
        assert set(subjects()) >= {("a", 1), ("a", 2), ("a", 3), ("b", 1), ("c", 3)}
        sessions = [one["data"]["session"] for one in watcher.of("edge/one/status")]
        assert sessions == sorted(sessions)
        assert await warnings(second) == []
        assert "a password of the broker" not in second.words
        assert "+441632960001" not in str(
            [one.payload for one in leeds.heard if "/contacts/" in one.topic]
        )


async def test_a_broker_that_is_away_keeps_no_contact_out(
    broker: Mosquitto, written: Path, tmp_path: Path, peers: list[Peer]
) -> None:
    data = tmp_path / "data"
    await prepare(data, [(SUE, "no password fits")])
    await asyncio.to_thread(broker.stop)
    async with served(data, written / "catalog.yaml", tmp_path / "log") as service:
        await service.becomes(200)
        while not await warnings(service):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        (warning,) = await warnings(service)
        assert "MQTT broker" in warning
        assert "Events wait" in warning
        assert (await metrics(service))["patchbay_mqtt_connected"] == 0
        await asyncio.to_thread(broker.start)
        leeds = await Peer("leeds", broker.port).begin("patchbay/main/answers/#")
        peers.append(leeds)
        while await warnings(service):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await call(leeds, "a")
