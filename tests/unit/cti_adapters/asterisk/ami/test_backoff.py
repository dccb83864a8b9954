"""Attempts come further and further apart, and never two clients' at the same moment."""

from __future__ import annotations

import random

from cti_adapters.asterisk.ami.backoff import Backoff
from router.core.durations import MILLISECOND, SECOND


def backoff(seed: int = 1) -> Backoff:
    return Backoff(100 * MILLISECOND, 5 * SECOND, random.Random(seed))


def test_waits_double_up_to_the_longest() -> None:
    it = backoff()
    for whole in (100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000):
        assert whole * MILLISECOND // 2 <= it.wait() <= whole * MILLISECOND


def test_two_clients_do_not_wait_the_same() -> None:
    assert [backoff(1).wait() for _ in range(3)] != [backoff(2).wait() for _ in range(3)]


def test_a_reset_begins_anew() -> None:
    it = backoff()
    for _ in range(9):
        it.wait()
    it.reset()
    assert it.wait() <= 100 * MILLISECOND


def test_the_longest_wait_can_be_had_at_once_and_changes_nothing() -> None:
    it = backoff()
    assert it.longest() >= 2.5 * SECOND
    assert it.wait() <= 100 * MILLISECOND
