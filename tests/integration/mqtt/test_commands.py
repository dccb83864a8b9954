"""Commands over a real broker: decided once, answered always, and nothing else happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import msgspec
import pytest

from router.core import commands as c
from router.core.durations import SECOND
from router.core.events import Entry, Rejected
from router.edge.settings import EdgeClient, EdgeSettings
from router.limits import Rate
from router.ports import JournalUnavailable
from tests.mqtt.centre import LEEDS, Centre, Peer, comes
from tests.mqtt.server import Mosquitto

ANSWERS = "patchbay/main/answers/#"
SIGN_IN = {"agent": "ann"}


@pytest.fixture
async def leeds(broker: Mosquitto, peers: list[Peer]) -> Peer:
    peer = await Peer("leeds", broker.port).begin(ANSWERS)
    peers.append(peer)
    return peer


async def test_a_command_is_answered_where_it_was_wanted(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    await centre.start(settings)
    asked = leeds.ask("sign_in", SIGN_IN, to="patchbay/main/answers/leeds/desk-7", id="one")
    answer = await leeds.answer(asked)
    assert answer == {"command": "one", "position": centre.journaled}
    assert [one.topic for one in leeds.heard] == ["patchbay/main/answers/leeds/desk-7"]
    assert centre.engine.replica.state.agents["ann"].state == "not_ready"
    plain = await leeds.answer(leeds.ask("set_ready", SIGN_IN))
    assert plain["position"] == centre.journaled
    assert leeds.heard[-1].topic == "patchbay/main/answers/leeds"


async def test_mosquitto_pub_can_ask(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    await centre.start(settings)
    event = {"specversion": "1.0", "id": "7", "source": "/pub", "type": "sign_in", "data": SIGN_IN}
    command = ["-p", str(broker.port), "-V", "5", "-q", "1", "-m", json.dumps(event)]
    asking = await asyncio.create_subprocess_exec(
        "mosquitto_pub", *command, "-t", "patchbay/main/commands/leeds"
    )
    assert await asking.wait() == 0
    await comes(lambda: leeds.heard)
    assert leeds.of("answers/leeds")[0]["type"] == "patchbay.command.accepted"


async def test_a_command_that_comes_again_has_no_further_effect(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    await centre.start(settings)
    first = await leeds.answer(leeds.ask("sign_in", SIGN_IN, id="same"))
    await leeds.answer(leeds.ask("set_ready", SIGN_IN))
    again = await leeds.answer(leeds.ask("sign_in", SIGN_IN, id="same"))
    assert first["command"] == again["command"] == "same"
    assert again["position"] == centre.journaled == 3
    assert centre.engine.replica.state.agents["ann"].state == "ready"


HOSTILE = [
    b"",
    b"\x00",
    b"null",
    b"[" * 20_000,
    b'{"a":' * 5_000,
    b"x" * 70_000,
    b'{"specversion": "1.0", "id": "1", "id": "2", "source": "/x", "type": "sign_in"}',
    json.dumps({"specversion": "1.0", "id": "1", "source": "/x", "type": "tick"}).encode(),
]
ASKED = [
    ("sign_in", {"agent": "nobody there"}, "unknown_agent"),
    ("sign_in", {"agent": "\ud800"}, "malformed"),
    ("sign_in", {"agent": "ann", "extra": 1}, "malformed"),
    ("sign_in", {}, "malformed"),
    ("sign_in", None, "malformed"),
    ("arrive", {"contact": "", "channel": "voice"}, "invalid"),
    ("arrive", {"contact": "k" * 500, "channel": "voice"}, "invalid"),
    ("arrive", {"contact": "k", "channel": "voice", "preferred_for": 10**30}, "malformed"),
    ("enqueue", {"contact": "nobody", "queue": "help"}, "unknown_contact"),
    ("set_ready", {"agent": "ann"}, "signed_out"),
    ("force_state", {"agent": "ann", "state": "ready"}, "unauthorised"),
    ("publish_catalog", {"replaces": 1}, "malformed"),
    ("tick", {}, "malformed"),
]


async def test_whatever_is_asked_wrongly_is_answered_and_changes_nothing(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    await centre.start(settings)
    before = centre.journaled
    for payload in HOSTILE:
        answer = await leeds.answer(leeds.say(payload))
        assert answer["code"] == "malformed", payload[:40]
        assert answer["reason"].endswith(".")
    for kind, data, code in ASKED:
        answer = await leeds.answer(leeds.ask(kind, data))
        assert (answer["code"], answer["command"][:6]) == (code, "leeds-"), (kind, data)
    assert centre.journaled == before
    assert centre.counted.total() == len(HOSTILE) + len(ASKED)
    assert "accepted" not in centre.counted


async def test_who_may_send_nothing_is_told_so(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    await centre.start(settings)
    answer = await leeds.answer(leeds.ask("sign_in", SIGN_IN, client="stranger"))
    assert answer["code"] == "unauthorised"
    leeds.ask("sign_in", SIGN_IN, client="Not+A#Name".replace("+", "").replace("#", ""))
    await comes(lambda: centre.counted["unauthorised"] == 2)
    assert centre.journaled == 1


async def test_nobody_has_patchbay_write_where_they_may_not(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, leeds: Peer, peers: list[Peer]
) -> None:
    await centre.start(settings)
    watcher = await Peer("watcher", broker.port).begin("patchbay/main/agents/ann/presence")
    peers.append(watcher)
    await comes(lambda: watcher.heard)
    said = len(watcher.heard)
    asked = leeds.ask("sign_in", SIGN_IN, to="patchbay/main/agents/ann/presence")
    await comes(lambda: leeds.heard)
    assert leeds.of("answers/leeds")[0]["data"]["code"] == "malformed"
    assert asked
    assert len(watcher.heard) == said
    assert centre.journaled == 1


async def test_a_retained_command_is_not_done_by_those_who_come_later(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    event = {"specversion": "1.0", "id": "7", "source": "/x", "type": "sign_in", "data": SIGN_IN}
    leeds.say(json.dumps(event).encode(), retain=True)
    await asyncio.sleep(0.2)
    await centre.start(settings)
    await leeds.answer(leeds.ask("sign_in", {"agent": "ben"}))
    assert centre.engine.replica.state.agents["ann"].state == "signed_out"
    assert sum(centre.counted.values()) == 1


async def test_who_sends_too_fast_is_told_and_may_go_on_later(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    slow = EdgeClient(
        name="leeds", commands=LEEDS.commands, rate=Rate(burst=2, every=3_600 * SECOND)
    )
    await centre.start(
        EdgeSettings(host=settings.host, port=settings.port, clients={"leeds": slow})
    )
    answers = [await leeds.answer(leeds.ask("sign_in", SIGN_IN, id="same")) for _ in range(3)]
    assert ["code" in one for one in answers] == [False, False, True]
    assert answers[2]["code"] == "too_fast"


async def test_what_cannot_be_done_counts_against_the_limit_and_beyond_it_gets_no_answer(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    slow = EdgeClient(name="leeds", commands=("sign_in",), rate=Rate(burst=3, every=3_600 * SECOND))
    await centre.start(
        EdgeSettings(host=settings.host, port=settings.port, clients={"leeds": slow})
    )
    leeds.say(b"{bad")
    forbidden = await leeds.answer(leeds.ask("sign_out", {"agent": "ann"}))
    leeds.say(b"{bad")
    for _ in range(5):
        leeds.say(b"{bad")
    last = await leeds.answer(leeds.ask("sign_in", SIGN_IN))
    assert (forbidden["code"], last["code"]) == ("unauthorised", "too_fast")
    assert centre.counted["malformed"] == 2
    assert centre.counted["too_fast"] == 6
    assert len(leeds.of("answers/leeds")) == 4


async def test_commands_of_one_client_keep_their_order(
    settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    await centre.start(settings)
    asked = []
    for number in range(40):
        contact = f"k{number}"
        asked.append(leeds.ask("arrive", {"contact": contact, "channel": "voice"}))
        asked.append(leeds.ask("enqueue", {"contact": contact, "queue": "help"}))
        asked.append(leeds.ask("abandon", {"contact": contact}))
    await comes(lambda: len(leeds.heard) >= len(asked))
    positions = [one["data"]["position"] for one in leeds.of("answers/leeds")]
    assert positions == sorted(positions)
    assert len(set(positions)) == len(asked)


@pytest.mark.parametrize("qos", [0, 2])
async def test_commands_are_taken_at_any_quality(
    settings: EdgeSettings, centre: Centre, leeds: Peer, qos: int
) -> None:
    await centre.start(settings)
    event = {"specversion": "1.0", "id": "7", "source": "/x", "type": "sign_in", "data": SIGN_IN}
    leeds.client.publish("patchbay/main/commands/leeds", json.dumps(event), qos=qos)
    await comes(lambda: leeds.of("answers/leeds"))
    assert leeds.of("answers/leeds")[0]["data"]["position"] == 2


async def test_a_flood_that_nobody_confirms_keeps_nobody_from_being_heard(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, leeds: Peer, peers: list[Peer]
) -> None:
    bath = EdgeClient(name="bath", commands=frozenset({"sign_in"}))
    clients = settings.clients | {"bath": bath}
    edge = await centre.start(msgspec.structs.replace(settings, clients=clients))
    flood = await Peer("flood", broker.port).begin()
    peers.append(flood)
    for _ in range(3_000):
        flood.client.publish("patchbay/main/commands/leeds", b"{", qos=0)
    answer = await leeds.answer(leeds.ask("sign_in", SIGN_IN, client="bath"))
    assert answer["position"] == centre.journaled
    assert edge.connected


async def test_what_came_while_nobody_was_there_is_done_once(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, leeds: Peer
) -> None:
    edge = await centre.start(settings)
    await edge.stop()
    asked = leeds.ask("sign_in", SIGN_IN)
    await asyncio.sleep(0.1)
    await edge.start()
    assert (await leeds.answer(asked))["position"] == centre.journaled == 2


async def test_commands_wait_for_a_journal_that_is_away(
    settings: EdgeSettings, centre: Centre, leeds: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await centre.start(settings)
    journal, away = centre.engine._journal, asyncio.Event()
    append = journal.append

    async def unavailable(entries: list[Entry], refused: Mapping[str, Rejected]) -> None:
        if not away.is_set():
            raise JournalUnavailable("The disk is full.")
        await append(entries, refused)

    monkeypatch.setattr(journal, "append", unavailable)
    asked = leeds.ask("sign_in", SIGN_IN)
    await comes(lambda: not centre.engine.health().ready)
    assert not leeds.heard
    away.set()
    assert (await leeds.answer(asked))["position"] == 2


async def test_commands_through_a_broker_that_restarts_are_all_answered_and_done_once(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, peers: list[Peer]
) -> None:
    branch = await Peer("branch", broker.port, lasting=True).begin(ANSWERS)
    peers.append(branch)
    await centre.start(settings)
    for number in range(60):
        branch.ask("arrive", {"contact": f"k{number}", "channel": "voice"}, id=f"k{number}")
        if number == 20:
            await asyncio.to_thread(broker.stop)
            await asyncio.to_thread(broker.start)
        await asyncio.sleep(0.01)

    def answered() -> set[str]:
        return {one["data"]["command"] for one in branch.of("answers/leeds")}

    await comes(lambda: len(answered()) == 60)
    assert len(centre.engine.replica.state.contacts) == 60
    assert {one["type"] for one in branch.of("answers/leeds")} == {"patchbay.command.accepted"}
    assert centre.journaled == 61


async def test_events_say_at_which_position_a_command_took_effect(
    broker: Mosquitto, settings: EdgeSettings, centre: Centre, leeds: Peer, peers: list[Peer]
) -> None:
    await centre.start(settings)
    board = await Peer("board", broker.port).begin("patchbay/main/agents/#")
    peers.append(board)
    answer = await leeds.answer(leeds.ask("sign_in", SIGN_IN))
    await comes(lambda: board.of("ann/signed_in"))
    assert board.of("ann/signed_in")[0]["data"]["position"] == answer["position"]
    assert await centre.do(c.SetReady, agent="ann")
