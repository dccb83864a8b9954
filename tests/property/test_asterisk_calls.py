"""Customers, agents, desks and broken connections in any order: the telephones and the log agree.

Every act is followed by a few turns of the event loop or by all of them, so that what people do
comes between what Asterisk says and what it is asked; the events of different channels come in
any order, and now and then twice.
"""

from __future__ import annotations

import os
from collections import Counter

from asterisk_world import NUMBERS, World
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from router.core import commands as c
from router.core import events as e
from tests.asterisk.centre import AGENTS

HISTORIES = max(int(os.environ.get("PATCHBAY_HISTORIES", "300")) // 4, 1)
SEEN: Counter[type[e.EventBase]] = Counter()

PICKS = st.integers(0, 9_999)
TURNS = st.sampled_from((None, None, 0, 1, 3, 8))  # of the loop; None: all that there are
AGENT = st.sampled_from(AGENTS)
NUMBER = st.sampled_from(NUMBERS)
ABSENCES = st.sampled_from((c.SetNotReady, c.SignOut, c.LoseAgent))
BREAKS = st.sampled_from(("cut", "restore", "restore", "restart", "restart", "kill"))


class CallHistory(RuleBasedStateMachine):
    world: World

    @initialize(seed=st.integers(0, 2**16))
    def centre(self, seed):
        self.world = World(seed)

    @rule(number=NUMBER, dialled=st.sampled_from(("100", "100", "100", "200", "999")), turns=TURNS)
    def customer_calls(self, number, dialled, turns):
        self.world.calls(number, dialled)
        self.world.turn(turns)

    @rule(number=NUMBER)
    def a_conversation(self, number):
        self.world.conversation(number)

    @rule(pick=PICKS)
    def a_conversation_about_it(self, pick):
        self.world.company(pick)

    @rule(pick=PICKS, turns=TURNS)
    def somebody_answers(self, pick, turns):
        self.world.answers(pick)
        self.world.turn(turns)

    @rule(turns=TURNS)
    def all_are_ready(self, turns):
        self.world.all_are_ready()
        self.world.turn(turns)

    @rule(pick=PICKS, agent=AGENT, turns=TURNS)
    def something_on_the_desk(self, pick, agent, turns):
        self.world.desk(pick, agent)
        self.world.turn(turns)

    @rule(pick=PICKS, agent=AGENT, turns=TURNS)
    def something_more_on_the_desk(self, pick, agent, turns):
        self.something_on_the_desk(pick, agent, turns)

    @rule(kind=ABSENCES, agent=AGENT, rarely=st.integers(0, 3), turns=TURNS)
    def an_agent_goes(self, kind, agent, rarely, turns):
        if rarely == 0:
            self.world.agents_do(kind, agent)
            self.world.turn(turns)

    @rule(pick=PICKS, turns=TURNS)
    def somebody_hangs_up(self, pick, turns):
        self.world.hangs_up(pick)
        self.world.turn(turns)

    @rule(
        pick=PICKS,
        what=st.sampled_from(("refuse", "break", "press", "hold", "phone", "late", "join")),
        agent=AGENT,
        over=st.booleans(),
        turns=TURNS,
    )
    def something_rare(self, pick, what, agent, over, turns):
        match what:
            case "refuse":
                self.world.refuses(pick)
            case "break":
                self.world.line_breaks(pick)
            case "press":
                self.world.presses(pick, "*1#"[pick % 3])
            case "hold":
                self.world.holds(agent, over=over)
            case "phone":
                self.world.phone_goes(agent, here=over)
            case "late":
                self.world.again(pick)
            case "join":
                self.world.joins(pick)
        self.world.turn(turns)

    @rule(what=BREAKS, turns=TURNS, and_rest=st.booleans())
    def something_breaks(self, what, turns, and_rest):
        getattr(self.world, what)()
        self.world.turn(turns)
        if and_rest:
            self.world.check_at_rest()

    @rule(seconds=st.sampled_from((0, 0.5, 3)), pick=PICKS, what=st.integers(0, 3))
    def the_router_is_busy(self, seconds, pick, what):
        if what == 0:
            self.world.hangs_up(pick)
        elif what == 1:
            self.world.answers(pick)
        self.world.is_busy(seconds)

    @rule(seconds=st.sampled_from((0.2, 1, 1, 3, 3, 13, 70)))
    def time_passes(self, seconds):
        self.world.passes(seconds)

    @rule()
    def all_is_as_it_should_be_soon(self):
        self.world.check_soon()

    @rule(rarely=st.integers(0, 2))
    def all_comes_to_rest(self, rarely):
        if rarely == 0:
            self.world.check_at_rest()

    def teardown(self):
        if hasattr(self, "world"):
            try:
                self.world.everybody_goes()
            finally:
                self.world.close()
            SEEN.update(self.world.seen)


TestCallHistory = CallHistory.TestCase
TestCallHistory.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=30,
    deadline=None,
    phases=set(Phase) - {Phase.explain},  # which takes longer than the histories
    suppress_health_check=list(HealthCheck),
)


def test_the_histories_reach_what_happens_to_calls():
    """Rules over what never happens would prove nothing."""
    expected = {
        *(e.Offered, e.OfferAccepted, e.OfferRejected, e.OfferTimedOut, e.Returned),
        *(e.Held, e.Retrieved, e.ContactEnded, e.Completed, e.Abandoned, e.TransferredOut),
        *(e.ConsultStarted, e.ConsultEnded, e.AgentJoined, e.CallbackPromised),
    }
    for seed in range(60):
        if expected <= set(SEEN):
            break
        SEEN.update(World.busy_stretch(seed))
    assert expected - set(SEEN) == set()
