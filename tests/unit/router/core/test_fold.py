"""The fold: every event has one, and what does not follow is refused, never papered over."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from router.core import commands as c
from router.core import events as e
from router.core.fold import FOLDS, BrokenSequence
from router.core.state import State
from router.core.transitions import IllegalTransition
from tests.unit.router.core.centre import Centre, agent, queue


def test_every_event_has_a_fold():
    assert set(FOLDS) == set(get_args(e.Event))


def recorded() -> tuple[e.Entry, ...]:
    centre = Centre(agent("ann"), queue())
    centre.ready("ann")
    centre.arrive("k")
    centre.accept("k")
    centre.end("k")
    return tuple(centre.log)


def fold(log: tuple[e.Entry, ...]) -> State:
    state = State()
    for entry in log:
        state.apply_entry(entry)
    return state


@pytest.mark.parametrize("missing", range(3, 6))
def test_a_gap_in_the_log_is_noticed(missing: int):
    log = recorded()
    assert all(isinstance(one, e.ContactEvent) for one in log[missing].events)
    with pytest.raises((BrokenSequence, IllegalTransition, KeyError)):
        fold(log[:missing] + log[missing + 1 :])


def test_a_repeated_event_is_noticed():
    log = recorded()
    twice = (*log[:-1], log[-2])
    with pytest.raises((BrokenSequence, IllegalTransition)):
        fold(twice)


def test_the_error_names_the_contact_and_both_numbers():
    centre = Centre(agent("ann"))
    centre.arrive("k")
    event = e.AttributesEdited(contact="k", sequence=9, attributes={})
    with pytest.raises(BrokenSequence, match="contact k: event 9 after 2"):
        centre.state.apply(event, centre.at)


def test_an_event_the_tables_do_not_allow_is_our_own_bug():
    centre = Centre(agent("ann"))
    centre.arrive("k")
    with pytest.raises(IllegalTransition):
        centre.state.apply(e.Held(contact="k", sequence=3), centre.at)


def test_events_survive_the_journal_and_fold_to_the_same_state():
    log = recorded()
    wire = msgspec.msgpack.encode(log)
    read = msgspec.msgpack.decode(wire, type=tuple[e.Entry, ...])
    assert read == log
    assert fold(read).snapshot() == fold(log).snapshot()


def test_records_written_before_a_field_existed_are_still_read():
    """Fields that came later have a default that means what was meant before."""
    old = {
        "position": 1,
        "at": 5,
        "cause": "x",
        "by": "",
        "events": [
            {
                "type": "callback_resumed",
                "contact": "k",
                "sequence": 4,
                "callback": {"address": "+1", "promised_at": 1},
                "reason": "missed",
            },
            {
                "type": "requirements_edited",
                "contact": "k",
                "sequence": 5,
                "steps": [{}],
                "step_until": 0,
                "preferred": [],
                "preferred_until": 0,
            },
        ],
    }
    resumed, edited = msgspec.convert(old, e.Entry).events
    assert (resumed.excluded, edited.step) == ({}, 0)


def test_the_state_does_not_share_what_an_event_carries():
    """An event is a record: what happens later must not rewrite it."""
    centre = Centre(agent("ann"))
    centre.do(c.Arrive(id="", contact="k", channel="voice", attributes={"a": "1"}))
    arrived = centre.happened(e.ContactArrived)[0]
    centre.do(c.EditContact(id="", contact="k", attributes={"b": "2"}))
    assert arrived.attributes == {"a": "1"}
    centre.do(c.Enqueue(id="", contact="k", queue="q"))
    enqueued = centre.happened(e.Enqueued)[0]
    centre.ready("ann")
    centre.reject("k")
    assert enqueued.excluded == {}
    assert centre.contact("k").excluded != {}
