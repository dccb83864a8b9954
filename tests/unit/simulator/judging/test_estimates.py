"""The judge of estimates: right about promises that are right, and about those that are not."""

from __future__ import annotations

import msgspec
import pytest

from router.core.durations import HOUR, MINUTE, SECOND
from router.core.estimates import Estimate
from simulator.judging import estimates
from simulator.judging.estimates import OURS, EstimateJudge, Verdict
from simulator.runner import Run
from tests.theory.pools import START, Pool


def judged(contacts: int = 3_000, patience: int = 3 * MINUTE) -> Verdict:
    pool = Pool({"q": {}}, {"g": (5, [("q", 1)])})
    until = START + round(contacts / 4.6 * MINUTE)
    setup = pool.setup({"q": 4.6}, until, seed=1, patience=patience)
    judge = EstimateJudge()
    Run(setup, seed=1, observers=[judge]).run()
    return judge.verdict()


def test_on_a_plain_queue_the_core_is_close_to_what_can_be_known():
    verdict = judged()
    assert verdict.contacts > 500
    assert 0.85 <= verdict.covered <= 0.95
    assert 0.4 <= verdict.below_median <= 0.6
    ours = next(one for one in verdict.accuracies if one.formula == OURS)
    assert abs(ours.bias) < 5
    others = [one for one in verdict.accuracies if one.formula != OURS]
    assert ours.mean_error < min(one.mean_error for one in others)
    assert verdict.looks > 1_000


@pytest.mark.parametrize(("factor", "sign"), [(0.2, -1), (5, 1)])
def test_promises_that_are_off_are_found_out(monkeypatch, factor: float, sign: int):
    def lying(state, contact, at):
        told = honest(state, contact, at)
        if told is None or told.low is None:
            return told
        return msgspec.structs.replace(
            told, low=round(told.low * factor), high=round(told.high * factor)
        )

    honest = estimates.estimate
    monkeypatch.setattr(estimates, "estimate", lying)
    verdict = judged(1_500)
    ours = next(one for one in verdict.accuracies if one.formula == OURS)
    assert sign * ours.bias > 5
    assert not 0.85 <= verdict.covered <= 0.95


def test_a_promise_that_grows_for_nothing_is_counted(monkeypatch):
    grown = iter(range(1, 10**9))

    def growing(state, contact, at):
        told = honest(state, contact, at)
        if told is None or told.low is None:
            return told
        return Estimate(position=1, low=next(grown) * 2 * SECOND, high=HOUR)

    honest = estimates.estimate
    monkeypatch.setattr(estimates, "estimate", growing)
    verdict = judged(300)
    assert verdict.grown > verdict.looks / 2


def test_an_honest_run_grows_next_to_never():
    verdict = judged(1_500)
    assert verdict.grown < verdict.looks / 50


def test_who_gives_up_does_not_make_the_others_promises_look_kept(monkeypatch):
    """Told the median as if it were the 90th percentile; those who gave up would have waited on."""

    def short(state, contact, at):
        told = honest(state, contact, at)
        return told if told is None else msgspec.structs.replace(told, high=told.low)

    honest = estimates.estimate
    monkeypatch.setattr(estimates, "estimate", short)
    verdict = judged(3_000, patience=MINUTE // 4)
    assert verdict.gave_up > verdict.contacts / 3
    assert verdict.covered == verdict.below_median
    assert 0.4 <= verdict.covered <= 0.6


def test_a_promise_that_grows_by_little_at_a_time_is_counted(monkeypatch):
    grown = iter(range(1, 10**9))

    def creeping(state, contact, at):
        told = honest(state, contact, at)
        if told is None or told.low is None:
            return told
        return Estimate(position=1, low=next(grown) * SECOND // 4, high=HOUR)

    honest = estimates.estimate
    monkeypatch.setattr(estimates, "estimate", creeping)
    verdict = judged(300)
    assert verdict.grown > verdict.looks / 10
