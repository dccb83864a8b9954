"""Desks that go, desks beside each other, agents who reach for what is others', and clocks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.presence import PresenceTimes
from config.settings import load_settings
from router.clock import SystemClock
from router.core.model import AgentState, ContactState
from router.ports import Accepted, Arrival
from server.accounts import User
from server.guard import COOKIE
from server.roles import Role
from tests.integration.live import TEXT, Live, ask, comes, frame, hear, serving

CATALOG = """
skills: {english: English}
queues:
  help: {label: Help, steps: [{ask: {english: 1}}], offer_for: 120s, wrap_up: 60s}
  brief: {label: Brief, steps: [{ask: {english: 1}}], offer_for: 2s}
profiles:
  all: {label: Everything, queues: [help, brief], capacity: {voice: 1, chat: 3}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  line: {label: Customer line, channel: voice, queue: help}
  short: {label: Short line, channel: voice, queue: brief}
"""
AGENT = frozenset({Role.AGENT})
PEOPLE = [User(id=name, name=name.title(), roles=AGENT, agent=name) for name in ("ann", "ben")]
DAY = 86_400 * 10**9  # nanoseconds
TENTH = 100_000  # microseconds


def settings_in(folder: Path) -> Any:
    catalog = folder / "catalog.yaml"
    catalog.write_text(CATALOG, encoding="utf-8")
    return load_settings(data_directory=folder, catalog_path=catalog)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    async with serving(settings_in(tmp_path), PEOPLE) as service:
        patience(service, PresenceTimes(grace=10 * TENTH, offer_grace=3 * TENTH))
        yield service


def patience(live: Live, times: PresenceTimes) -> None:
    """How long agents without a desk are waited for: as in earnest, but shorter."""
    live.patchbay.desk._presence._times = times


class Desk:
    """A page of one agent that behaves."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def ready(self) -> Desk:
        await hear(self.connection, "desk_snapshot")
        await self.must("go_ready")
        return self

    async def offered(self) -> dict[str, Any]:
        return (await hear(self.connection, "offer_made"))["offer"]

    async def must(self, kind: str, **fields: Any) -> None:
        reply = await ask(self.connection, kind, **fields)
        assert reply["ok"], reply


async def call(live: Live, contact: str, entry_point: str = "line") -> None:
    arrival = Arrival(
        contact=contact, channel="voice", address="+441632960001", entry_point=entry_point
    )
    assert isinstance(await live.patchbay.intake.receive(arrival), Accepted)


# -- desks that go --------------------------------------------------------------------------------


async def test_a_tab_that_closes_in_the_middle_of_an_offer_passes_it_on(live):
    async with live.connect("/ws/desk", await live.token("ann")) as first:
        ann = await Desk(first).ready()
        await call(live, "call-1")
        assert (await ann.offered())["contact"] == "call-1"
        async with live.connect("/ws/desk", await live.token("ben")) as second:
            ben = await Desk(second).ready()
            first.transport.abort()
            assert (await ben.offered())["contact"] == "call-1"
            assert live.state.agents["ann"].state is AgentState.NOT_READY
            assert list(live.state.contacts["call-1"].offers) == ["ben"]


async def test_a_desk_that_goes_half_open_loses_its_offer_and_its_connection(live):
    """The machine behind it sleeps: the connection stands and nothing ever comes over it."""
    patience(live, PresenceTimes(silence=20 * TENTH, grace=10 * TENTH, offer_grace=3 * TENTH))
    gone = await live.shaken("/ws/desk", await live.token("ann"))
    await gone.send(frame(TEXT, b'{"type": "go_ready", "id": "1"}'))
    await comes(lambda: live.state.agents["ann"].state is AgentState.READY)
    await call(live, "call-1")
    assert list(live.state.contacts["call-1"].offers) == ["ann"]
    async with live.connect("/ws/desk", await live.token("ben")) as second:
        ben = await Desk(second).ready()
        assert await offered_while_pinging(ben) == "call-1"
        assert live.state.agents["ann"].state is AgentState.NOT_READY
        await comes(lambda: live.patchbay.watch.agents() == {"ben"})
    gone.close()


async def ask_for_pong(connection: Any) -> int:
    await connection.send(json.dumps({"type": "ping", "id": "p"}))
    at: int = (await hear(connection, "pong"))["at"]
    return at


async def offered_while_pinging(desk: Desk) -> str:
    """The contact the desk is offered; it pings meanwhile, as pages do."""
    offered = asyncio.create_task(desk.offered())
    while not offered.done():
        await desk.connection.send(json.dumps({"type": "ping", "id": "p"}))
        await asyncio.wait({offered}, timeout=0.3)
    contact: str = offered.result()["contact"]
    return contact


async def test_contacts_in_hand_outlive_a_desk_that_is_cut_and_comes_back(live):
    token = await live.token("ann")
    async with live.connect("/ws/desk", token) as first:
        ann = await Desk(first).ready()
        await call(live, "call-1")
        await ann.must("accept_offer", offer=(await ann.offered())["offer"])
        first.transport.abort()
    await comes(lambda: live.state.agents["ann"].state is AgentState.NOT_READY)
    async with live.connect("/ws/desk", token) as again:
        snapshot = await hear(again, "desk_snapshot")
    assert [card["contact"] for card in snapshot["contacts"]] == ["call-1"]
    assert live.state.contacts["call-1"].state is ContactState.CONNECTED


# -- two desks of one agent -----------------------------------------------------------------------


async def test_two_desks_of_one_agent_are_one_agent(live):
    token = await live.token("ann")
    async with live.connect("/ws/desk", token) as left, live.connect("/ws/desk", token) as right:
        one, other = await Desk(left).ready(), Desk(right)
        await hear(right, "desk_snapshot")
        await call(live, "call-1")
        offer, seen = (await one.offered())["offer"], (await other.offered())["offer"]
        assert offer == seen
        await one.must("accept_offer", offer=offer)
        assert (await hear(right, "contact_changed"))["contact"]["contact"] == "call-1"
        refused = await ask(right, "reject_offer", offer=offer)
        assert not refused["ok"]
        assert live.state.contacts["call-1"].agent == "ann"
        left.transport.abort()
        await other.must("hold_contact", contact="call-1")
        await comes(lambda: live.patchbay.desk.desks_connected == 1)
        assert live.state.agents["ann"].state is AgentState.READY


async def test_both_desks_accepting_at_once_take_the_contact_once(live):
    token = await live.token("ann")
    async with live.connect("/ws/desk", token) as left, live.connect("/ws/desk", token) as right:
        await Desk(left).ready()
        await call(live, "call-1")
        for connection in (left, right):
            offer = (await Desk(connection).offered())["offer"]
        accept = {"type": "accept_offer", "offer": offer}
        await left.send(json.dumps(accept | {"id": "left"}))
        await right.send(json.dumps(accept | {"id": "right"}))
        replies = [await hear(left, "reply", to="left"), await hear(right, "reply", to="right")]
        assert any(reply["ok"] for reply in replies)
        slots = live.state.agents["ann"].slots
        assert list(slots) == ["call-1"]


# -- what is others' ------------------------------------------------------------------------------

ON_A_CONTACT: dict[str, dict[str, Any]] = {
    "say": {"text": "hello"},
    "typing": {"typing": True},
    "mark_read": {"until": 1},
    "hold_contact": {},
    "retrieve_contact": {},
    "end_contact_now": {},
    "requeue_contact": {},
    "transfer_contact": {"agent": "ben"},
    "consult_colleague": {"agent": "ben"},
    "complete_consulted_transfer": {},
    "start_conference": {},
    "cancel_consultation": {},
    "leave_contact": {},
    "extend_wrap": {"extend_by": 60_000_000},
    "finish_wrap": {"disposition": "", "note": "mine now"},
    "save_draft": {"text": "mine now"},
    "callback_unreached": {},
}


async def test_an_agent_can_touch_neither_the_offer_nor_the_contact_of_another(live):
    async with (
        live.connect("/ws/desk", await live.token("ann")) as theirs,
        live.connect("/ws/desk", await live.token("ben")) as mine,
    ):
        ann = await Desk(theirs).ready()
        await hear(mine, "desk_snapshot")
        await call(live, "call-1")
        offer = (await ann.offered())["offer"]
        for kind in ("accept_offer", "reject_offer"):
            assert not (await ask(mine, kind, offer=offer))["ok"], kind
        await ann.must("accept_offer", offer=offer)
        await ann.must("save_draft", contact="call-1", text="between ann and me")
        before = live.state.position
        for kind, fields in ON_A_CONTACT.items():
            real = await ask(mine, kind, contact="call-1", **fields)
            invented = await ask(mine, kind, contact="call-2", **fields)
            assert not real["ok"], kind
            assert (real["code"], real["reason"]) == (invented["code"], invented["reason"]), kind
        assert live.state.position == before
        await mine.send(json.dumps({"type": "resync", "id": "r"}))
        fresh = json.dumps(await hear(mine, "desk_snapshot"))
        assert "between ann and me" not in fresh
        assert "call-1" not in fresh


def test_every_act_on_a_contact_is_tried():
    from agents import messages as m

    acts = {kind.__struct_config__.tag for kind in m.ContactAct.__subclasses__()}
    assert acts == set(ON_A_CONTACT)


async def test_over_http_an_agent_sees_and_names_nobody_elses_contact(live):
    async with live.connect("/ws/desk", await live.token("ann")) as theirs:
        ann = await Desk(theirs).ready()
        await call(live, "call-1")
        offer = (await ann.offered())["offer"]
        await ann.must("accept_offer", offer=offer)
        cookies = {COOKIE: await live.token("ben")}
        headers = {"Origin": live.origin}
        async with httpx.AsyncClient(
            base_url=f"{live.origin}/api/v1", cookies=cookies, headers=headers
        ) as ben:
            answers = [
                await ben.get("/contacts/call-1"),
                await ben.get("/contacts/call-1/explanation"),
                await ben.get("/contacts/call-1/timeline"),
                await ben.get(f"/offers/{offer}/explanation"),
                await ben.post("/contacts/call-1/customer", json={"customer": None}),
            ]
        assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {
            (403, "not_yours")
        }


# -- clocks that jump -----------------------------------------------------------------------------


class Wall:
    """A system clock that somebody sets."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return time.time_ns() + self.ahead


@pytest.fixture
def wall(monkeypatch) -> Wall:
    made = Wall()
    monkeypatch.setattr("server.stores.SystemClock", lambda: SystemClock(wall=made))
    return made


@pytest.mark.parametrize("jump", [DAY, -DAY, 366 * DAY])
async def test_setting_the_clock_ends_no_offer_and_no_session(wall, live, jump):
    token = await live.token("ann")
    async with live.connect("/ws/desk", token) as first:
        ann = await Desk(first).ready()
        await call(live, "call-1")
        offer = (await ann.offered())["offer"]
        wall.ahead = jump
        before = await ask_for_pong(first)
        await call(live, "call-2")  # the engine looks at its timers with every command
        assert offer in live.state.offers
        await ann.must("accept_offer", offer=offer)
        assert 0 <= await ask_for_pong(first) - before < 60_000_000
        assert live.state.agents["ann"].state is AgentState.READY
    async with httpx.AsyncClient(base_url=live.origin, cookies={COOKIE: token}) as client:
        assert (await client.get("/api/v1/session")).status_code == 200


async def test_setting_the_clock_back_holds_no_timer_up(wall, live):
    async with live.connect("/ws/desk", await live.token("ann")) as first:
        ann = await Desk(first).ready()
        await call(live, "call-1", "short")
        await ann.offered()
        wall.ahead = -DAY
        assert (await hear(first, "offer_gone"))["reason"]
        assert live.state.agents["ann"].state is AgentState.NOT_READY
        assert live.state.contacts["call-1"].state is ContactState.QUEUED


async def test_a_start_in_the_past_goes_on_from_where_the_journal_ended(wall, tmp_path):
    settings = settings_in(tmp_path)
    async with serving(settings, PEOPLE) as before:
        await call(before, "call-1", "short")
        stopped_at = before.state.at
    wall.ahead = -2 * DAY
    async with serving(settings, ()) as after:
        contact = after.state.contacts["call-1"]
        assert contact.state is ContactState.QUEUED
        async with after.connect("/ws/desk", await after.token("ann")) as first:
            await Desk(first).ready()
            assert list(contact.offers) == ["ann"]
            assert (await hear(first, "offer_gone"))["reason"]  # its time runs
        assert stopped_at <= after.state.at < stopped_at + 3_600_000_000
