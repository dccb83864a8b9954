"""The core against a brute-force chooser that shares no code with it.

Random centres live through random histories; each offer is judged in the middle of the turn in
which it was made, and explanations are asked for and judged in between. That the judge notices
mistakes is shown in ``test_chooser_notices.py``.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from core_world import STRATEGY_NAMES
from judged_world import OFFERS, JudgedWorld, lives

from simulator.judging.decisions import Disagreement

DECISIONS = int(os.environ.get("PATCHBAY_DECISIONS", "5000"))
SHARE = -(-DECISIONS // len(STRATEGY_NAMES))  # of each strategy


class Tally:
    def __init__(self, strategy: str) -> None:
        self.strategy = strategy
        self.judged: Counter[str] = Counter()
        self.explained = 0
        self.found: list[tuple[int, Disagreement]] = []

    def add(self, world: JudgedWorld, number: int) -> None:
        self.judged += world.judge.judged
        self.explained += world.explained
        self.found += [(number, one) for one in world.found]


@pytest.fixture(scope="module", params=STRATEGY_NAMES)
def tally(request) -> Tally:
    """What was judged with most queues going by one strategy, until that is its share."""
    made = Tally(request.param)
    offers = 0
    for number, world in enumerate(lives(request.param)):
        made.add(world, number)
        offers += world.offers
        if offers >= SHARE:
            return made
        assert number < DECISIONS, "the worlds decide nothing any more"
    raise AssertionError("worlds never end")


def test_every_decision_is_the_one_an_obvious_chooser_makes(tally: Tally):
    assert tally.found == []


def test_enough_decisions_of_every_kind_were_judged(tally: Tally):
    """A judge without cases would prove nothing."""
    judged = tally.judged
    assert sum(judged[reason] for reason in OFFERS) >= SHARE
    assert min(judged["next_waiting"], judged["strategy"]) >= SHARE // 10
    rare = {"preferred", "named", "step elapsed", "step nobody_signed_in"}
    assert set(judged) >= rare | ({"strategy along"} if tally.strategy == "ring_all" else set())
    assert tally.explained >= SHARE // 10
