"""Events on a real broker: documented, complete, in order, whatever becomes of the broker."""

from __future__ import annotations

import asyncio
import json

import jsonschema
import pytest

from router.core import commands as c
from router.edge.settings import EdgeSettings
from server import asyncapi
from tests.mqtt.centre import Centre, Peer, catalog, comes
from tests.mqtt.server import Mosquitto

EVENTS = "patchbay/main/contacts/#"


async def one_call(centre: Centre, contact: str) -> None:
    await centre.do(c.Arrive, contact=contact, channel="voice", address="+441632960001")
    await centre.do(c.Enqueue, contact=contact, queue="help")
    await centre.do(c.Abandon, contact=contact)


def numbers(peer: Peer) -> dict[str, list[int]]:
    """The numbers of each contact's events in the order of their first coming."""
    found: dict[str, dict[int, None]] = {}
    for message in peer.of("/contacts/"):
        found.setdefault(message["subject"], {})[message["data"]["sequence"]] = None
    return {contact: list(one) for contact, one in found.items()}


async def test_mosquitto_sub_sees_the_documented_events(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre
) -> None:
    await centre.start(settings)
    command = ["-p", str(broker.port), "-V", "5", "-q", "1", "-t", "patchbay/#", "-F", "%t\t%p"]
    listening = await asyncio.create_subprocess_exec(
        "mosquitto_sub", *command, "-W", "30", stdout=asyncio.subprocess.PIPE
    )
    assert listening.stdout is not None
    heard: list[tuple[str, dict[str, object]]] = []
    try:
        while not any(topic.endswith("/status") for topic, _ in heard):
            heard.append(_read(await listening.stdout.readline()))
        await one_call(centre, "call/1")
        while not any(topic.endswith("/abandoned") for topic, _ in heard):
            heard.append(_read(await listening.stdout.readline()))
    finally:
        listening.kill()
        await listening.wait()
    topics = [topic for topic, _ in heard if "/contacts/" in topic]
    at = "patchbay/main/contacts/call%2F1"
    assert topics == [f"{at}/arrived", f"{at}/enqueued", f"{at}/abandoned"]
    for _, message in heard:
        _as_documented(message)
    assert "+441632960001" not in json.dumps(heard)


def _read(line: bytes) -> tuple[str, dict[str, object]]:
    topic, _, payload = line.decode().partition("\t")
    return topic, json.loads(payload)


def _as_documented(message: dict[str, object]) -> None:
    document = asyncapi.document()["components"]
    (known,) = [one for one in document["messages"].values() if one["name"] == message["type"]]
    schema = {"$ref": known["payload"]["$ref"], "components": document}
    jsonschema.validate(message, schema)


