"""Which decisions are judged, and what the judge says is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from router.core import events as e
from simulator.judging.decisions import Disagreement, Judge
from simulator.replay import build, study
from simulator.replay.inspection import SHOWN, Inspector, pick
from simulator.runner import Run
from tests.unit.simulator.replay.logs import recorded


def inspected(picked: Sequence[int]) -> Inspector:
    inspector = Inspector(picked)
    Run(build(study(recorded(days=1), 1), 1), observers=(inspector,)).run()
    return inspector


def test_so_many_different_decisions_are_picked_and_never_more_than_there_are():
    rng = np.random.default_rng(1)
    assert len(set(pick(10, 1_000, rng))) == 10
    assert sorted(pick(10, 3, rng)) == [0, 1, 2]
    assert pick(10, 0, rng) == []


def test_only_those_that_are_picked_are_judged():
    verdict = inspected([0, 5, 9]).verdict()
    assert 3 <= verdict.decisions <= 6  # several may be made at one moment
    assert sum(verdict.reasons.values()) == verdict.decisions
    assert verdict.disagree == 0
    assert verdict.disagreements == ()


def test_explanations_of_those_who_go_on_waiting_are_judged():
    assert inspected(range(60)).verdict().explanations >= 5


def test_disagreements_are_counted_and_the_first_are_kept(monkeypatch: pytest.MonkeyPatch):
    def grumbles(judge: Judge, events: Sequence[e.Event], at: int) -> list[Disagreement]:
        judge.follow(events, at)
        return [Disagreement(at=at, contact="k", agent="", what="no")]

    monkeypatch.setattr(Judge, "judge", grumbles)
    verdict = inspected(range(60)).verdict()
    assert verdict.disagree > SHOWN
    assert len(verdict.disagreements) == SHOWN
