from router.core.durations import SECOND
from server.rate_limits import Rate, RateLimiter

RATE = Rate(burst=3, every=10 * SECOND)


def test_a_burst_passes_and_then_one_for_each_span():
    limiter = RateLimiter(RATE)
    assert [limiter.take("a", 0) for _ in range(4)] == [True, True, True, False]
    assert not limiter.take("a", 9 * SECOND)
    assert limiter.take("a", 10 * SECOND)
    assert not limiter.take("a", 10 * SECOND)


def test_keys_do_not_share_their_tokens():
    limiter = RateLimiter(RATE)
    assert all(limiter.take("a", 0) for _ in range(3))
    assert limiter.take("b", 0)


def test_waiting_longer_than_the_burst_needs_gives_no_more_than_the_burst():
    limiter = RateLimiter(RATE)
    assert [limiter.take("a", 1_000 * SECOND) for _ in range(4)].count(True) == 3


def test_it_says_how_long_to_wait_and_asking_costs_nothing():
    limiter = RateLimiter(RATE)
    for _ in range(3):
        limiter.take("a", 0)
    assert limiter.wait_for("a", 0) == 10 * SECOND
    assert limiter.wait_for("a", 4 * SECOND) == 6 * SECOND
    assert limiter.wait_for("a", 10 * SECOND) == 0
    assert limiter.wait_for("a", 10 * SECOND) == 0


def test_a_clock_that_jumps_back_neither_gives_nor_takes():
    limiter = RateLimiter(RATE)
    for _ in range(3):
        limiter.take("a", 100 * SECOND)
    assert not limiter.take("a", 0)
    assert limiter.take("a", 10 * SECOND)


def test_who_proved_themselves_starts_afresh():
    limiter = RateLimiter(RATE)
    for _ in range(3):
        limiter.take("a", 0)
    limiter.forgive("a")
    assert limiter.take("a", 0)


def test_a_flood_of_keys_takes_bounded_memory_and_keeps_the_latest():
    limiter = RateLimiter(RATE, max_keys=10)
    for number in range(1_000):
        for _ in range(3):
            limiter.take(f"key{number}", 0)
    assert len(limiter._buckets) == 10
    assert not limiter.take("key999", 0)