async def test_a_broker_that_restarts_under_load_loses_nothing(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    wallboard = await Peer("wallboard", broker.port, lasting=True).begin(EVENTS)
    peers.append(wallboard)
    edge = await centre.start(settings)
    contacts = [f"call-{number}" for number in range(60)]

    async def calls() -> None:
        for contact in contacts:
            await one_call(centre, contact)
            await asyncio.sleep(0.03)

    load = asyncio.create_task(calls())
    await comes(lambda: len(numbers(wallboard)) >= 5)
    await asyncio.to_thread(broker.stop)
    await comes(lambda: not edge.connected)
    assert "Events wait" in edge.problem or not edge.problem
    await asyncio.sleep(1)
    await asyncio.to_thread(broker.start)
    await load
    await comes(lambda: edge.connected and not edge.behind)
    await comes(lambda: len(numbers(wallboard)) == len(contacts))
    await comes(lambda: all(len(found) == 3 for found in numbers(wallboard).values()))
    assert numbers(wallboard) == {contact: [1, 2, 3] for contact in contacts}
    assert edge.problem == ""
    by_id: dict[str, str] = {}
    for message in wallboard.of("/contacts/"):
        said = json.dumps(message)
        assert by_id.setdefault(message["id"], said) == said


async def test_a_patchbay_that_starts_again_goes_on_where_the_broker_was(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    wallboard = await Peer("wallboard", broker.port).begin(EVENTS)
    peers.append(wallboard)
    await one_call(centre, "before the first start")
    edge = await centre.start(settings)
    await one_call(centre, "a")
    await comes(lambda: len(wallboard.of("/contacts/a/")) == 3)
    await edge.stop()
    assert centre.position.position == centre.journaled
    await one_call(centre, "b")
    again = await centre.start(settings)
    await comes(lambda: not again.behind)
    await comes(lambda: len(wallboard.of("/contacts/b/")) == 3)
    assert numbers(wallboard) == {"a": [1, 2, 3], "b": [1, 2, 3]}


async def test_a_broker_that_is_frozen_holds_up_nobody(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    wallboard = await Peer("wallboard", broker.port).begin(EVENTS)
    peers.append(wallboard)
    edge = await centre.start(settings)
    broker.freeze()
    try:
        for number in range(100):
            await one_call(centre, f"call-{number}")
        assert edge.behind > 0
    finally:
        broker.thaw()
    await comes(lambda: len(numbers(wallboard)) == 100)
    assert set(map(tuple, numbers(wallboard).values())) == {(1, 2, 3)}


async def test_consumers_that_share_a_subscription_share_the_work(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    for number in range(3):
        shared = f"$share/warehouse/{EVENTS}"
        peers.append(await Peer(f"worker-{number}", broker.port).begin(shared))
    await centre.start(settings)
    contacts = [f"call-{number}" for number in range(20)]
    for contact in contacts:
        await one_call(centre, contact)
    await comes(lambda: sum(len(peer.heard) for peer in peers) >= 60)
    ids = [message["id"] for peer in peers for message in peer.of("/contacts/")]
    assert len(ids) == len(set(ids)) == 60
    assert all(peer.heard for peer in peers)


async def test_presence_and_figures_are_retained_with_their_position(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    await centre.start(settings)
    await centre.do(c.SignIn, agent="ann")
    await centre.do(c.SetReady, agent="ann")
    position = centre.journaled
    centre.waiting = 4
    early = await Peer("early", broker.port).begin("patchbay/main/+/+/+")
    peers.append(early)
    await comes(lambda: any(one["data"]["state"] == "ready" for one in early.of("ann/presence")))
    await comes(lambda: any(one["data"]["waiting"] == 4 for one in early.of("help/figures")))
    late = await Peer("late", broker.port).begin(
        "patchbay/main/+/+/presence", "patchbay/main/+/+/figures"
    )
    peers.append(late)
    await comes(lambda: len(late.heard) == 3)
    assert all(message.retain for message in late.heard)
    (ann,) = late.of("ann/presence")
    assert ann["data"] | {"since": 0} == {
        "position": position,
        "agent": "ann",
        "team": "one",
        "state": "ready",
        "reason": "",
        "since": 0,
        "next_state": "",
        "contacts": {},
        "unreachable": [],
    }
    (figures,) = late.of("help/figures")
    assert (figures["data"]["waiting"], figures["data"]["position"]) == (4, position)


async def test_what_is_retained_for_those_who_are_gone_is_taken_back(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    first = await centre.start(settings)
    board = await Peer("board", broker.port).begin("patchbay/main/agents/+/presence")
    peers.append(board)
    await comes(lambda: len(board.heard) == 2)
    await centre.do(c.PublishCatalog, catalog=catalog(2, ("ann", "eve")), replaces=1)
    await comes(lambda: any(_is_taken_back(one, "ben") for one in board.heard))
    await comes(lambda: board.of("eve/presence"))
    await first.stop()
    await centre.do(c.PublishCatalog, catalog=catalog(3, ("ann",)), replaces=2)
    await centre.start(settings)  # eve went while nobody was there to say so
    await comes(lambda: any(_is_taken_back(one, "eve") for one in board.heard))
    late = await Peer("late", broker.port).begin("patchbay/main/agents/+/presence")
    peers.append(late)
    await comes(lambda: late.heard)
    assert [one["subject"] for one in late.of("presence")] == ["ann"]


def _is_taken_back(message: object, agent: str) -> bool:
    topic, payload = getattr(message, "topic", ""), getattr(message, "payload", b"x")
    return topic.endswith(f"{agent}/presence") and payload == b""


async def test_an_edge_says_when_it_comes_and_goes(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    watcher = await Peer("watcher", broker.port).begin("patchbay/main/edge/#")
    peers.append(watcher)
    edge = await centre.start(settings)
    await comes(lambda: len(watcher.heard) == 1)
    await edge.stop()
    await comes(lambda: len(watcher.heard) == 2)
    states = [one["data"]["status"] for one in watcher.of("status")]
    assert states == ["online", "offline"]
    assert len({one["data"]["session"] for one in watcher.of("status")}) == 1


@pytest.mark.parametrize("version", [4, 5], ids=["3.1.1", "5"])
async def test_clients_of_either_version_hear_the_same(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer], version: int
) -> None:
    peer = await Peer("old", broker.port, version=version).begin(EVENTS)
    peers.append(peer)
    await centre.start(settings)
    await one_call(centre, "a")
    await comes(lambda: numbers(peer) == {"a": [1, 2, 3]})
