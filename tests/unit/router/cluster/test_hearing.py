"""How long Redis has been silent, and in what words."""

from __future__ import annotations

import pytest
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import OutOfMemoryError

from router.cluster.hearing import Hearing
from router.lease import LeaseUnknown


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def after(cause: Exception) -> LeaseUnknown:
    problem = LeaseUnknown(str(cause))
    problem.__cause__ = cause
    return problem


def test_a_short_silence_is_no_trouble_and_a_long_one_is_told_in_seconds(time):
    hearing = Hearing(time)
    time.now += 3
    assert hearing.trouble(3) == ""
    time.now += 4
    assert hearing.silent == 7
    assert hearing.trouble(3).startswith("Redis has not answered for 7 s: check that it is up")
    hearing.answered()
    assert hearing.trouble(3) == ""


def test_a_refusal_is_no_answer_but_is_told_as_what_it_is(time):
    hearing = Hearing(time)
    hearing.failed(after(OutOfMemoryError("command not allowed")))
    time.now += 5
    assert "refused for 5 s" in hearing.trouble(3)
    assert "OOM" in hearing.trouble(3)
    hearing.failed(after(Unreachable("gone")))
    assert "not answered for 5 s" in hearing.trouble(3)
