"""The board: rows that are right, at most once a second, and why a queue hurts."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from reporting.board import BoardHub
from reporting.board_session import MAX_FRAME
from reporting.statistics import Statistics
from router.core import commands as c
from router.core.catalog import Hours
from router.core.durations import MINUTE, SECOND


class Board:
    """A page on the hub: rows as it would show them."""

    def __init__(self, hub: BoardHub) -> None:
        self.session = hub.connect()
        self.queues: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.ended = False
        self._frames = self.session.outgoing()
        self._next: asyncio.Task[bytes] | None = None

    async def read(self) -> list[dict[str, Any]]:
        before = len(self.messages)
        while not self.ended:
            if self._next is None:
                self._next = asyncio.ensure_future(anext(self._frames))
            for _ in range(5):
                await asyncio.sleep(0)
            if not self._next.done():
                break
            task, self._next = self._next, None
            try:
                self._apply(msgspec.json.decode(task.result()))
            except StopAsyncIteration:
                self.ended = True
        return self.messages[before:]

    def _apply(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        assert message["n"] == len(self.messages)
        if message["type"] == "board_snapshot":
            self.queues, self.agents = {}, {}
        self.queues |= {row["queue"]: row for row in message["queues"]}
        self.agents |= {row["agent"]: row for row in message["agents"]}
        for queue in message.get("queues_gone", ()):
            del self.queues[queue]
        for agent in message.get("agents_gone", ()):
            del self.agents[agent]


class Room:
    """The log, the hub on it, and seconds as the hub lives them."""

    def __init__(self, log: Any) -> None:
        self.log = log
        self.statistics = Statistics()
        for entry in log.entries:
            self.statistics.handle(entry)
        self.hub = BoardHub(log.replica, self.statistics, log.clock)
        log.listeners.append(self.hub.handle)
        self.boards: list[Board] = []

    def board(self) -> Board:
        self.boards.append(Board(self.hub))
        return self.boards[-1]

    def seconds(self, count: int = 1) -> None:
        for _ in range(count):
            self.log.advance(SECOND)
            for _ in range(10):
                self.hub.tick()

    def why(self, queue: str) -> dict[str, dict[str, Any]]:
        return {reason.code: reason.values for reason in self.hub.queue_rows[queue].why}


@pytest.fixture
async def room(log):
    made = Room(log)
    yield made
    made.hub.close()
    for board in made.boards:
        await board.read()


async def test_a_board_begins_with_every_row(room):
    board = room.board()
    (first,) = await board.read()
    assert first["type"] == "board_snapshot"
    assert set(board.queues) == {"billing", "support", "night"}
    assert set(board.agents) == {"ann", "ben", "chi"}


async def test_changes_come_at_most_once_a_second_and_only_those(room):
    board = room.board()
    await board.read()
    for number in range(20):
        room.log.arrive(f"k{number}")
    assert await board.read() == []
    room.seconds()
    heard = await board.read()
    assert len(heard) == 1
    assert [row["queue"] for row in heard[0]["queues"]] == ["support"]
    assert heard[0]["agents"] == []
    assert board.queues["support"]["waiting"] == 20
    assert board.queues["support"]["longest_since"] == room.log.now - SECOND


async def test_an_agents_row_shows_what_they_do_and_with_whom(room):
    board = room.board()
    room.log.ready("ann")
    room.log.say(c.Arrive, contact="k1", channel="chat")
    room.log.say(c.IdentifyCustomer, contact="k1", customer=customer())
    room.log.say(c.Enqueue, contact="k1", queue="support")
    room.seconds()
    await board.read()
    assert board.agents["ann"]["contacts"][0]["doing"] == "reserved"
    room.log.accept("k1")
    room.seconds(10)
    await board.read()
    row = board.agents["ann"]
    assert (row["state"], row["handled"]) == ("ready", 1)
    assert row["contacts"] == [
        {
            "contact": "k1",
            "channel": "chat",
            "doing": "active",
            "since": row["contacts"][0]["since"],
            "queue": "support",
            "customer": "María Díaz",
        }
    ]


def customer():
    from router.core.model import CustomerRef

    return CustomerRef(id="7", name="María Díaz", tier="gold")


async def test_headcounts_follow_what_agents_do(room):
    room.log.ready("ann", "ben")
    room.log.say(c.SignIn, agent="chi")
    room.log.arrive("k1")
    room.log.accept("k1")
    room.seconds()
    row = room.hub.queue_rows["support"]
    assert (row.ready, row.busy, row.wrapping, row.not_ready) == (1, 1, 0, 1)
    room.log.say(c.EndContact, contact="k1")
    room.seconds()
    row = room.hub.queue_rows["support"]
    assert (row.ready, row.busy, row.wrapping, row.not_ready) == (1, 0, 1, 1)


async def test_a_quiet_board_is_told_now_and_then_that_it_is_alive(room):
    board = room.board()
    room.seconds(12)
    await board.read()
    room.seconds(4)
    assert len(await board.read()) <= 1
    room.seconds(6)
    heard = await board.read()
    assert heard
    assert heard[-1]["at"] <= room.log.now
    assert heard[-1]["queues"] == heard[-1]["agents"] == []


async def test_a_board_that_did_not_read_gets_the_rows_as_they_are_now(room):
    board, quick = room.board(), room.board()
    await board.read()
    await quick.read()
    for number in range(30):
        room.log.arrive(f"k{number}")
        room.seconds()
        await quick.read()
    heard = await board.read()
    assert len(heard) <= 2  # the frame that was being sent, then everything since
    assert board.queues == quick.queues


async def test_resync_brings_a_snapshot_but_a_flood_of_them_only_one_a_second(room):
    board = room.board()
    await board.read()
    for _ in range(50):
        await board.session.receive(b'{"type":"resync"}')
    room.seconds()
    assert [m["type"] for m in await board.read()] == ["board_snapshot"]


@pytest.mark.parametrize(
    "frame",
    [b"{", b'{"type":"pull"}', b'{"type":"ping","x":1}', b"\xff", b"x" * (MAX_FRAME + 1), "\ud800"],
)
async def test_bad_frames_are_borne_with_and_then_not_any_more(room, frame):
    board = room.board()
    await board.read()
    await board.session.receive(frame)
    assert not board.session.closed
    for _ in range(30):
        await board.session.receive(frame)
    await board.read()
    assert board.ended
    assert room.hub.boards_connected == 0


async def test_a_flood_of_good_frames_closes_the_board(room):
    board = room.board()
    for _ in range(200):
        await board.session.receive(b'{"type":"ping"}')
    assert board.session.closed


async def test_rows_of_a_new_catalog_come_and_go(room):
    board = room.board()
    await board.read()
    catalog = room.log.replica.state.catalog
    queues = {k: v for k, v in catalog.queues.items() if k != "night"}
    room.log.say(
        c.PublishCatalog,
        catalog=msgspec.structs.replace(catalog, version=2, queues=queues),
        replaces=1,
    )
    room.seconds()
    await board.read()
    assert set(board.queues) == {"billing", "support"}


# -- why --------------------------------------------------------------------------------------


async def test_nobody_waiting_is_nothing_to_explain(room):
    room.seconds()
    assert room.why("support") == {}
    assert room.hub.queue_rows["support"].status == "ok"


async def test_nobody_signed_in_is_bad_at_once(room):
    room.log.arrive("k1", queue="billing")
    room.seconds()
    assert room.hub.queue_rows["billing"].status == "bad"
    assert "nobody_signed_in" in room.why("billing")


async def test_everybody_on_break_is_said_so(room):
    room.log.say(c.SignIn, agent="ann")
    room.log.say(c.SetNotReady, agent="ann", reason="break")
    room.log.arrive("k1", queue="billing")
    room.seconds()
    assert room.why("billing")["all_on_break"] == {"agents": 1, "asks_for": "es >= 3"}


def cut(agent: str, *, reachable: bool = False) -> dict[str, object]:
    """What is said of somebody whom no chat reaches."""
    reason = "" if reachable else "page closed"
    return {"agent": agent, "channel": "chat", "reachable": reachable, "reason": reason}


async def test_an_agent_who_cannot_be_reached_is_shown_so(room):
    board = room.board()
    room.log.ready("ann")
    room.log.say(c.SetReachable, **cut("ann"), by="chat")
    room.seconds()
    await board.read()
    row = board.agents["ann"]
    assert (row["state"], row["unreachable"]) == ("ready", {"chat": "page closed"})
    room.log.say(c.SetReachable, **cut("ann", reachable=True), by="chat")
    room.seconds(2)
    await board.read()
    assert board.agents["ann"]["unreachable"] == {}


async def test_nobody_within_reach_is_bad_and_said_so(room):
    room.log.ready("ann")
    room.log.say(c.SetReachable, **cut("ann"))
    room.log.arrive("k1", queue="billing")
    room.seconds()
    row = room.hub.queue_rows["billing"]
    assert (row.status, row.ready) == ("bad", 1)
    assert room.why("billing")["nobody_reachable"] == {
        "of": 1,
        "unreachable": 1,
        "not_ready": 0,
        "asks_for": "es >= 3",
    }


async def test_who_cannot_be_reached_is_not_free_and_counted_apart(room):
    room.log.ready("ann", "ben", "chi")
    room.log.say(c.SetReachable, **cut("ben"))
    for number in range(3):
        room.log.arrive(f"busy{number}")
        room.log.accept(f"busy{number}")
    room.log.arrive("busy3")
    room.log.accept("busy3")
    room.log.arrive("k")
    room.seconds()
    found = room.why("support")["nobody_free"]
    assert (found["of"], found["busy"], found["unreachable"]) == (3, 2, 1)


async def test_nobody_free_comes_with_what_will_help(room):
    room.log.ready("ann")
    for number in range(2):
        room.log.arrive(f"busy{number}", queue="billing")
        room.log.accept(f"busy{number}")
    room.log.ready("ben")
    room.log.say(c.Arrive, contact="k1", channel="chat")
    room.log.say(c.IdentifyCustomer, contact="k1", customer=customer())
    room.log.say(c.Enqueue, contact="k1", queue="billing")
    queued_at = room.log.now
    room.seconds()
    why = room.why("billing")
    assert why["nobody_free"] == {
        "of": 1,
        "busy": 1,
        "wrapping": 0,
        "not_ready": 0,
        "unreachable": 0,
        "asks_for": "es >= 3",
    }
    assert why["step_widens_in"] == {
        "at": queued_at + MINUTE,
        "more": 1,
        "step": 2,
        "asks_for": "es >= 1",
    }
    assert why["lendable"] == {"agent": "ben", "name": "Ben", "skill": "es", "has": 2, "needs": 3}
    assert why["longest_waits"]["customer"] == "María Díaz"
    assert why["longest_waits"]["since"] == queued_at
    assert "late" not in why


async def test_a_contact_that_rings_lacks_nobody(room):
    room.log.ready("ann")
    room.log.arrive("k1", queue="billing")
    room.log.accept("k1")
    room.log.say(c.Arrive, contact="k2", channel="chat")
    room.log.say(c.Enqueue, contact="k2", queue="billing")
    room.seconds()
    assert set(room.why("billing")) == set()


async def test_the_reason_is_sought_for_those_who_do_not_ring(room):
    room.log.ready("ann")
    for number in range(3):
        room.log.arrive(f"k{number}", queue="billing")
    queued = room.log.replica.state.contacts["k2"]
    room.seconds()
    assert room.why("billing")["longest_waits"]["contact"] == queued.id
    assert room.why("billing")["nobody_free"]["busy"] == 1


async def test_room_for_one_more_chat_is_being_free(room):
    room.log.ready("ann")
    room.log.arrive("k1", queue="billing", channel="chat")
    room.log.accept("k1")
    room.log.say(c.SignIn, agent="ben")
    room.log.say(c.Arrive, contact="k2", channel="chat")
    room.log.say(c.Enqueue, contact="k2", queue="billing", preferred=("ben",))
    room.seconds()
    assert room.log.replica.state.contacts["k2"].state == "queued"
    assert "longest_waits" in room.why("billing")
    assert "nobody_free" not in room.why("billing")


async def test_a_row_turns_amber_and_red_with_the_wait(room):
    room.log.ready("ann")
    for number in range(3):
        room.log.arrive(f"k{number}")
        if number < 2:
            room.log.accept(f"k{number}")
    room.seconds(5)
    assert room.hub.queue_rows["support"].status == "ok"
    room.seconds(20)
    assert room.hub.queue_rows["support"].status == "warn"
    assert room.why("support")["late"]["within"] == 20 * SECOND
    room.seconds(20)
    assert room.hub.queue_rows["support"].status == "bad"


async def test_a_row_is_not_late_outside_the_hours_of_its_objective(room):
    log = room.log
    catalog, opens = log.replica.state.catalog, log.now + 2 * MINUTE
    spans = ((opens, opens + 60 * MINUTE),)
    office = Hours(id="office", spans=spans, until=spans[0][1], summary="mon-fri 9-5")
    support = replace(catalog.queues["support"], objective_hours="office")
    changed = replace(
        catalog,
        version=catalog.version + 1,
        queues={**catalog.queues, "support": support},
        hours={**catalog.hours, "office": office},
    )
    log.say(c.PublishCatalog, catalog=changed, replaces=catalog.version)
    log.ready("ann")
    for number in range(3):
        log.arrive(f"k{number}")
        if number < 2:
            log.accept(f"k{number}")
    room.seconds(110)
    row = room.hub.queue_rows["support"]
    assert (row.status, row.objective_hours) == ("ok", "mon-fri 9-5")
    assert row.late_at == opens + 20 * SECOND
    assert "late" not in room.why("support")
    room.seconds(40)
    assert room.hub.queue_rows["support"].status == "warn"
    assert room.why("support")["late"]["hours"] == "mon-fri 9-5"


async def test_a_row_does_not_change_while_time_alone_passes(room):
    board = room.board()
    room.log.ready("ann")
    room.log.arrive("busy")
    room.log.accept("busy")
    room.log.arrive("k1", queue="billing", channel="voice")
    room.seconds(3)
    await board.read()
    room.seconds(2)
    assert all(m["queues"] == [] for m in await board.read())


async def test_a_closed_queue_says_when_it_opens(room):
    room.seconds(1)
    row = room.hub.queue_rows["night"]
    assert not row.open
    opens = room.log.replica.state.catalog.hours["never"].spans[0][0]
    assert room.why("night") == {"closed": {"reopens_at": opens}}


async def test_missing_the_target_is_named_with_its_figures(room):
    room.log.arrive("k1")
    room.log.arrive("k2")
    room.seconds(30)
    room.log.say(c.Abandon, contact="k1")
    room.log.ready("ann")
    room.log.accept("k2")
    room.seconds(1)
    assert room.why("support")["below_target"] == {
        "service_percent": 0,
        "target_percent": 80,
        "span": "now",
    }
    assert room.hub.queue_rows["support"].service_now == 0.0


async def test_rows_equal_those_a_fresh_hub_draws(new_log):
    for seed in range(12):
        log = new_log()
        room = Room(log)
        log.play(seed, 150)
        room.seconds(100)
        fresh = Room(log)
        fresh.hub.tick()
        assert room.hub.queue_rows == fresh.hub.queue_rows
        assert {a: untimed(r) for a, r in room.hub.agent_rows.items()} == {
            a: untimed(r) for a, r in fresh.hub.agent_rows.items()
        }


def untimed(row):
    return msgspec.structs.replace(row, occupancy=0.0)
