"""How the voice benchmark pairs events and counts: what it says must not depend on a server."""

import pytest

from benchmarks.voice_events import Event, Floor, Wait, between, load, parse, spread


def event(at, name, channel, unique="", *, linked="", up=False):
    return Event(at=at, name=name, channel=channel, unique=unique or channel, linked=linked, up=up)


def caller(at, name, number):
    return event(at, name, f"PJSIP/trunk-{number}", f"c{number}", linked=f"c{number}")


def agent(at, name, number, call, *, for_caller="", up=False):
    channel = f"PJSIP/a{number}-{call:08x}"
    return event(at, name, channel, linked=f"c{for_caller}", up=up)


def floor_of(agents, *events):
    floor = Floor(agents)
    for one in events:
        floor.hear(one)
    floor.finish()
    return floor


RECEIVED = b"""Asterisk Call Manager/11.0.0\r
Response: Success\r
ActionID: 1\r
\r
Event: Newchannel\r
Timestamp: 1700000000.250000\r
Channel: PJSIP/trunk-00000001\r
ChannelStateDesc: Ring\r
Uniqueid: 1700000000.1\r
Linkedid: 1700000000.1\r
\r
Event: VarSet\r
Timestamp: 1700000000.260000\r
Uniqueid: 1700000000.1\r
\r
Event: Newstate\r
Timestamp: 1700000001.500000\r
Channel: PJSIP/a17-00000002\r
ChannelStateDesc: Up\r
Uniqueid: pb:61:a17:main:1700000000.1\r
Linkedid: pb:61:a17:main:1700000000.1\r
\r
Event: Hangup\r
Timestamp: 17"""


def test_events_of_channels_are_read_and_what_is_cut_off_is_not():
    first, second = parse(RECEIVED)
    assert (first.name, first.at, first.agent, first.up) == ("Newchannel", 1700000000.25, "", False)
    assert (second.name, second.agent, second.up) == ("Newstate", "a17", True)


@pytest.mark.parametrize(
    ("unique", "linked", "expected"),
    [
        ("1700000000.2", "1700000000.1", "1700000000.1"),
        ("pb:61:a17:main:1700000000.1", "pb:61:a17:main:1700000000.1", "1700000000.1"),
        ("pb:61:a17:main:1700000000.1:6f", "", "1700000000.1"),
        ("pb:broken", "1700000000.1", ""),
    ],
)
def test_an_agents_channel_tells_for_whom_it_was_made(unique, linked, expected):
    assert event(0, "Newchannel", "PJSIP/a1-1", unique, linked=linked).caller == expected


def test_a_ring_is_timed_from_the_callers_arrival_once():
    floor = floor_of(
        2,
        caller(1.0, "Newchannel", 1),
        agent(1.25, "Newchannel", 1, 1, for_caller=1),
        agent(3.0, "Hangup", 1, 1, for_caller=1),
        agent(4.0, "Newchannel", 2, 2, for_caller=1),
        caller(9.0, "Newchannel", 2),
    )
    assert floor.rings(0, 10) == [Wait(1.0, 0.25), Wait(9.0, None)]
    assert floor.rings(0, 5) == [Wait(1.0, 0.25)]
    assert floor.unanswered == [Wait(1.25, 1.75)]


TALKING = (
    caller(0.0, "Newchannel", 1),
    agent(0.1, "Newchannel", 1, 1, for_caller=1),
    agent(0.2, "Newstate", 1, 1, for_caller=1, up=True),
)


def test_a_freed_agent_is_timed_until_the_next_call_to_the_same_agent():
    floor = floor_of(
        2,
        *TALKING,
        *(caller(0.5, "Newchannel", number) for number in (2, 3)),
        agent(2.0, "Hangup", 1, 1),
        agent(2.2, "Newchannel", 2, 2, for_caller=2),
        agent(2.5, "Newchannel", 1, 3, for_caller=3),
    )
    assert floor.gaps == [Wait(2.0, 0.5)]


def test_agents_for_whom_nobody_waits_are_not_timed():
    alone = (*TALKING, agent(2.0, "Hangup", 1, 1), caller(3.0, "Newchannel", 2))
    assert floor_of(1, *alone).gaps == []
    fewer_callers_than_agents = (
        *TALKING,
        caller(0.5, "Newchannel", 2),
        agent(2.0, "Hangup", 1, 1),
        agent(2.5, "Newchannel", 1, 2, for_caller=2),
    )
    assert floor_of(2, *fewer_callers_than_agents).gaps == []
    assert floor_of(1, *fewer_callers_than_agents).gaps == [Wait(2.0, 0.5)]


def test_a_caller_who_hung_up_waits_no_more():
    floor = floor_of(
        1,
        *TALKING,
        caller(0.5, "Newchannel", 2),
        caller(1.0, "Hangup", 2),
        agent(2.0, "Hangup", 1, 1),
    )
    assert floor.gaps == []
    assert [one.gone for one in floor.arrivals(0, 1)] == [False, True]


def test_a_freed_agent_who_is_never_called_is_counted_as_never():
    floor = floor_of(1, *TALKING, caller(0.5, "Newchannel", 2), agent(2.0, "Hangup", 1, 1))
    assert floor.gaps == [Wait(2.0, None)]
    assert spread(floor.gaps) is None
    found = spread([*floor.gaps, Wait(3.0, 0.002)])
    assert (found.count, found.p50, found.never) == (1, 2.0, 1)


def test_channels_that_are_no_callers_and_no_agents_are_passed_over():
    floor = floor_of(1, event(0, "Newchannel", "Local/1@x-1;1"), event(1, "Hangup", "PJSIP/a1-9"))
    assert floor.arrived == {}
    assert floor.gaps == []


def test_a_share_is_the_smallest_value_that_so_many_do_not_exceed():
    found = spread([Wait(0, number / 1_000) for number in range(1, 101)])
    assert (found.count, found.p50, found.p90, found.p99, found.max) == (100, 50, 90, 99, 100)
    single = spread([Wait(0, 0.007)])
    assert (single.p50, single.p99, single.max) == (7, 7, 7)


def test_waits_are_taken_by_when_they_began():
    waits = [Wait(0.9, 5.0), Wait(1.0, 0.1), Wait(2.0, 0.1)]
    assert between(waits, 1.0, 2.0) == [Wait(1.0, 0.1)]


def carried(offered, connected, ring_seconds):
    """Of ten callers a second for a second."""
    events = []
    for number in range(10):
        at = number / 10
        events.append(caller(at, "Newchannel", number))
        events.append(agent(at + ring_seconds, "Newchannel", number, number, for_caller=number))
        if number < connected:
            events.append(caller(at + 0.9, "BridgeEnter", number))
    return load(floor_of(20, *events), offered, 0, 1)


@pytest.mark.parametrize(
    ("offered", "connected", "ring_seconds", "expected"),
    [
        (10, 10, 0.01, True),
        (10, 9, 0.01, False),  # somebody never talked
        (10, 10, 0.6, False),  # telephones rang late
        (14, 10, 0.01, False),  # callers did not come as fast as they were sent
    ],
)
def test_a_load_is_carried_when_all_talk_soon(offered, connected, ring_seconds, expected):
    found = carried(offered, connected, ring_seconds)
    assert (found.arrived, found.connected) == (10, connected)
    assert found.carried is expected


def test_a_load_nobody_rang_for_is_not_carried():
    assert load(floor_of(1, caller(0.5, "Newchannel", 1)), 1, 0, 1).carried is False
