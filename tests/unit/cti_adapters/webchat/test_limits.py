"""``webchat.limits``: what one may send never depends on what another sends."""

import pytest

from cti_adapters.webchat.limits import MAX_SOURCES, Bucket, Buckets, Tally, source_of
from cti_adapters.webchat.settings import Allowance
from router.core.durations import SECOND

TWO = Allowance(burst=2, per_second=1)


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


def test_a_clock_that_steps_back_gives_nothing_away():
    bucket = Bucket(TWO, 100 * SECOND)
    assert [bucket.take(100 * SECOND) for _ in range(3)] == [True, True, False]
    assert not bucket.take(50 * SECOND)
    assert bucket.take(51 * SECOND)


def test_one_source_cannot_use_up_the_allowance_of_another():
    buckets = Buckets(TWO)
    assert [buckets.take("a", 0) for _ in range(3)] == [True, True, False]
    assert buckets.take("b", 0)


def test_sources_are_forgotten_when_they_have_been_quiet():
    buckets = Buckets(TWO)
    buckets.take("a", 0)
    buckets.take("b", 60 * SECOND)
    buckets.sweep(60 * SECOND)
    assert len(buckets) == 1


def test_the_number_of_sources_is_bounded():
    buckets = Buckets(TWO)
    for number in range(MAX_SOURCES + 10):
        buckets.take(str(number), 0)
    assert len(buckets) == MAX_SOURCES


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
