"""The real fortnight replayed: near what was recorded, and better at telling waits than others.

Skipped where the log is absent.
"""

from __future__ import annotations

import pytest

from simulator.call_log import CallLog
from simulator.judging.estimates import OURS
from simulator.replay import CentreChange, Replay, Wishes, replay, study

TIERS = ("unidentified", "regular", "valued")


@pytest.fixture(scope="module")
def fortnight(bank_log: CallLog) -> Replay:
    return replay(
        study(bank_log, 1),
        change=CentreChange(credits={"valued": 0, "regular": 0}),
        wishes=Wishes(estimates=True),
    )


@pytest.mark.parametrize("figure", ["mean_wait", "abandonment"])
@pytest.mark.parametrize("group", ["all", *(f"tier {tier}" for tier in TIERS)])
def test_simulated_figures_are_within_a_tenth_of_the_recorded(
    fortnight: Replay, group: str, figure: str
) -> None:
    change = fortnight.fidelity.changes[group][figure]
    assert change.after == pytest.approx(change.before, rel=0.1)


def test_all_calls_are_replayed(fortnight: Replay) -> None:
    assert (fortnight.fidelity.calls["all"], fortnight.days) == (16_287, 14)
    assert fortnight.unfinished == 0


def test_without_credit_the_advantage_of_valued_customers_is_gone(fortnight: Replay) -> None:
    assert fortnight.effect is not None
    everybody = fortnight.effect.changes["all"]["mean_wait"]
    valued = fortnight.effect.changes["tier valued"]["mean_wait"]
    assert valued.before < 0.85 * everybody.before
    assert valued.after > 0.95 * everybody.after
    assert valued.certain


def test_estimates_beat_the_formulas_of_others(fortnight: Replay) -> None:
    verdict = fortnight.estimates
    assert verdict is not None
    errors = {one.formula: one.median_error for one in verdict.accuracies}
    ours = errors.pop(OURS)
    assert ours < 0.95 * min(errors.values())
    assert verdict.contacts > 6_000


def test_the_90th_percentile_is_one_and_estimates_hardly_ever_grow(fortnight: Replay) -> None:
    verdict = fortnight.estimates
    assert verdict is not None
    assert verdict.covered == pytest.approx(0.9, abs=0.03)
    assert verdict.grown < 0.01 * verdict.looks
