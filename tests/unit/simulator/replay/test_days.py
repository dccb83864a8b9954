"""Outcomes by day, and the groups they belong to."""

from __future__ import annotations

from router.core.catalog import SECOND
from simulator.replay.days import by_hour, by_tier, by_type, daily, days_of
from tests.unit.simulator.centres import MONDAY, outcome
from tests.unit.simulator.replay.logs import DAY


def test_days_without_calls_are_none():
    outcomes = [outcome("answered", at=MONDAY), outcome("answered", at=MONDAY + 3 * DAY)]
    assert days_of(outcomes) == [MONDAY // DAY, MONDAY // DAY + 3]


def test_each_day_has_everybody_and_each_group():
    outcomes = [
        outcome("answered", 10 * SECOND, at=MONDAY, tier="gold"),
        outcome("abandoned", 20 * SECOND, at=MONDAY + DAY, tier="plain"),
    ]
    first, second = daily(outcomes, days_of(outcomes), (by_tier,), lambda _: 20 * SECOND)
    assert set(first.groups) == {"all", "tier gold"}
    assert set(second.groups) == {"all", "tier plain"}
    assert second.groups["all"].tally.abandoned == 1


def test_groups_are_named_also_where_the_log_says_nothing():
    one = outcome("answered", stream="", tier="", at=MONDAY)
    assert [by_type(one), by_tier(one), by_hour(one)] == [
        "type unknown",
        "tier unknown",
        "hour 08",
    ]
