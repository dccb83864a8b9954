"""``cti_adapters.email.turns``: a flood waits, the others do not."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.turns import LATEST, LULL, SHOWS_WITHIN, Pace, Recent, Turns
from router.core.durations import HOUR, MINUTE, SECOND
from router.limits import Rate

PACE = Pace(
    a_sender=Rate(burst=3, every=MINUTE),
    slowest=10 * MINUTE,
    strangers=5,
    in_flood=MINUTE,
    known=20,
)

stories = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 90 * SECOND), st.booleans()),
    max_size=80,
)


@given(stories)
def test_every_mail_has_its_time_and_no_limit_is_passed(story):
    turns, at, given_ = Turns(PACE), 0, []
    for sender, pause, known in story:
        at += pause
        due = turns.turn(f"{sender}@x.org", at, known=known).due
        assert at <= due <= at + LATEST
        given_.append((due, known))
    for known, most in ((True, PACE.known), (False, PACE.strangers + 1)):
        minutes = Counter(due // MINUTE for due, one in given_ if one is known)
        assert max(minutes.values(), default=0) <= most


@given(stories)
def test_mails_of_one_sender_keep_their_order(story):
    turns, at = Turns(PACE), 0
    last = {}
    for sender, pause, _ in story:
        at += pause
        due = turns.turn(f"{sender}@x.org", at).due
        assert due >= last.get(sender, 0)
        last[sender] = due


def test_a_bomb_of_one_sender_delays_nobody_else():
    turns = Turns(PACE)
    bomb = [turns.turn("bomber@x.org", n).due for n in range(1_000)]
    assert bomb[:3] == [0, 1, 2]
    assert bomb[3] >= MINUTE // 2
    assert bomb == sorted(bomb)
    assert len(set(bomb)) > 990
    assert turns.turn("ann@x.org", 1_000).due == 1_000
    assert turns.turn("old@x.org", 1_000, known=True).due == 1_000


def test_a_bomb_under_many_names_delays_strangers_only_and_only_while_it_lasts():
    turns = Turns(PACE)
    bomb = [turns.turn(f"b{n}@x.org", 0).due for n in range(500)]
    assert bomb == [0] * 5 + [1] + [n * MINUTE for n in range(1, 495)]
    assert turns.turn("new@x.org", 1).due == 495 * MINUTE
    assert turns.turn("later@x.org", 1 + LULL).due == 1 + LULL
    assert turns.turn("old@x.org", 0, known=True).due == 0


def test_a_plus_makes_no_other_sender():
    turns = Turns(PACE)
    dues = [turns.turn(f"b+{n}@x.org", 0).due for n in range(10)]
    assert dues == [due * MINUTE for due in (0, 0, 0, 1, 2, 4, 8, 16, 26, 36)]


def test_a_sender_who_stops_is_let_in_as_before():
    turns = Turns(PACE)
    last = max(turns.turn("b@x.org", 0).due for _ in range(10))
    again = [turns.turn("b@x.org", last + HOUR) for _ in range(4)]
    assert [one.due - last - HOUR for one in again] == [0, 0, 0, MINUTE]
    assert [one.flood for one in again] == ["", "", "", "sender"]


def test_it_is_told_of_what_there_were_too_many():
    turns = Turns(PACE)
    assert {turns.turn(f"b{n}@x.org", 0).flood for n in range(5)} == {""}
    assert turns.turn("b9@x.org", 0).flood == "strangers"
    assert {turns.turn(f"c{n}@x.org", 0, known=True).flood for n in range(20)} == {""}
    assert turns.turn("c20@x.org", 0, known=True).flood == "known"


def test_a_flood_has_begun_with_what_was_made_of_late():
    recent = Recent()
    recent.made("old", "b1@x.org", 0, known=False)
    recent.made("one", "b@x.org", MINUTE, known=False)
    recent.made("two", "B+2@x.org", SHOWS_WITHIN, known=False)
    recent.made("other", "c@x.org", SHOWS_WITHIN, known=False)
    recent.made("customer", "d@x.org", SHOWS_WITHIN, known=True)
    assert recent.of_flood("sender", "b+9@x.org", SHOWS_WITHIN) == ["one", "two"]
    assert recent.of_flood("known", "d@x.org", SHOWS_WITHIN) == []
    assert recent.of_flood("strangers", "e@x.org", SHOWS_WITHIN) == ["other"]
    assert recent.of_flood("strangers", "e@x.org", SHOWS_WITHIN) == []
    assert recent.of_flood("sender", "d@x.org", SHOWS_WITHIN) == ["customer"]


def test_after_a_restart_those_who_wait_keep_their_turn():
    turns = Turns(PACE)
    waiting = [due for due in (turns.turn("b@x.org", 0).due for _ in range(10)) if due > 0]
    again = Turns(PACE)
    for due in waiting:
        again.remember("b@x.org", due, 0)
    assert again.turn("b@x.org", 0).due == turns.turn("b@x.org", 0).due


def test_memory_is_bounded_and_forgets_what_is_over():
    turns = Turns(PACE, max_keys=50)
    for n in range(500):
        turns.turn(f"p{n}@x.org", n)
        assert len(turns) <= 51
    for n in range(200):
        turns.turn("one@x.org", 20 * HOUR + n * HOUR)
    assert len(turns) <= 2


def test_nothing_waits_for_ever():
    turns = Turns(Pace(a_sender=Rate(burst=1, every=HOUR), strangers=1, known=1))
    dues = [turns.turn("b@x.org", 0).due for _ in range(2_000)]
    assert max(dues) == LATEST
    many = Turns(Pace(strangers=1))
    assert max(many.turn(f"b{n}@x.org", 0).due for n in range(4_400)) == LATEST
