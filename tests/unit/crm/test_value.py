"""What a customer is worth, and why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.value import FRESH_DAYS, HALF_LIFE_DAYS, Figures, Valuation, valuation

TODAY = date(2026, 6, 30)


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_nothing_known_is_no_valuation() -> None:
    assert valuation(Figures(orders=3), TODAY) is None


def test_an_imported_value_stands_as_it_is() -> None:
    assert valuation(Figures(stated_value=3200), TODAY) == Valuation(value=3200, why="")


def test_what_was_spent_counts_before_an_imported_value() -> None:
    figures = Figures(stated_value=1, spent=500, orders=1, last_order=_ago(3))
    assert valuation(figures, TODAY) == Valuation(
        value=500, why="1 order in 12 months, spent 500, last order 2026-06-27"
    )


@pytest.mark.parametrize(
    ("days", "value"),
    [(0, 1000), (FRESH_DAYS, 1000), (FRESH_DAYS + HALF_LIFE_DAYS, 500), (-5, 1000)],
)
def test_value_halves_as_the_last_order_gets_old(days: int, value: int) -> None:
    worth = valuation(Figures(spent=1000, last_order=_ago(days)), TODAY)
    assert worth is not None
    assert worth.value == value


def test_a_longer_silence_never_makes_a_customer_worth_more() -> None:
    values = []
    for days in range(0, 4000, 50):
        worth = valuation(Figures(spent=10**12, last_order=_ago(days)), TODAY)
        assert worth is not None
        values.append(worth.value)
    assert values == sorted(values, reverse=True)
