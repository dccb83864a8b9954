"""Patience from censored waits, against a textbook and against itself."""

from __future__ import annotations

import numpy as np
import pytest

from router.core.catalog import MINUTE, SECOND
from simulator.call_log import CallLog, RecordedCall
from simulator.distributions import NEVER
from simulator.patience import ANY, Survival, estimate_patience, kaplan_meier

# Weeks in remission under 6-MP (Freireich et al., Blood 21:699, 1963; Gehan, Biometrika 52:203,
# 1965; the example of most textbooks): negative ones are censored.
REMISSION = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23]
REMISSION += [-25, -32, -32, -34, -35]


@pytest.fixture
def remission() -> Survival:
    return kaplan_meier(np.abs(REMISSION), np.array(REMISSION) > 0)


def test_the_textbook_s_curve_and_greenwood_s_errors(remission: Survival) -> None:
    assert remission.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert remission.survival == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert remission.standard_error == pytest.approx(
        [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5
    )
    assert (remission.events, remission.censored, remission.longest) == (9, 12, 35)
    assert remission.hazard == pytest.approx(9 / 359)


def test_the_curve_is_a_step_function_with_an_exponential_tail(remission: Survival) -> None:
    assert remission.at([0, 5.9, 6, 22.9, 35]) == pytest.approx(
        [1, 1, 0.8571, 0.5378, 0.4482], abs=5e-5
    )
    assert remission.at(35 + 1 / remission.hazard) == pytest.approx(0.4482 / np.e, abs=5e-5)


def test_quantiles_turn_the_curve_around_tail_included(remission: Survival) -> None:
    assert remission.quantile([0.0, 0.1, 0.2, 0.5]).tolist() == [6, 6, 10, 23]
    share = np.linspace(0.6, 0.99, 20)
    assert remission.at(remission.quantile(share)) == pytest.approx(1 - share)


def test_the_mean_is_the_area_under_the_curve_and_what_is_drawn_has_it(remission: Survival) -> None:
    drawn = remission.quantile((np.arange(200_000) + 0.5) / 200_000)
    assert remission.mean() == pytest.approx(drawn.mean(), rel=1e-3)


def test_without_censoring_the_curve_is_that_of_the_sample() -> None:
    curve = kaplan_meier([4, 1, 3, 2], [True] * 4)
    assert curve.survival == pytest.approx([0.75, 0.5, 0.25, 0])
    assert curve.mean() == pytest.approx(2.5)
    assert curve.quantile([0.0, 0.25, 0.3, 0.99]).tolist() == [1, 1, 2, 4]
    assert np.all(np.isfinite(curve.standard_error))


def test_exponential_patience_is_found_again_behind_exponential_waits() -> None:
    rng = np.random.default_rng(5)
    patience, offered = rng.exponential(100, 40_000), rng.exponential(60, 40_000)
    curve = kaplan_meier(np.minimum(patience, offered), patience <= offered)
    assert curve.mean() == pytest.approx(100, rel=0.03)
    for time in (20, 60, 120):
        assert curve.at(time) == pytest.approx(np.exp(-time / 100), abs=0.01)


def test_who_has_waited_has_more_patience_than_the_wait() -> None:
    rng = np.random.default_rng(6)
    curve = kaplan_meier(rng.exponential(100, 20_000), np.ones(20_000, dtype=bool))
    later = curve.quantile_beyond(rng.random(20_000), 80.0)
    assert later.min() >= 80
    assert (later - 80).mean() == pytest.approx(100, rel=0.05)
    assert kaplan_meier([5.0], [False]).quantile_beyond(0.5, 9.0) == np.inf


def test_where_nobody_ever_left_nobody_ever_leaves() -> None:
    curve = kaplan_meier([5, 7], [False, False])
    assert curve.quantile([0.0, 0.5]).tolist() == [np.inf, np.inf]
    assert curve.mean() == np.inf
    assert curve.sample(np.random.default_rng(1), 2).tolist() == [NEVER, NEVER]


def test_nothing_observed_is_no_error() -> None:
    curve = kaplan_meier([], [])
    assert (curve.events, curve.longest, curve.mean()) == (0, 0.0, np.inf)


@pytest.mark.parametrize(
    ("durations", "observed"), [([-1], [True]), ([1, 2], [True]), ([np.nan], [True])]
)
def test_durations_that_cannot_be_are_refused(durations: list[float], observed: list[bool]) -> None:
    with pytest.raises(ValueError, match="uration"):
        kaplan_meier(durations, observed)


def call(tier: str, waited: int, *, gone: bool, kind: str = "sales") -> RecordedCall:
    return RecordedCall(
        line=1,
        id="",
        customer="",
        tier=tier,
        type=kind,
        arrived_at=0,
        queued_at=0,
        waited=waited * SECOND,
        outcome="abandoned" if gone else "answered",
    )


def test_groups_with_enough_abandonments_have_a_curve_of_their_own() -> None:
    hasty = [call("hasty", 10, gone=True), call("hasty", 20, gone=False)] * 5
    calm = [call("calm", 100, gone=True, kind="help"), call("calm", 200, gone=False)] * 3
    patience = estimate_patience([*hasty, *calm], enough=4)
    assert set(patience.curves) == {
        (ANY, ANY),
        ("hasty", ANY),
        ("hasty", "sales"),
        (ANY, "sales"),
    }
    assert patience.of("hasty", "help").events == 5
    assert patience.of("calm", "sales") is patience.curves[ANY, "sales"]
    assert patience.of("calm", "help") is patience.curves[ANY, ANY]


def test_calls_answered_at_once_tell_nothing_of_patience() -> None:
    waits = [call("a", 10, gone=True), call("a", 20, gone=False)]
    assert estimate_patience([*waits, call("a", 0, gone=False)]).of("a", "sales").censored == 1


def test_drawn_patience_agrees_with_what_is_recorded() -> None:
    calls = [call("a", 10 * i, gone=i % 3 == 0) for i in range(1, 300)]
    patience = estimate_patience(calls)
    drawn = patience.beyond(calls, ["a"] * len(calls), np.random.default_rng(3))
    for one, lasts in zip(calls, drawn.tolist(), strict=True):
        assert lasts == one.waited if one.outcome == "abandoned" else lasts >= one.waited


def test_at_the_bank_customers_are_more_patient_than_prospects(bank_log: CallLog) -> None:
    patience = estimate_patience(bank_log.calls)
    within = {
        (tier, kind): 1 - float(patience.curves[tier, kind].at(2 * MINUTE))
        for tier, kind in [("unidentified", "NW"), ("regular", "PS"), ("valued", "PS")]
    }
    assert within["unidentified", "NW"] > 0.4 > within["regular", "PS"] > within["valued", "PS"]
