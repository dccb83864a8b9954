"""Calls that a real Asterisk told of, and what is asked and told because of them: as recorded, with
events that come twice, late or in another order, and with garbage among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.asterisk.ami.codec import Message
from router.core.durations import MILLISECOND, SECOND
from tests.unit.cti_adapters.asterisk.recorded import NAMES, Replay, Step, steps

RECORDS = {name: steps(name) for name in NAMES}
CARE: dict[str, dict[str, object]] = {"missed": {"offer_for": 2 * SECOND}}
BURST = 5 * MILLISECOND

ROOM = "main:1795336683.11"
CALLED, PICKED_UP = ["answer", "music"], ["ring", "hang up"]
TOLD = {
    "abandoned": ["Abandon"],
    "answered": ["Accept", "EndContact"],
    "conference": ["Accept", "Accept", "LeaveConference", "EndContact"],
    "held": ["Accept", "EndContact"],
    "held_by_phone": ["Accept", "Hold", "Retrieve", "EndContact"],
    "missed": ["Accept", "EndContact"],
    "refused": ["Reject", "Accept", "EndContact"],
    "warm_transfer": ["Accept", "Accept", "CompleteTransfer", "EndContact"],
}
ASKED = {
    "abandoned": {"customer": [*CALLED, "hang up"], "ann": PICKED_UP},
    "answered": {"customer": [*CALLED, "bridge", "hang up"], "ann": PICKED_UP},
    "missed": {"customer": [*CALLED, "bridge", "hang up"], "ann": PICKED_UP, "ben": PICKED_UP},
    "refused": {"customer": [*CALLED, "bridge", "hang up"], "ann": PICKED_UP, "ben": PICKED_UP},
    "held": {
        "customer": [*CALLED, "bridge", "music", "bridge", "hang up"],
        "ann": ["ring", "lead back", "hang up"],
    },
    "held_by_phone": {
        "customer": [*CALLED, "bridge", "music", "bridge", "hang up"],
        "ann": ["ring", "lead back", "hang up"],
    },
    "warm_transfer": {
        "customer": [*CALLED, "bridge", "music", "bridge", "hang up"],
        "ann": ["ring", "lead back", "hush", "meet asked", "hang up"],
        "ben": ["ring", "hush", "meet asked", "lead back", "hang up"],
    },
    "conference": {
        "customer": [
            *[*CALLED, "bridge", "music", "hush", f"meet {ROOM}"],
            *["lead back", "bridge", "hang up"],
        ],
        "ann": [
            *["ring", "lead back", "hush", "meet asked"],
            *["lead back", f"meet {ROOM}", "hang up"],
        ],
        "ben": [
            *["ring", "hush", "meet asked"],
            *["lead back", f"meet {ROOM}", "lead back", "hang up"],
        ],
    },
}

names = pytest.mark.parametrize("name", NAMES)


def replay(name: str, record: Sequence[Step]) -> Replay:
    replay = Replay(record, **CARE.get(name, {}))
    replay.run()
    return replay


def assert_as_recorded(name: str, replay: Replay) -> None:
    assert replay.told == TOLD[name]
    assert replay.asked == ASKED[name]
    assert (replay.contacts, len(replay.calls)) == ([], 0)


@names
def test_as_recorded(name):
    assert_as_recorded(name, replay(name, RECORDS[name]))


@names
def test_events_that_come_twice_change_nothing(name):
    twice = [step for step in RECORDS[name] for _ in (1, 2)]
    assert_as_recorded(name, replay(name, twice))


@names
def test_everything_again_after_the_end_changes_nothing(name):
    heard = [step for step in RECORDS[name] if isinstance(step[1], Message)]
    end = RECORDS[name][-1][0]
    again = [(end, what) for _, what in heard]
    assert_as_recorded(name, replay(name, [*RECORDS[name], *again]))


@names
@pytest.mark.parametrize("seed", range(5))
def test_events_of_one_moment_come_in_any_order_of_channels(name, seed):
    """Asterisk's threads tell of one happening each on its own; a channel's keep their order."""
    done = replay(name, _mixed(RECORDS[name], Random(seed)))
    assert done.told == TOLD[name]
    assert (done.contacts, len(done.calls)) == ([], 0)


@names
def test_a_record_that_breaks_off_anywhere_is_asked_about_without_haste(name):
    most = max(len(asked) for asked in ASKED[name].values())
    for end in range(0, len(RECORDS[name]), 7):
        done = replay(name, RECORDS[name][:end])
        assert all(len(asked) <= most + 8 for asked in done.asked.values())


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_garbage_among_the_events_changes_nothing(data):
    name = data.draw(st.sampled_from(NAMES))
    record = list(RECORDS[name])
    places = st.integers(0, len(record) - 1)
    for place, message in data.draw(st.lists(st.tuples(places, garbage()), max_size=8)):
        record.insert(place, (record[place][0], message))
    assert_as_recorded(name, replay(name, record))


@st.composite
def garbage(draw: st.DrawFn) -> Message:
    """Events of the kinds that are read, about channels that are none, with anything in them."""
    heard = [what for record in RECORDS.values() for _, what in record]
    kinds = sorted({what.name for what in heard if isinstance(what, Message)} - {"AsyncAGIStart"})
    keys = ["Channel", "Linkedid", "Exten", "Context", "CommandId", "BridgeUniqueid", "Cause"]
    headers = draw(st.lists(st.tuples(st.sampled_from(keys), st.text(max_size=40)), max_size=6))
    unique = draw(st.sampled_from(["", "0", "pb:", "pb:1:zoe:main:gone", "\x00", "x" * 5_000]))
    return Message((("Event", draw(st.sampled_from(kinds))), ("Uniqueid", unique), *headers))


def _mixed(record: Sequence[Step], chance: Random) -> list[Step]:
    """Within each burst, steps of different channels in another order."""
    mixed: list[Step] = []
    burst: list[Step] = []
    for step in record:
        done = not isinstance(step[1], Message)
        if burst and (done or step[0] - burst[0][0] > BURST):
            mixed += _shuffled(burst, chance)
            burst = []
        (mixed if done else burst).append(step)
    return mixed + _shuffled(burst, chance)


def _shuffled(burst: list[Step], chance: Random) -> list[Step]:
    queues: dict[str, list[Step]] = {}
    for _, what in burst:
        assert isinstance(what, Message)
        queues.setdefault(what.get("Uniqueid"), []).append((burst[-1][0], what))
    order = [unique for unique, steps in queues.items() for _ in steps]
    chance.shuffle(order)
    return [queues[unique].pop(0) for unique in order]
