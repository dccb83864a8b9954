"""``ivr.connectors.breaker``: a system that fails is left alone, and tried again by one."""

from hypothesis import given
from hypothesis import strategies as st

from ivr.connectors.breaker import FAILURES, REST, Breaker
from router.core.durations import SECOND


def broken(at=0):
    breaker = Breaker()
    opened = [breaker.enter(at) and breaker.failed(at) for _ in range(FAILURES)]
    assert opened == [False] * (FAILURES - 1) + [True]
    return breaker


def test_after_failures_in_a_row_nobody_asks():
    breaker = broken()
    assert breaker.is_open(0)
    assert not breaker.enter(REST - 1)


def test_a_success_in_between_counts_from_the_beginning():
    breaker = Breaker()
    for _ in range(3 * FAILURES):
        breaker.failed(0)
        assert not breaker.worked() or breaker.enter(0)
    assert breaker.enter(0)


def test_after_the_rest_one_tries_and_the_others_wait():
    breaker = broken()
    assert breaker.enter(REST)
    assert not breaker.enter(REST)
    assert breaker.is_open(REST + SECOND)


def test_when_the_one_works_all_may_ask_again():
    breaker = broken()
    breaker.enter(REST)
    assert breaker.worked()
    assert breaker.enter(REST)
    assert breaker.enter(REST)
    assert not breaker.worked()


def test_when_the_one_fails_the_rest_begins_anew():
    breaker = broken()
    breaker.enter(REST)
    assert breaker.failed(REST)
    assert not breaker.enter(2 * REST - 1)
    assert breaker.enter(2 * REST)


def test_those_who_were_asking_already_do_not_open_it_twice():
    breaker = broken()
    assert not breaker.failed(SECOND)
    assert not breaker.enter(REST)
    assert breaker.enter(SECOND + REST)


@given(st.lists(st.tuples(st.integers(0, REST), st.booleans()), max_size=60))
def test_it_never_stays_open_for_ever(story):
    breaker, at = Breaker(), 0
    for passes, works in story:
        at += passes
        if breaker.enter(at):
            breaker.worked() if works else breaker.failed(at)
    assert breaker.enter(at + REST)
