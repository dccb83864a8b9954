"""Accounts that contradict each other are found out."""

from collections.abc import Callable

import pytest

from simulator.bookkeeping import Bookkeeper
from simulator.contacts import SimulatedContact
from simulator.ledger import BooksDisagree, Ledger, Workload


def contact(number: int) -> SimulatedContact:
    return SimulatedContact(
        id=f"c{number}", at=number, stream="s", channel="voice", queue="q", patience=9, handling=9
    )


def ledger() -> Ledger:
    """Ten contacts, one a microsecond; the even ones are answered after 5, the others leave."""
    books = Bookkeeper(0, 100)
    happens = [(n, "comes", n) for n in range(10)]
    happens += [(n + 5 + n % 2, "goes", n) for n in range(10)]
    for at, what, number in sorted(happens):
        if what == "comes":
            books.arrived(at)
        elif number % 2:
            books.left(contact(number), "abandoned", at)
        else:
            books.answered(contact(number), "ann", at - number, at)
    return books.close([])


def test_honest_accounts_agree() -> None:
    accounts = ledger()
    accounts.check()
    assert accounts.waiting_area == 5 * 5 + 5 * 6


def _lose(accounts: Ledger) -> None:
    accounts.outcomes.pop()


def _repeat(accounts: Ledger) -> None:
    accounts.outcomes.append(accounts.outcomes[0])


def _exchange(accounts: Ledger) -> None:
    """Two with the same wait: one told of twice, the other not at all."""
    accounts.outcomes[2] = accounts.outcomes[0]


def _invent(accounts: Ledger) -> None:
    accounts.arrived += 1


def _round(accounts: Ledger) -> None:
    accounts.outcomes[3].waited += 1


def _forget_to_wait(accounts: Ledger) -> None:
    accounts.waiting_area -= 1


@pytest.mark.parametrize("error", [_lose, _repeat, _exchange, _invent, _round, _forget_to_wait])
def test_every_error_put_into_the_accounts_is_found(error: Callable[[Ledger], None]) -> None:
    accounts = ledger()
    error(accounts)
    with pytest.raises(BooksDisagree):
        accounts.check()


def test_occupancy_is_a_share_of_the_time_present() -> None:
    assert Workload(present=80, busy=20).occupancy == 0.25
    assert Workload().occupancy is None
