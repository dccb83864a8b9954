"""Who took which calls while who was waiting."""

from __future__ import annotations

import msgspec

from router.core.catalog import SECOND
from simulator.staffing.work import first_others, work_of
from tests.unit.simulator.staffing.recorded import abandoned, answered, in_order


def test_work_is_by_agent_in_order_and_leaves_out_the_nameless() -> None:
    late, early = answered("ann", 100, 10), answered("ann", 50, 10)
    work = work_of([late, answered("", 60, 5), answered("bob", 10, 5), early, abandoned(0, 9)])
    assert list(work) == ["ann", "bob"]
    assert work["ann"] == [early, late]


def test_the_first_of_each_type_among_the_others_is_told_with_credit() -> None:
    taken = answered("ann", 100, 10, waited=90)
    calls = in_order(
        taken,
        abandoned(20, 200),
        abandoned(40, 200, tier="gold"),
        abandoned(15, 200, kind="help"),
        abandoned(5, 80),  # gone by then
        abandoned(99, 50, kind="late"),  # had only just come
    )
    ((call, others),) = first_others(calls, {"gold": 90 * SECOND})
    assert call is taken
    assert others == {"sales": -50 * SECOND, "help": 15 * SECOND}


def test_those_who_left_in_self_service_were_not_waiting() -> None:
    left = msgspec.structs.replace(abandoned(10, 100), outcome="left")
    ((_, others),) = first_others(in_order(left, answered("ann", 50, 9, waited=30)), {})
    assert others == {}
