"""The invariants C X K L I R B M over random histories of every command."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

from core_world import AGENTS, AIMS, BLIND, PAUSES, STRATEGY_NAMES, World
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from router.core import commands as c
from router.core import events as e
from router.core.machine import HANDLERS

PICKS = st.integers(0, 9_999)
HISTORIES = int(os.environ.get("PATCHBAY_HISTORIES", "300"))
SEEN: Counter[type[e.EventBase]] = Counter()


class CoreHistory(RuleBasedStateMachine):
    world: World

    @initialize(strategy=st.sampled_from(STRATEGY_NAMES))
    def centre(self, strategy):
        self.world = World(strategy)

    @rule(pick=PICKS)
    def contact_comes(self, pick):
        self.world.new_contact(pick)

    @rule(agent=st.sampled_from(AGENTS))
    def agent_comes(self, agent):
        self.world.agent_ready(agent)

    @rule(aim=AIMS, pick=PICKS)
    def something_apt(self, aim, pick):
        self.world.aim(aim, pick)

    @rule(seed=st.integers(0, 2**32))
    def a_busy_stretch(self, seed):
        self.world.busy_stretch(Random(seed))

    @rule(command=BLIND)
    def anything(self, command):
        self.world.submit(command)

    @rule(pause=PAUSES)
    def time_passes(self, pause):
        self.world.advance(pause)

    @rule(variant=st.integers(0, 3), rarely=st.integers(0, 7))
    def new_catalog(self, variant, rarely):
        if rarely == 0:
            self.world.publish(variant)

    @invariant()
    def every_rule_holds(self):
        self.world.check()

    def teardown(self):
        if hasattr(self, "world"):
            SEEN.update(self.world.seen)
            self.world.check_explanations()
            self.world.check_fold()


TestCoreHistory = CoreHistory.TestCase
TestCoreHistory.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=30,
    deadline=None,
    phases=set(Phase) - {Phase.explain},  # which takes longer than the histories
    suppress_health_check=list(HealthCheck),
)


def test_the_histories_reach_every_kind_of_event():
    """Rules over events that never happen would prove nothing.

    Histories that Hypothesis drew come first; what they missed must come up in a fixed number of
    ordinary stretches, drawn the way theirs are.
    """
    missing = set(e.Event.__args__) - set(SEEN)
    for seed in range(400):
        if not missing:
            break
        world = World(STRATEGY_NAMES[seed % len(STRATEGY_NAMES)])
        world.busy_stretch(Random(seed), 160)
        missing -= set(world.seen)
    assert missing == set()


def test_every_command_has_a_handler():
    covered = {*HANDLERS, c.Tick}
    assert covered == set(c.Command.__args__)
