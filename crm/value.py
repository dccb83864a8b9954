"""What a customer is worth a year, first version, and the words that say why. Pure.

When orders are known: value = spent in the last 12 months × recency, where recency is 1 up to
90 days after the last order and then halves every 180 days: who has stopped buying is worth less
than the sum of old invoices. When they are not known, the imported value stands as it is.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Final

import msgspec

FRESH_DAYS: Final = 90
HALF_LIFE_DAYS: Final = 180


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a business system knows; money in whole units of the centre's currency."""

    stated_value: int | None = None
    orders: int | None = None  # in the last 12 months
    spent: int | None = None  # in the last 12 months
    last_order: date | None = None


class Valuation(msgspec.Struct, frozen=True, kw_only=True):
    value: int
    why: str


def valuation(figures: Figures, today: date) -> Valuation | None:
    """Worth per year and why, None when nothing is known."""
    if figures.spent is not None:
        return Valuation(value=_from_orders(figures, today), why=_orders_in_words(figures))
    if figures.stated_value is not None:
        return Valuation(value=figures.stated_value, why=_orders_in_words(figures))
    return None


def _from_orders(figures: Figures, today: date) -> int:
    spent = figures.spent or 0
    if figures.last_order is None:
        return spent
    stale = max((today - figures.last_order).days - FRESH_DAYS, 0)
    return round(spent * math.pow(0.5, stale / HALF_LIFE_DAYS))


def _orders_in_words(figures: Figures) -> str:
    """Dates, not ages: the sentence is stored and must stay true."""
    parts = []
    if figures.orders is not None:
        parts.append(f"{figures.orders} order{'' if figures.orders == 1 else 's'} in 12 months")
    if figures.spent is not None:
        parts.append(f"spent {figures.spent:,}")
    if figures.last_order is not None:
        parts.append(f"last order {figures.last_order.isoformat()}")
    return ", ".join(parts)
