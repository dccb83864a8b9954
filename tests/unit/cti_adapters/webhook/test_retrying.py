"""``webhook.retrying``: ever longer, never too long, and not all at once."""

import random

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.webhook.retrying import FIRST, LONGEST, wait_before


@given(st.integers(1, 10_000), st.integers())
def test_a_wait_is_between_half_and_whole_of_what_has_doubled(attempt, seed):
    wait = wait_before(attempt, random.Random(seed))
    whole = min(FIRST * 2 ** min(attempt - 1, 20), LONGEST)
    assert whole // 2 <= wait <= whole
