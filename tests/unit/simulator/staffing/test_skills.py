"""Skills seen through the calls that were taken, and those that were not."""

from __future__ import annotations

from router.core.catalog import SECOND
from simulator.call_log import RecordedCall
from simulator.staffing.skills import Skills, infer_skills, passed_over
from simulator.staffing.work import work_of
from tests.unit.simulator.staffing.recorded import abandoned, answered, in_order

HELP, SALES = "help", "sales"
BOTH = frozenset([HELP, SALES])


def shift(pattern: str, agent: str = "ann", begins: int = 0) -> list[RecordedCall]:
    """One call each 200 s: ``s`` sales, ``h`` help, ``x`` sales past a wait for help."""
    calls = []
    for i, letter in enumerate(pattern):
        at = begins + 200 * (i + 1)
        calls.append(answered(agent, at, 180, waited=20, kind=HELP if letter == "h" else SALES))
        if letter == "x":
            calls.append(abandoned(at - 100, 150, kind=HELP))
    return calls


def skills_in(calls: list[RecordedCall]) -> Skills:
    ordered = in_order(*calls)
    return infer_skills(work_of(ordered), passed_over(ordered, {}))


def test_whom_a_call_went_past_is_seen_with_their_credit() -> None:
    taken = answered("ann", 100, 10, waited=50, kind=SALES)
    calls = in_order(taken, abandoned(70, 60, kind=HELP, tier="gold"))
    assert passed_over(calls, {}) == {}
    assert passed_over(calls, {"gold": 90 * SECOND}) == {taken.line: frozenset([HELP])}


def test_being_passed_by_one_s_own_type_says_nothing_of_skills() -> None:
    calls = in_order(answered("ann", 100, 10, waited=50), abandoned(20, 100))
    assert passed_over(calls, {}) == {}


def test_who_takes_both_among_each_other_has_both_skills() -> None:
    assert set(skills_in(shift("shsshshshssshshs"))["ann"]) == {BOTH}


def test_a_skill_that_is_switched_off_in_the_middle_of_a_shift_is_seen() -> None:
    found = skills_in(shift("shshshhsh" + "sxsxxsxsxsxsxsss"))["ann"]
    assert set(found[:8]) == {BOTH}
    assert set(found[10:]) == {frozenset([SALES])}


def test_a_long_run_without_a_frequent_type_is_a_skill_switched_off() -> None:
    found = skills_in(shift("shshhshs" * 3 + "s" * 40))["ann"]
    assert found[5] == BOTH
    assert found[-1] == frozenset([SALES])


def test_a_rare_type_is_not_taken_for_switched_off_because_nobody_asks() -> None:
    others = shift("s" * 18 + "h" + "s" * 19 + "h", agent="bob", begins=50)
    assert set(skills_in([*shift("h" + "s" * 30 + "h" + "s" * 12), *others])["ann"]) == {BOTH}


def test_one_call_alone_was_no_skill_and_somebody_with_nothing_else_keeps_it() -> None:
    calls = [*shift("s" * 20 + "h" + "s" * 20), answered("bob", 77, 10, kind=HELP)]
    found = skills_in(calls)
    assert frozenset([SALES]) in found["ann"]
    assert BOTH not in found["ann"]
    assert found["bob"] == [frozenset([HELP])]
