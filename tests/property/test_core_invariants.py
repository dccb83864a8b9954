"""The invariants C X K L I R B M over random histories of every command."""

from __future__ import annotations

import os

from core_world import ANY, FREQUENT, PAUSES, STRATEGY_NAMES, World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from router.core import commands as c
from router.core.machine import HANDLERS


class CoreHistory(RuleBasedStateMachine):
    world: World

    @initialize(strategy=st.sampled_from(STRATEGY_NAMES))
    def centre(self, strategy):
        self.world = World(strategy)

    @rule(command=FREQUENT)
    def usual(self, command):
        self.world.submit(command)

    @rule(command=FREQUENT)
    def usual_again(self, command):
        self.world.submit(command)

    @rule(command=ANY)
    def anything(self, command):
        self.world.submit(command)

    @rule(pause=PAUSES)
    def time_passes(self, pause):
        self.world.advance(pause)

    @rule(variant=st.integers(0, 3))
    def new_catalog(self, variant):
        self.world.publish(variant)

    @invariant()
    def every_rule_holds(self):
        self.world.check()

    def teardown(self):
        if hasattr(self, "world"):
            self.world.check_explanations()
            self.world.check_fold()


HISTORIES = int(os.environ.get("PATCHBAY_HISTORIES", "300"))

TestCoreHistory = CoreHistory.TestCase
TestCoreHistory.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_every_command_has_a_handler():
    covered = {*HANDLERS, c.Tick}
    assert covered == set(c.Command.__args__)
