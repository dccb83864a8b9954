"""A broker as ``deploy/mosquitto`` ships it: TLS, passwords, and nobody in another's place."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from router.core import commands as c
from router.edge.connection import trouble_with
from router.edge.settings import EdgeSettings, Tls
from tests.mqtt.centre import LEEDS, Centre, Peer, comes
from tests.mqtt.server import Mosquitto, require_mosquitto

ANN = {"agent": "ann"}
PASSWORDS = {name: f"secret of {name}" for name in ("patchbay", "leeds", "backoffice", "wallboard")}


@pytest.fixture
def secured() -> Iterator[Mosquitto]:
    require_mosquitto()
    with Mosquitto(PASSWORDS) as running:
        yield running


@pytest.fixture
def safe(secured: Mosquitto) -> EdgeSettings:
    return EdgeSettings(
        host="localhost",
        port=secured.port,
        tls=Tls(ca_file=secured.folder / "ca.pem"),
        username="patchbay",
        password=PASSWORDS["patchbay"],
        clients={"leeds": LEEDS},
    )


@pytest.fixture
def of_two() -> Iterator[Mosquitto]:
    """The users of main, and their namesakes of another tenant."""
    require_mosquitto()
    namesakes = {f"acme.{name}": password for name, password in PASSWORDS.items()}
    with Mosquitto(PASSWORDS | namesakes, tenants=("acme",)) as running:
        yield running


def person(name: str, broker: Mosquitto, *, lasting: bool = False, tenant: str = "") -> Peer:
    user = f"{tenant}.{name}" if tenant else name
    peer = Peer(user, broker.port, lasting=lasting)
    peer.client.username_pw_set(user, PASSWORDS[name])
    peer.client.tls_set(ca_certs=str(broker.folder / "ca.pem"), cert_reqs=ssl.CERT_REQUIRED)
    return peer


async def test_the_shipped_rules_let_everybody_do_their_part(
    secured: Mosquitto, safe: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    edge = await centre.start(safe)
    leeds = await person("leeds", secured).begin("patchbay/main/answers/leeds/#")
    peers.append(leeds)
    wallboard = await person("wallboard", secured).begin("patchbay/main/queues/+/figures")
    peers.append(wallboard)
    backoffice = await person("backoffice", secured).begin("patchbay/main/contacts/#")
    peers.append(backoffice)
    answer = await leeds.answer(leeds.ask("arrive", {"contact": "k", "channel": "voice"}))
    assert answer["position"] == centre.journaled
    await comes(lambda: backoffice.of("contacts/k/arrived"))
    await comes(lambda: wallboard.of("help/figures"))
    assert leeds.refused == wallboard.refused == backoffice.refused == []
    assert (edge.problem, edge.behind) == ("", 0)


async def test_nobody_sends_commands_in_anothers_name(
    secured: Mosquitto, safe: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    await centre.start(safe)
    wallboard = await person("wallboard", secured).begin("patchbay/main/answers/wallboard/#")
    peers.append(wallboard)
    wallboard.ask("sign_in", {"agent": "ann"}, client="leeds")
    await comes(lambda: wallboard.refused == ["Not authorized"])
    backoffice = await person("backoffice", secured).begin("patchbay/main/answers/backoffice/#")
    peers.append(backoffice)
    own = await backoffice.answer(backoffice.ask("sign_in", {"agent": "ann"}, client="backoffice"))
    assert own["code"] == "unauthorised"
    assert centre.journaled == 1


async def test_at_the_broker_of_two_tenants_a_namesake_is_nobody(
    of_two: Mosquitto, centre: Centre, peers: list[Peer]
) -> None:
    acme = EdgeSettings(
        host="localhost",
        port=of_two.port,
        tls=Tls(ca_file=of_two.folder / "ca.pem"),
        tenant="acme",
        username="acme.patchbay",
        password=PASSWORDS["patchbay"],
        clients={"leeds": LEEDS},
    )
    edge = await centre.start(acme)
    namesake = await person("leeds", of_two).begin()
    peers.append(namesake)
    own = await person("leeds", of_two, tenant="acme").begin("patchbay/acme/answers/leeds/#")
    peers.append(own)
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "sign_in", "data": ANN}
    for peer in (namesake, own):
        peer.client.publish("patchbay/acme/commands/leeds", json.dumps(event), qos=1)
    await comes(lambda: namesake.refused == ["Not authorized"])
    await comes(lambda: own.of("acme/answers/leeds"))
    assert own.refused == []
    assert (edge.problem, centre.counted) == ("", {"accepted": 1})


async def test_nobody_reads_what_is_not_for_them(
    secured: Mosquitto, safe: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    await centre.start(safe)
    wallboard = await person("wallboard", secured).begin("patchbay/#")
    peers.append(wallboard)
    await centre.do(c.Arrive, contact="k", channel="voice")
    await comes(lambda: wallboard.of("help/figures"))
    assert wallboard.of("/contacts/") == []


async def test_nobody_says_what_patchbay_says(
    secured: Mosquitto, safe: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    await centre.start(safe)
    leeds = await person("leeds", secured).begin()
    peers.append(leeds)
    for topic in ("agents/ann/presence", "contacts/k/offered", "edge/patchbay/status"):
        leeds.client.publish(f"patchbay/main/{topic}", b"{}", qos=1, retain=True)
    await comes(lambda: leeds.refused == ["Not authorized"] * 3)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"password": "wrong"}, "Not authorized"),
        ({"username": ""}, "Not authorized"),
        ({"tls": Tls()}, "certificate verify failed"),
        ({"host": "127.0.0.2"}, "refused"),
        ({"port": 1}, "refused"),
    ],
    ids=["password", "nobody", "unknown authority", "host", "port"],
)
async def test_why_a_broker_cannot_be_used_is_told(
    secured: Mosquitto, safe: EdgeSettings, centre: Centre, changed: dict[str, object], told: str
) -> None:
    wrong = msgspec.structs.replace(safe, **changed)
    edge = await centre.start(wrong, connected=False)
    await comes(lambda: edge.problem)
    assert told in edge.problem
    assert not edge.connected
    assert PASSWORDS["patchbay"] not in edge.problem
    assert told in await trouble_with(wrong)
    await centre.do(c.Arrive, contact="k", channel="voice")
    assert edge.behind == 1


async def test_a_broker_that_can_be_used_has_no_trouble(safe: EdgeSettings) -> None:
    assert await trouble_with(safe) == ""


async def test_rules_that_forget_patchbay_are_told_and_nothing_is_lost(
    secured: Mosquitto, safe: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    followed = "patchbay/main/contacts/#"
    backoffice = await person("backoffice", secured, lasting=True).begin(followed)
    peers.append(backoffice)
    rules = secured.folder / "acl"
    good = rules.read_text()
    rules.write_text(good.replace("topic write patchbay/main/contacts/#\n", ""))
    await _restart(secured)
    edge = await centre.start(safe)
    await centre.do(c.Arrive, contact="k", channel="voice")
    await comes(lambda: "does not take what Patchbay says" in edge.problem)
    assert edge.behind == 1
    rules.write_text(good)
    await _restart(secured)
    await comes(lambda: edge.connected and not edge.behind)
    await comes(lambda: backoffice.of("contacts/k/arrived"))


async def _restart(broker: Mosquitto) -> None:
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)


def test_the_shipped_files_name_no_place_of_ours() -> None:
    folder = Path(__file__).parents[3] / "deploy" / "mosquitto"
    assert {one.name for one in folder.iterdir()} == {"mosquitto.conf", "acl"}
