"""What is over and old goes, a little at a time; what is to stay for ever stays."""

import pytest

from router.clock import ManualClock
from router.core.durations import DAY, SECOND
from server.retention import AT_ONCE, MARGIN, Retention

NOW = 1_700_000_000 * SECOND


class Old:
    """Something of which so many are left."""

    def __init__(self, left):
        self.left = left
        self.asked = []

    async def prune(self, before, most):
        self.asked.append((before, most))
        gone = min(most, self.left)
        self.left -= gone
        return gone == most

    async def forget(self, before, in_use):
        self.asked.append((before, in_use))
        gone, self.left = self.left, 0
        return gone


async def in_use(names):
    return names


class Pauses:
    def __init__(self):
        self.count = 0

    async def __call__(self, seconds):
        self.count += 1


@pytest.fixture
def parts():
    return Old(3 * AT_ONCE + 1), Old(AT_ONCE - 1), Old(2 * AT_ONCE)


async def look(parts, **days):
    pauses = Pauses()
    await Retention(*parts, ManualClock(NOW), in_use=in_use, pause=pauses, **days).look()
    return pauses.count


async def test_everything_old_goes_in_batches_with_pauses(parts):
    mails, hooks, files = parts
    pauses = await look(parts, days=10, hook_days=3)
    assert (mails.left, hooks.left, files.left) == (0, 0, 0)
    assert mails.asked == 4 * [(NOW - 10 * DAY, AT_ONCE)]
    assert hooks.asked == [(NOW - 3 * DAY, AT_ONCE)]
    assert files.asked == [(NOW - 10 * DAY - MARGIN, in_use)]
    assert pauses == 3


async def test_zero_days_are_for_ever(parts):
    mails, hooks, files = parts
    assert await look(parts, days=0, hook_days=0) == 0
    assert mails.asked == hooks.asked == files.asked == []
