"""``router.limits``: what one may send never depends on what another sends."""

import pytest

from router.core.durations import SECOND
from router.limits import Bucket, Buckets, Pace, Rate, Tally, source_of

TWO = Rate(burst=2, every=SECOND)


def test_a_burst_is_allowed_then_a_steady_rate():
    bucket = Bucket(TWO, 0)
    assert [bucket.take(0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(SECOND), bucket.take(SECOND)] == [True, False]


def test_a_flood_gets_its_rate_and_no_more():
    bucket = Bucket(TWO, 0)
    allowed = sum(bucket.take(at) for at in range(0, 10 * SECOND, 100))
    assert allowed == 2 + 9


def test_a_long_pause_earns_no_more_than_the_burst():
    bucket = Bucket(TWO, 0)
    assert sum(bucket.take(3600 * SECOND) for _ in range(10)) == 2


def test_a_clock_that_steps_back_gives_nothing_away_and_takes_nothing():
    bucket = Bucket(TWO, 100 * SECOND)
    assert [bucket.take(100 * SECOND) for _ in range(3)] == [True, True, False]
    assert not bucket.take(50 * SECOND)
    assert bucket.take(51 * SECOND)


def test_it_says_how_long_to_wait_and_asking_costs_nothing():
    buckets = Buckets(TWO)
    assert buckets.wait_for("a", 0) == 0
    assert [buckets.take("a", 0) for _ in range(2)] == [True, True]
    assert buckets.wait_for("a", 0) == SECOND
    assert buckets.wait_for("a", SECOND - 1) == 1
    assert [buckets.wait_for("a", SECOND) for _ in range(2)] == [0, 0]
    assert buckets.take("a", SECOND)


def test_one_key_cannot_use_up_what_another_may():
    buckets = Buckets(TWO)
    assert [buckets.take("a", 0) for _ in range(3)] == [True, True, False]
    assert buckets.take("b", 0)


def test_what_was_not_used_is_given_back_and_never_more():
    buckets = Buckets(TWO)
    assert [buckets.take("a", 0) for _ in range(2)] == [True, True]
    buckets.give_back("a")
    buckets.give_back("nobody")
    assert [buckets.take("a", 0) for _ in range(2)] == [True, False]
    for _ in range(9):
        buckets.give_back("a")
    assert [buckets.take("a", 0) for _ in range(3)] == [True, True, False]


def test_who_proved_themselves_starts_afresh():
    buckets = Buckets(TWO)
    for _ in range(3):
        buckets.take("a", 0)
    buckets.forgive("a")
    buckets.forgive("never seen")
    assert buckets.take("a", 0)


def test_keys_are_forgotten_when_they_have_been_quiet():
    buckets = Buckets(TWO)
    for key in "abc":
        buckets.take(key, 0)
    buckets.take("d", SECOND)
    assert len(buckets) == 2  # two go for each that comes
    buckets.take("e", SECOND)
    assert len(buckets) == 2


def test_a_flood_of_keys_takes_bounded_memory_and_keeps_the_latest():
    buckets = Buckets(TWO, max_keys=10)
    for number in range(1_000):
        for _ in range(3):
            buckets.take(f"key{number}", 0)
        assert len(buckets) <= 10
    assert not buckets.take("key999", 0)


def test_who_goes_on_sending_is_not_forgotten_for_being_old():
    buckets = Buckets(TWO, max_keys=10)
    for number in range(1_000):
        buckets.take("flooder", 0)
        buckets.take(f"key{number}", 0)
    assert not buckets.take("flooder", 0)


def test_a_tally_keeps_no_zeros():
    tally = Tally()
    tally.add("a")
    tally.add("a")
    tally.remove("a")
    assert (tally.of("a"), tally.total) == (1, 1)
    tally.remove("a")
    assert (tally.of("a"), tally.total) == (0, 0)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_household_is_one_source(address, source):
    assert source_of(address) == source


def test_turns_come_at_the_rate_in_the_order_of_those_who_came():
    pace = Pace(TWO, 0)
    assert [pace.turn(0, within=SECOND) for _ in range(3)] == [0, 0, SECOND]


def test_who_would_wait_too_long_takes_no_turn():
    pace = Pace(TWO, 0)
    assert [pace.turn(0, within=SECOND) for _ in range(4)] == [0, 0, SECOND, None]
    assert pace.turn(SECOND, within=SECOND) == SECOND


def test_a_long_pause_saves_up_no_more_turns_than_the_burst():
    pace = Pace(TWO, 0)
    at = 3600 * SECOND
    assert [pace.turn(at, within=SECOND) for _ in range(3)] == [0, 0, SECOND]
