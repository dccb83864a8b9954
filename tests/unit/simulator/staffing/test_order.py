"""How well credit explains whom agents took."""

from __future__ import annotations

from router.core.catalog import SECOND
from simulator.call_log import CallLog, RecordedCall
from simulator.staffing.order import OrderFit, served_in_order
from simulator.staffing.skills import infer_skills, passed_over
from simulator.staffing.work import work_of
from tests.unit.simulator.staffing.recorded import abandoned, answered, in_order


def fit(calls: list[RecordedCall], **credit: int) -> OrderFit:
    ordered = in_order(*calls)
    work = work_of(ordered)
    skills = {a: [frozenset(["sales"])] * len(taken) for a, taken in work.items()}
    worth = {tier: seconds * SECOND for tier, seconds in credit.items()}
    return served_in_order(ordered, work, skills, worth)


def test_a_call_is_judged_only_while_others_wait_whom_the_agent_serves() -> None:
    taken = answered("ann", 100, 10, waited=50)
    assert fit([taken]).judged == 0
    assert fit([taken, abandoned(0, 200, kind="help")]).judged == 0
    assert fit([taken, abandoned(70, 200)]) == OrderFit(judged=1, in_order=1)
    assert OrderFit(judged=0, in_order=0).share == 1.0


def test_credit_turns_a_jump_into_order() -> None:
    calls = [answered("ann", 100, 10, waited=20, tier="gold"), abandoned(10, 200)]
    assert fit(calls).share == 0
    assert fit(calls, gold=60).share == 0
    assert fit(calls, gold=90).share == 1


def test_at_the_bank_each_step_of_priority_is_worth_90_seconds(bank_log: CallLog) -> None:
    calls = bank_log.calls
    work = work_of(calls)
    share = {}
    for regular, valued in [(0, 0), (0, 90), (60, 120), (90, 180), (120, 240)]:
        credit = {"regular": regular * SECOND, "valued": valued * SECOND}
        skills = infer_skills(work, passed_over(calls, credit))
        share[regular, valued] = served_in_order(calls, work, skills, credit).share
    assert max(share, key=lambda which: share[which]) == (90, 180)
    assert share[90, 180] > 0.87
    assert share[0, 90] < 0.83
    assert share[0, 0] < 0.70
