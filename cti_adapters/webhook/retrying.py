"""How long to wait before a message is sent again. Pure; durations are microseconds."""

from __future__ import annotations

import random
from typing import Final

from router.core.durations import MINUTE, SECOND

FIRST: Final = 2 * SECOND  # doubled each time …
LONGEST: Final = 10 * MINUTE  # … up to this


def wait_before(attempt: int, chance: random.Random) -> int:
    """After ``attempt`` (1 and up) in vain. A random one between half and whole, so that all that
    failed together do not come back together.
    """
    whole = min(FIRST * 2 ** min(attempt - 1, 20), LONGEST)
    return chance.randint(whole // 2, whole)
