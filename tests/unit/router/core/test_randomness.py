"""The core's own seeded lot."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from router.core.randomness import SplitMix64


def test_the_same_seed_draws_the_same_lots():
    one, other = SplitMix64(42), SplitMix64(42)
    assert [one.below(1_000) for _ in range(50)] == [other.below(1_000) for _ in range(50)]
    assert SplitMix64(1).below(1 << 60) != SplitMix64(2).below(1 << 60)


def test_the_published_sequence_is_drawn():
    """SplitMix64 of seed 1234567: the values its authors' reference code prints."""
    rng = SplitMix64(1234567)
    drawn = [rng.below(1 << 64) for _ in range(5)]
    assert drawn == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(seed=st.integers(), bound=st.integers(1, 1 << 64))
def test_a_lot_lies_below_its_bound(seed: int, bound: int):
    assert 0 <= SplitMix64(seed).below(bound) < bound


def test_lots_are_even():
    rng = SplitMix64(7)
    counts = Counter(rng.below(10) for _ in range(20_000))
    assert all(abs(counts[lot] - 2_000) < 5 * 2_000**0.5 for lot in range(10))
