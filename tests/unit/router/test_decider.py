"""Commands become entries with the right time, number and cause, and faults leave no trace."""

from __future__ import annotations

from typing import Any

import pytest

from router.clock import ManualClock
from router.core import commands as c
from router.core.catalog import (
    SECOND,
    AgentDefinition,
    Catalog,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.events import OfferTimedOut, Rejected
from router.core.machine import RoutingCore
from router.core.state import State
from router.decider import BUG, Decider, Decisions, TimersFailed
from router.ports import Accepted
from router.replica import Replica

START = 1_700_000_000 * SECOND

CATALOG = Catalog(
    version=1,
    queues={"q": Queue(id="q", label="Q", offer_for=20 * SECOND)},
    profiles={
        "p": Profile(id="p", label="P", queues=(ProfileQueue(queue="q"),), capacity={"voice": 1})
    },
    agents={"ann": AgentDefinition(id="ann", name="Ann", profile="p")},
)


class Desk:
    """A decider and its durable view, fed as the engine does."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.durable = Replica(State())
        self.decider = Decider(self.clock, self.durable)

    def decide(self, *commands: c.Command) -> Decisions:
        decisions = self.decider.decide(commands)
        for entry in decisions.entries:
            self.durable.feed(entry)
        return decisions

    def with_offer(self) -> None:
        self.decide(
            c.PublishCatalog(id="1", catalog=CATALOG, replaces=0),
            c.SignIn(id="2", agent="ann"),
            c.SetReady(id="3", agent="ann"),
            c.Arrive(id="4", contact="k", channel="voice"),
            c.Enqueue(id="5", contact="k", queue="q"),
        )

    @property
    def core_image(self) -> bytes:
        return self.decider._core.state.snapshot()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def arrive(number: int) -> c.Arrive:
    return c.Arrive(id=f"a{number}", by="test", contact=f"k{number}", channel="voice")


def test_entries_are_numbered_and_carry_time_cause_and_sender(desk: Desk) -> None:
    decisions = desk.decide(arrive(1), arrive(2))
    assert [(e.position, e.at, e.cause, e.by) for e in decisions.entries] == [
        (1, START, "a1", "test"),
        (2, START, "a2", "test"),
    ]
    assert [outcome.position for outcome in decisions.outcomes] == [1, 2]


def test_the_deciding_state_equals_the_fold_of_the_entries(desk: Desk) -> None:
    desk.with_offer()
    assert desk.core_image == desk.durable.state.snapshot()


def test_a_repeated_command_is_accepted_and_has_no_entry(desk: Desk) -> None:
    desk.decide(arrive(1))
    again = desk.decide(arrive(1), arrive(1))
    assert again.entries == []
    assert again.outcomes == [Accepted(position=1)] * 2


def test_a_refused_command_has_no_entry(desk: Desk) -> None:
    decisions = desk.decide(c.Hold(id="h", contact="nobody"))
    assert decisions.entries == []
    assert isinstance(decisions.outcomes[0], Rejected)


def test_a_clock_that_jumps_back_does_not_reverse_time(desk: Desk) -> None:
    desk.decide(arrive(1))
    desk.clock.set(START - 3_600 * SECOND)
    assert desk.decide(arrive(2)).entries[0].at == START
    desk.clock.set(START + 5)
    assert desk.decide(arrive(3)).entries[0].at == START + 5


def test_time_goes_on_from_the_journal_after_a_restart(desk: Desk) -> None:
    desk.decide(arrive(1))
    earlier = ManualClock(START - SECOND)
    decider = Decider(earlier, desk.durable)
    assert decider.decide([arrive(2)]).entries[0].at == START


def test_a_due_timer_runs_before_the_commands(desk: Desk) -> None:
    desk.with_offer()
    desk.clock.advance(20 * SECOND)
    decisions = desk.decide(c.Accept(id="late", offer="k.1"))
    assert any(isinstance(event, OfferTimedOut) for event in decisions.entries[0].events)
    assert decisions.entries[0].cause == ""
    assert isinstance(decisions.outcomes[0], Rejected)


def test_no_timer_runs_early(desk: Desk) -> None:
    desk.with_offer()
    desk.clock.advance(20 * SECOND - 1)
    assert desk.decide().entries == []


def test_it_sleeps_until_the_next_timer(desk: Desk) -> None:
    assert desk.decider.sleep_for() is None
    desk.with_offer()
    assert desk.decider.sleep_for() == 20 * SECOND
    desk.clock.advance(30 * SECOND)
    assert desk.decider.sleep_for() == 0


def break_core(monkeypatch: pytest.MonkeyPatch, kind: type[c.CommandBase]) -> None:
    """A core that changes its state and then fails, for commands of ``kind``."""
    real = RoutingCore.handle

    def handle(core: RoutingCore, command: Any, at: int) -> Any:
        result = real(core, command, at)
        assert not isinstance(command, kind), "a bug"
        return result

    monkeypatch.setattr(RoutingCore, "handle", handle)


def test_a_fault_in_the_core_fails_its_command_and_leaves_no_trace(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk.with_offer()
    break_core(monkeypatch, c.PostMessage)
    message = c.PostMessage(id="m", contact="k", message="1", author="customer", text="hi")
    decisions = desk.decide(arrive(7), message, arrive(8))
    assert decisions.outcomes[1] is BUG
    assert [entry.cause for entry in decisions.entries] == ["a7", "a8"]
    assert desk.core_image == desk.durable.state.snapshot()
    assert "PostMessage" in caplog.text


def test_the_command_that_failed_may_be_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.with_offer()
    with monkeypatch.context() as broken:
        break_core(broken, c.Accept)
        assert desk.decide(c.Accept(id="x", offer="k.1")).outcomes == [BUG]
    assert len(desk.decide(c.Accept(id="x", offer="k.1")).entries) == 1


def test_a_fault_in_a_timer_stops_deciding(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.with_offer()
    break_core(monkeypatch, c.Tick)
    desk.clock.advance(20 * SECOND)
    with pytest.raises(TimersFailed):
        desk.decide(arrive(9))
