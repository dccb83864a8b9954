"""A log as outcomes."""

from __future__ import annotations

import msgspec
import pytest

from router.core.catalog import SECOND
from simulator.call_log import Asked
from simulator.replay.recorded import queue_of, recorded_outcomes, replayed
from tests.unit.simulator.staffing.recorded import abandoned, answered, log


def test_answered_and_abandoned_calls_as_the_log_has_them():
    calls = [answered("ann", 30, 60, waited=10), abandoned(50, 25)]
    one, other = recorded_outcomes(calls, {})
    assert (one.result, one.waited, one.agent) == ("answered", 10 * SECOND, "ann")
    assert (one.answered_at, one.ended_at) == (30 * SECOND, 90 * SECOND)
    assert (other.result, other.waited, other.ended_at) == ("abandoned", 25 * SECOND, 75 * SECOND)


def test_whoever_left_before_asking_is_not_replayed():
    left = msgspec.structs.replace(abandoned(0, 0), outcome="left")
    assert [call.outcome for call in replayed(log(left, abandoned(5, 5)))] == ["abandoned"]


def test_who_was_promised_a_callback_was_called_back_and_a_rule_may_send_elsewhere():
    promised, sent = answered("ann", 30, 60), abandoned(0, 5)
    sent = msgspec.structs.replace(sent, outcome="overflowed")
    asked = {promised.line: Asked(channel="chat", queue="Help", promised=True)}
    one, other = recorded_outcomes([promised, sent], asked)
    assert (one.result, one.contact.channel, one.contact.queue) == ("called_back", "chat", "Help")
    assert other.result == "overflowed"


@pytest.mark.parametrize(
    ("kind", "queue"),
    [
        ("PS", "ps"),
        ("New calls", "new_calls"),
        ("", "calls"),
        ("…", "calls"),
        ("-x", "x"),
        ("Çağrı", "cagru131"),
    ],
)
def test_a_type_becomes_the_id_of_its_queue(kind, queue):
    assert queue_of(kind) == queue


def test_names_in_other_scripts_stay_apart():
    names = ["王芳", "李娜", "张伟", "Ольга", "Игорь", "안녕"]
    assert len({queue_of(name) for name in names}) == len(names)
