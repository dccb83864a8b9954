"""``router.branch.following``: the log in order; another session for all that is wrong."""

from __future__ import annotations

from router.branch.following import SILENT_AFTER, Following
from router.branch.messages import Again, Alive, Have, Hello, Piece, Told, Unfit, Welcome


def told(following, position):
    return Told(session=following.session, position=position, record=b"")


def welcomed(position=0, goal=0):
    following = Following(position, 0, 0)
    following.hello(1, 100)
    following.hear(Welcome(session=following.session, position=goal), 101)
    return following


def test_entries_are_folded_in_their_order_and_once():
    following = welcomed(goal=2)
    assert following.hear(told(following, 1), 102) == told(following, 1)
    following.reached(1, 50)
    assert following.hear(told(following, 1), 103) is None
    assert not following.in_step
    assert following.hear(told(following, 2), 104) == told(following, 2)
    following.reached(2, 60)
    assert following.in_step


def test_a_gap_begins_another_session():
    following = welcomed()
    assert following.hear(told(following, 3), 102) is False
    again = following.hello(1, 103)
    assert again.position == 0
    assert again.session == 103


def test_a_lost_tail_is_noticed_by_the_next_sign_of_life():
    following = welcomed()
    assert following.hear(Alive(session=following.session, position=1), 102) is False


def test_what_is_of_another_session_is_passed_over():
    following = welcomed()
    late = Told(session=following.session - 1, position=1, record=b"")
    assert following.hear(late, 102) is None


def test_a_state_comes_in_pieces_and_a_missing_one_begins_anew():
    following = welcomed()
    pieces = [
        Piece(session=following.session, position=9, number=n, of=3, body=bytes([n]))
        for n in range(3)
    ]
    assert following.hear(pieces[0], 102) is None
    assert following.hear(Alive(session=following.session, position=9), 102) is None
    assert following.hear(pieces[2], 103) is False
    for piece in pieces[:2]:
        assert following.hear(piece, 104) is None
    assert following.hear(pieces[2], 105) == b"\x00\x01\x02"


def test_sessions_grow_also_when_the_clock_goes_back():
    following = Following(0, 0, 500)
    assert following.hello(1, 100).session == 501
    assert following.hello(1, 700).session == 700


def test_a_centre_that_says_nothing_is_greeted_anew():
    following = welcomed()
    assert isinstance(following.sign(1, 102), Have)
    assert isinstance(following.sign(1, 102 + SILENT_AFTER), Hello)
    assert isinstance(following.sign(1, 103 + SILENT_AFTER), Hello)


def test_a_greeting_that_is_on_its_way_is_said_again_as_it_was():
    following = Following(0, 0, 0)
    first = following.hello(1, 100)
    assert following.sign(1, 100 + SILENT_AFTER) == first
    late = Piece(session=first.session - 1, position=9, number=0, of=9, body=b"")
    assert following.hear(late, 100 + SILENT_AFTER) is None
    assert following.sign(1, 100 + 2 * SILENT_AFTER) == first
    assert following.sign(1, 101 + 2 * SILENT_AFTER).session > first.session


def test_a_centre_that_knows_no_session_is_greeted_anew():
    following = welcomed()
    assert following.hear(Again(), 102) is False
    following.hello(1, 103)
    assert following.hear(Again(), 104) is None  # the greeting is on its way


def test_why_the_two_do_not_fit_is_told_until_they_do():
    following = welcomed()
    following.hear(Unfit(reason="Bring both to one version."), 102)
    assert following.reason
    following.hello(1, 103)
    following.hear(Welcome(session=following.session, position=0), 104)
    assert following.reason == ""
