"""What those who wait are told of place and wait: it never grows while nothing got worse.

Estimates wobble with every contact that ends; a customer who watches "2 to 4 minutes" become
"3 to 6" without a reason stops believing either. The range grows only with a reason: somebody
went ahead, fewer agents serve the queue, or the time it promised has passed.
"""

from __future__ import annotations

import msgspec

from router.core.durations import SECOND
from router.core.estimates import Estimate
from router.core.model import AgentState
from router.core.state import State

_GRAINS = ((120 * SECOND, 10 * SECOND), (600 * SECOND, 30 * SECOND), (1 << 62, 60 * SECOND))


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What is told. Waits are microseconds from now; ``staffed`` agents were there to serve."""

    position: int
    low: int | None
    high: int | None
    staffed: int
    until: int = 0  # when the promise of ``high`` runs out; 0: nothing was promised


def next_quote(last: Quote | None, estimate: Estimate, staffed: int, at: int) -> Quote:
    """The quote to tell at ``at`` given the one told before."""
    low, high = _rounded_down(estimate.low), _rounded_up(estimate.high)
    if last is not None and not _got_worse(last, estimate, staffed, at):
        low, high = _smaller(low, last.low), _smaller(high, last.high)
    until = 0 if high is None else at + high
    if last is not None and last.until and last.high == high:
        until = last.until
    return Quote(
        position=estimate.position,
        low=None if low is None or high is None else min(low, high),
        high=high,
        staffed=staffed,
        until=until,
    )


def serving(state: State, queue: str) -> int:
    """How many agents at work have ``queue`` in their profile."""
    profiles = {
        profile.id
        for profile in state.catalog.profiles.values()
        if any(served.queue == queue for served in profile.queues)
    }
    return sum(
        agent.state is AgentState.READY and agent.definition.profile in profiles
        for agent in state.agents.values()
    )


def _got_worse(last: Quote, estimate: Estimate, staffed: int, at: int) -> bool:
    overdue = last.until != 0 and at > last.until
    return estimate.position > last.position or staffed < last.staffed or overdue


def _smaller(new: int | None, shown: int | None) -> int | None:
    if new is None or shown is None:
        return shown if new is None else new
    return min(new, shown)


def _grain(wait: int) -> int:
    return next(grain for limit, grain in _GRAINS if wait <= limit)


def _rounded_down(wait: int | None) -> int | None:
    return None if wait is None else max(wait, 0) // _grain(wait) * _grain(wait)


def _rounded_up(wait: int | None) -> int | None:
    return None if wait is None else -(-max(wait, 0) // _grain(wait)) * _grain(wait)
