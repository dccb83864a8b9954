"""Customers of the simulator against the production core, moment by moment.

Times are seconds from the start. Every run also checks its own accounts (conservation and
Little's law), so that a test which only runs is a test as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from router.core import events as e
from router.core.catalog import (
    Credits,
)
from router.core.durations import SECOND
from simulator.runner import Run, Setup
from tests.unit.router.core.centre import GOLD, agent, catalog, queue
from tests.unit.simulator.runs import LONG, START, at, call, ended, made, told, works

# -- waiting and talking ----------------------------------------------------------------------


def test_who_finds_a_free_agent_does_not_wait_and_who_comes_next_waits_for_the_end() -> None:
    ledger = made([call("a", 10), call("b", 50, handling=30)], works("ann"))
    assert told(ledger) == {"a": ("answered", "ann", 0), "b": ("answered", "ann", 60)}
    assert ended(ledger) == {"a": 110, "b": 140}
    assert ledger.workloads["ann"].busy == 130 * SECOND


def test_zero_contacts_are_a_quiet_day() -> None:
    ledger = made([], works("ann", (100, 700)))
    assert (ledger.arrived, ledger.outcomes, ledger.longest_line) == (0, [], 0)
    assert ledger.workloads["ann"].present == 600 * SECOND


def test_without_agents_people_wait_until_they_leave_or_the_day_is_over() -> None:
    ledger = made([call("a", 0, patience=60), call("b", 5)], lasts=100)
    assert told(ledger) == {"a": ("abandoned", "", 60), "b": ("unfinished", "", 95)}


def test_a_conversation_that_is_not_over_has_no_end() -> None:
    ledger = made([call("a", 50)], works("ann"), lasts=100)
    assert told(ledger) == {"a": ("answered", "ann", 0)}
    assert ended(ledger) == {}
    assert ledger.workloads["ann"].busy == 50 * SECOND


def test_who_comes_at_the_last_moment_is_counted_and_who_comes_later_is_not() -> None:
    ledger = made([call("a", 100), call("b", 100.000001)], works("ann"), lasts=100)
    assert told(ledger) == {"a": ("answered", "ann", 0)}


def test_many_may_come_at_one_moment() -> None:
    ledger = made([call(f"c{n}", 10, handling=5) for n in range(4)], works("ann"), works("ben"))
    assert [waited for _, _, waited in told(ledger).values()] == [0, 0, 5, 5]


def test_valued_customers_go_first_by_their_credit() -> None:
    centre = catalog(queue(), agent("ann"), credits=Credits(tiers={"gold": 90 * SECOND}))
    contacts = [call("a", 0), call("b", 10), call("g", 60, customer=GOLD)]
    ledger = made(contacts, works("ann"), centre=centre)
    assert told(ledger)["g"] == ("answered", "ann", 40)
    assert told(ledger)["b"] == ("answered", "ann", 190)


# -- patience ---------------------------------------------------------------------------------


def test_impatient_customers_leave_when_their_patience_ends() -> None:
    ledger = made([call("a", 0), call("b", 10, patience=89), call("c", 20)], works("ann"))
    assert told(ledger) == {
        "a": ("answered", "ann", 0),
        "b": ("abandoned", "", 89),
        "c": ("answered", "ann", 80),
    }


def test_patience_runs_while_the_agents_telephone_rings() -> None:
    """And the agent is free for the next at once."""
    contacts = [call("a", 0, patience=5), call("b", 3)]
    ledger = made(contacts, works("ann", accepts_after=8))
    assert told(ledger) == {"a": ("abandoned", "", 5), "b": ("answered", "ann", 10)}
    assert ledger.workloads["ann"].handled == 1


def test_who_has_no_patience_at_all_is_served_only_at_once() -> None:
    contacts = [call("a", 0, patience=0), call("b", 10, patience=0)]
    ledger = made(contacts, works("ann"))
    assert told(ledger) == {"a": ("answered", "ann", 0), "b": ("abandoned", "", 0)}


def test_patience_ends_nothing_once_somebody_has_answered() -> None:
    ledger = made([call("a", 0, patience=50)], works("ann"))
    assert ended(ledger) == {"a": 100}


# -- answering --------------------------------------------------------------------------------


def test_a_slow_answer_is_waiting() -> None:
    ledger = made([call("a", 0)], works("ann", accepts_after=4))
    assert told(ledger) == {"a": ("answered", "ann", 4)}
    assert ended(ledger) == {"a": 104}


def test_auto_accept_leaves_the_agent_no_time() -> None:
    ledger = made([call("a", 0)], works("ann", accepts_after=4), rules=queue(auto_accept=True))
    assert told(ledger) == {"a": ("answered", "ann", 0)}


def test_a_missed_offer_makes_not_ready_and_the_next_agent_is_asked() -> None:
    """It rings for 20 s; ben, who comes later, has it then; ann is ready again after a minute."""
    contacts = [call("a", 0), call("b", 30), call("c", 79, handling=10)]
    lazy = works("ann", misses=1.0, returns_after=60)
    ledger = made(contacts, lazy, works("ben", (10, LONG)))
    assert told(ledger)["a"] == ("answered", "ben", 20)
    assert ledger.workloads["ann"].handled == 0
    assert ledger.workloads["ann"].present < LONG * SECOND


def test_who_missed_an_offer_returns_after_their_time() -> None:
    """Rings 0-20 at ann, who misses everything; she is back at 50 for another 20 s, and so on."""
    offers: list[tuple[float, str]] = []

    def watch(run: Run, events: Sequence[e.Event]) -> None:
        offers.extend(
            ((run.at - START) / SECOND, type(event).__name__)
            for event in events
            if isinstance(event, e.Offered | e.AgentReady | e.AgentNotReady)
        )

    setup = Setup(
        catalog=catalog(queue(), agent("ann")),
        contacts=[call("a", 0)],
        staff=(works("ann", misses=1.0, returns_after=30),),
        begins=START,
        ends=at(100),
    )
    Run(setup, observers=[watch]).run()
    assert offers == [
        (0, "AgentReady"), (0, "Offered"), (20, "AgentNotReady"),
        (50, "AgentReady"), (50, "Offered"), (70, "AgentNotReady"),
        (100, "AgentReady"), (100, "Offered"),
    ]  # fmt: skip


def test_what_takes_longer_to_answer_than_it_rings_is_missed() -> None:
    ledger = made([call("a", 0)], works("ann", accepts_after=21), lasts=500)
    assert told(ledger) == {"a": ("unfinished", "", 500)}


def test_nobody_returns_from_a_missed_offer_into_their_break_or_their_evening() -> None:
    """Missed at 20: ready again after the break at 300, not at 50; at 520 the day is over."""
    lazy = works("ann", (0, 520), breaks=[(40, 300)], misses=1.0, returns_after=30)
    ledger = made([call("a", 0)], lazy, lasts=1_000)
    assert told(ledger)["a"] == ("unfinished", "", 1_000)
    assert ledger.workloads["ann"].present <= 520 * SECOND


def test_coming_back_twice_is_coming_back_once() -> None:
    """The break ends before the missed offer's own time does: both say ready."""
    lazy = works("ann", breaks=[(30, 40)], misses=1.0, returns_after=25)
    made([call("a", 0)], lazy, lasts=400)


def test_after_a_missed_offer_a_lenient_queue_leaves_the_agent_ready() -> None:
    rules = queue(missed_offer="ready", reoffer_after=5 * SECOND)
    ledger = made([call("a", 0)], works("ann", misses=1.0), rules=rules, lasts=200)
    assert ledger.workloads["ann"].present == 200 * SECOND


# -- lines ------------------------------------------------------------------------------------


def test_who_finds_every_line_taken_is_blocked() -> None:
    contacts = [call("a", 0), call("b", 10), call("c", 20), call("d", 120)]
    ledger = made(contacts, works("ann"), lines=2)
    assert told(ledger)["c"] == ("blocked", "", 0)
    assert told(ledger)["d"] == ("answered", "ann", 80)
    assert ledger.arrived == 4
