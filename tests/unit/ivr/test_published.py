"""The versions that are in use are at hand, and no others."""

from __future__ import annotations

import msgspec

from ivr.core.session import Frame, Session
from ivr.published import PublishedFlows
from router.core import events as e
from router.core.model import Contact, ContactState, FlowVersions
from router.core.state import State
from router.replica import Replica
from tests.hearing import wholly


def source(flow: str = "main", **nodes) -> str:
    document = {
        "flow": flow,
        "languages": ["en"],
        "start": "end",
        "nodes": {"end": {"kind": "hang_up"}} | nodes,
    }
    return msgspec.json.encode(document).decode()


class Store:
    def __init__(self, **sources):
        self.sources = {}
        self.asked = []

    async def source(self, flow, version):
        self.asked.append((flow, version))
        return self.sources.get((flow, version))


class Shelf:
    def __init__(self):
        self.replica = Replica(State())
        self.store = Store()
        self.flows = PublishedFlows(self.replica, self.store)

    async def say(self, *events):
        entry = e.Entry(
            position=self.replica.position + 1, at=1, cause="", by="", events=tuple(events)
        )
        self.replica.feed(entry)
        await wholly(self.flows.handle(entry))

    async def publish(self, version, flow="main", **nodes):
        text = source(flow, **nodes)
        self.store.sources[flow, version] = text
        await self.say(e.FlowPublished(flow=flow, version=version, source=text))

    async def point(self, version, flow="main"):
        await self.say(e.FlowAliasPointed(flow=flow, alias="live", version=version))

    def at_hand(self, flow="main"):
        return [n for n in range(1, 9) if self.flows.flow(flow, n) is not None]


async def test_an_alias_points_to_a_version_that_is_at_hand():
    shelf = Shelf()
    assert shelf.flows.version("main", "live") is None
    await shelf.publish(1)
    assert shelf.flows.version("main", "live") is None
    await shelf.point(1)
    assert shelf.flows.version("main", "live") == 1
    assert shelf.flows.flow("main", 1).id == "main"


async def test_versions_that_nobody_uses_are_not_kept_and_come_back_when_pointed_to():
    shelf = Shelf()
    for version in (1, 2, 3):
        await shelf.publish(version)
        await shelf.point(version)
    assert shelf.at_hand() == [3]
    await shelf.point(1)
    assert shelf.at_hand() == [1, 3], "the newest stays"


async def test_the_version_of_a_contact_in_its_flow_is_kept():
    shelf = Shelf()
    await shelf.publish(1)
    await shelf.point(1)
    session = Session(
        contact="k",
        channel="voice",
        address="",
        safe_queue="q",
        language="en",
        frames=(Frame(flow="main", version=1, node="end"),),
    )
    shelf.replica.state.contacts["k"] = Contact(
        id="k",
        number=1,
        channel="voice",
        direction="inbound",
        arrived_at=0,
        state=ContactState.IN_FLOW,
        flow_session=msgspec.msgpack.encode(session),
    )
    await shelf.publish(2)
    await shelf.point(2)
    assert shelf.at_hand() == [1, 2]


async def test_what_a_flow_calls_by_its_version_is_at_hand_as_well():
    shelf = Shelf()
    for version in (1, 2):
        await shelf.publish(version, flow="part")
    call = {"kind": "flow", "flow": "part", "version": 1, "exits": {"failed": "end"}}
    await shelf.publish(1, call=call)
    await shelf.point(1)
    assert shelf.at_hand("part") == [1, 2]


async def test_at_the_start_everything_in_use_is_read_from_the_store():
    shelf = Shelf()
    shelf.store.sources = {("main", 1): source(), ("main", 2): source()}
    shelf.replica.state.flows["main"] = FlowVersions(newest=2, aliases={"live": 1})
    await shelf.flows.load()
    assert shelf.at_hand() == [1]
    assert shelf.flows.version("main", "live") == 1


async def test_a_version_that_is_missing_or_unreadable_is_said_and_stops_nothing(caplog):
    shelf = Shelf()
    shelf.store.sources = {("bad", 1): '["no flow"]'}
    shelf.replica.state.flows["main"] = FlowVersions(newest=1, aliases={"live": 1})
    shelf.replica.state.flows["bad"] = FlowVersions(newest=1, aliases={"live": 1})
    await shelf.flows.load()
    assert shelf.flows.flow("main", 1) is None
    assert len(caplog.records) == 2


async def test_in_force_is_what_aliases_point_to_and_what_these_call_exactly():
    shelf = Shelf()
    await shelf.publish(1, "part")
    await shelf.publish(2, "part")
    call = {"kind": "flow", "flow": "part", "version": 1, "exits": {"failed": "end"}}
    await shelf.publish(1, call=call)
    await shelf.publish(2)
    await shelf.point(1)
    standing = [(one.flow.id, one.version) for one in shelf.flows.standing()]
    assert sorted(standing) == [("main", 1), ("part", 1)]


async def test_the_recordings_that_a_version_says_are_known_while_it_is_at_hand():
    shelf = Shelf()
    said = {"en": {"audio": "bye", "text": "Bye."}}
    await shelf.publish(1, end={"kind": "hang_up", "say": said})
    assert shelf.flows.recordings_in(("main", 1)) == {("bye", "en")}
    await shelf.publish(2)
    await shelf.point(2)
    assert shelf.flows.recordings_in(("main", 1)) == frozenset()
