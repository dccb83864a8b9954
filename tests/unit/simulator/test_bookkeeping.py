"""The accounts of a run are kept as things happen."""

import pytest

from simulator.bookkeeping import Bookkeeper
from simulator.contacts import SimulatedContact
from simulator.ledger import BooksDisagree


def contact(name: str, at: int) -> SimulatedContact:
    return SimulatedContact(
        id=name, at=at, stream="s", channel="voice", queue="q", patience=100, handling=10
    )


def test_waiting_is_counted_from_arrivals_answers_and_departures() -> None:
    books = Bookkeeper(0, 100)
    first, second = contact("a", 10), contact("b", 20)
    books.arrived(10)
    books.arrived(20)
    books.answered(first, "ann", 15, 25)
    books.left(second, "abandoned", 60)
    ledger = books.close([])
    assert [(one.contact.id, one.result, one.waited) for one in ledger.outcomes] == [
        ("a", "answered", 15),
        ("b", "abandoned", 40),
    ]
    assert ledger.waiting_area == 10 * 1 + 5 * 2 + 35 * 1
    assert (ledger.arrived, ledger.longest_line) == (2, 2)


def test_who_still_waits_at_the_end_is_unfinished() -> None:
    books = Bookkeeper(0, 100)
    books.arrived(70)
    ledger = books.close([contact("a", 70)])
    (outcome,) = ledger.outcomes
    assert (outcome.result, outcome.waited, outcome.ended_at) == ("unfinished", 30, 100)


def test_the_blocked_came_and_did_not_wait() -> None:
    books = Bookkeeper(0, 100)
    books.blocked(contact("a", 70), 70)
    ledger = books.close([])
    (outcome,) = ledger.outcomes
    assert (ledger.arrived, outcome.result, outcome.waited) == (1, "blocked", 0)
    assert (ledger.waiting_area, ledger.longest_line) == (0, 0)


def test_busy_is_the_time_with_at_least_one_contact_in_hand() -> None:
    books = Bookkeeper(0, 100)
    books.comes("ann", 0)
    for name, at in (("a", 10), ("b", 20)):
        books.arrived(at)
        books.answered(contact(name, at), "ann", 0, at)
    books.put_down("ann", 30)
    books.put_down("ann", 45)
    books.leaves("ann", 70)
    work = books.close([]).workloads["ann"]
    assert (work.busy, work.present, work.handled) == (35, 70, 2)
    assert work.occupancy == pytest.approx(0.5)


def test_what_is_in_hand_and_who_is_there_at_the_end_counts_until_then() -> None:
    books = Bookkeeper(0, 100)
    books.comes("ann", 40)
    books.arrived(60)
    books.answered(contact("a", 60), "ann", 0, 60)
    work = books.close([]).workloads["ann"]
    assert (work.busy, work.present) == (40, 60)


def test_coming_twice_and_leaving_twice_count_once() -> None:
    books = Bookkeeper(0, 100)
    books.comes("ann", 10)
    books.comes("ann", 20)
    books.leaves("ann", 30)
    books.leaves("ann", 50)
    assert books.close([]).workloads["ann"].present == 20


def test_who_is_not_ready_is_there_while_something_is_in_hand() -> None:
    books = Bookkeeper(0, 100)
    books.comes("ann", 0)
    books.arrived(10)
    books.answered(contact("a", 10), "ann", 0, 10)
    books.leaves("ann", 20)
    books.put_down("ann", 50)
    books.comes("ann", 80)
    work = books.close([]).workloads["ann"]
    assert (work.busy, work.present) == (40, 70)


def test_who_was_never_there_has_no_occupancy() -> None:
    books = Bookkeeper(0, 100)
    books.leaves("ann", 30)
    assert books.close([]).workloads == {}


def test_closing_checks_the_accounts() -> None:
    books = Bookkeeper(0, 100)
    books.arrived(10)
    with pytest.raises(BooksDisagree, match="1 contacts came, 0 are told of"):
        books.close([])


def test_agents_and_lines_are_measured_from_the_end_of_the_warm_up() -> None:
    books = Bookkeeper(0, 100, measured_from=40)
    books.comes("ann", 0)
    for _ in "abc":
        books.arrived(10)
    books.answered(contact("a", 10), "ann", 0, 10)
    books.answered(contact("b", 10), "ben", 10, 20)
    books.put_down("ann", 60)
    books.put_down("ben", 30)
    books.left(contact("c", 10), "abandoned", 50)
    ledger = books.close([])
    ann, ben = ledger.workloads["ann"], ledger.workloads["ben"]
    assert (ann.busy, ann.present) == (20, 60)
    assert (ben.busy, ben.present) == (0, 0)
    assert ledger.longest_line == 1, "two waited only before"


def test_who_is_answered_at_once_was_in_no_line() -> None:
    books = Bookkeeper(0, 100)
    books.arrived(10)
    books.answered(contact("a", 10), "ann", 0, 10)
    assert books.close([]).longest_line == 0
