"""``router.branch.serving``: what comes twice is decided once, and a silent branch is away."""

from __future__ import annotations

from router.branch.messages import Answer
from router.branch.serving import AWAY_AFTER, IN_HAND, REMEMBERED, WINDOW, Session


def session(floor=1):
    return Session(7, 0, floor, 0)


def test_a_request_is_decided_once_and_answered_as_often_as_it_comes():
    one = session()
    assert one.take(3) == "decide"
    assert one.take(3) == "pass"
    answer = Answer(session=7, number=3, code="wrong_state")
    one.decided(answer)
    assert one.take(3) == answer


def test_what_was_answered_before_the_session_is_passed_over():
    assert session(floor=5).take(4) == "pass"


def test_a_request_that_could_not_be_decided_may_come_again():
    one = session()
    one.take(3)
    one.given_up(3)
    assert one.take(3) == "decide"


def test_answers_the_branch_has_are_forgotten():
    one = session()
    one.take(3)
    one.decided(Answer(session=7, number=3))
    one.have(0, 4, 1)
    assert one.take(3) == "pass"


def test_a_flood_is_bounded():
    one = session()
    taken = [one.take(number) for number in range(1, IN_HAND + 10)]
    assert taken.count("decide") == IN_HAND
    for number in range(REMEMBERED + 10):
        one.decided(Answer(session=7, number=number))
    assert len(one._answers) == REMEMBERED


def test_a_branch_is_sent_no_more_than_a_window_beyond_what_it_has():
    one = session()
    one.sent = WINDOW
    assert one.room == 0
    one.have(10, 1, 1)
    assert one.room == 10


def test_nobody_has_more_than_was_sent():
    one = session()
    one.sent = 5
    one.have(2**50, 1, 1)
    assert one.has == 5


def test_a_branch_that_says_nothing_is_away():
    one = session()
    assert one.alive(AWAY_AFTER - 1)
    assert not one.alive(AWAY_AFTER)
    one.heard(AWAY_AFTER)
    assert one.alive(AWAY_AFTER + 1)
