"""What the centre learns from its contacts."""

from __future__ import annotations

from random import Random

import pytest

from router.core import commands as c
from router.core.durations import MINUTE, SECOND
from router.core.experience import Impatience, ServiceTime
from tests.unit.router.core.centre import Centre, agent


def test_a_service_time_is_the_mean_at_first_and_follows_what_changes():
    seen = ServiceTime()
    for duration in (10, 20, 30):
        seen.add(duration * SECOND)
    assert seen.mean == 20 * SECOND
    for _ in range(400):
        seen.add(60 * SECOND)
    assert seen.mean == pytest.approx(60 * SECOND, rel=0.01)


def test_impatience_is_the_rate_of_an_exponential_patience_though_most_are_answered_first():
    random, seen = Random(1), Impatience()
    for _ in range(20_000):
        patience, answered = random.expovariate(1 / 180), random.expovariate(1 / 60)
        seen.add(round(min(patience, answered) * SECOND), left=patience < answered)
    assert 1 / seen.rate == pytest.approx(180 * SECOND, rel=0.2)


def test_nobody_seen_to_wait_is_nobody_seen_to_leave():
    assert Impatience().rate == 0


def test_waits_are_learnt_from_answers_and_from_customers_who_leave():
    centre = Centre(agent("ann"))
    centre.arrive("gone")
    centre.wait(60)
    centre.do(c.Abandon(id="", contact="gone"))
    assert centre.state.impatience["q voice"].rate == pytest.approx(1 / MINUTE)
    centre.arrive("k")
    centre.wait(60)
    centre.ready("ann")
    centre.accept("k")
    assert centre.state.impatience["q voice"].rate == pytest.approx(1 / MINUTE / 2, rel=0.01)


def test_who_is_answered_at_once_tells_nothing_about_patience():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.talk("k")
    assert centre.state.impatience == {}
