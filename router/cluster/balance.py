"""When a node that writes for more tenants than its share hands one over. Pure.

Leases spread when they are free, and stay where they are after that: nodes that were started anew,
one after the other, have few. Every node looks at what all tell, by the same rules, so that at most
one finds that it is to give, and none while anything else is the matter. Times are microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from router.core.durations import MINUTE, SECOND

UNEVEN: Final = 2  # leases more than another has: with one more, giving it would change nothing


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a node tells of itself: for how many tenants it writes, of how many it could take the
    lease or has it, and which version of Patchbay it is.
    """

    writes: int
    serves: int
    version: str


class BalancePace(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is given before the nodes have been the same for ``settled``, and their shares for
    ``calm``. When what was given came back, the next time is twice as far away, at most ``rarest``.
    """

    settled: int = MINUTE
    calm: int = 10 * SECOND
    rarest: int = 10 * MINUTE


class Balance:
    """Of the node called ``node`` in a cluster with so many ``tenants``."""

    def __init__(self, node: str, tenants: int, pace: BalancePace | None = None) -> None:
        self._node = node
        self._tenants = tenants
        self._pace = pace or BalancePace()
        self._members: Mapping[str, str] = {}
        self._members_since = 0
        self._shares: Mapping[str, int] = {}
        self._shares_since = 0
        self._given_at: Mapping[str, int] = {}  # shares with which one was given last
        self._calm = self._pace.calm

    def look(self, standings: Mapping[str, Standing], at: int) -> bool:
        """Whether this node is to hand over one tenant now. ``standings`` are all nodes', its own
        too; empty when nobody can say. Look about once a second.
        """
        self._note(standings, at)
        if not self._quiet(at) or not healthy(standings, self._tenants):
            return False
        if giver(self._shares) != self._node:
            return False
        came_back = self._shares == self._given_at
        if came_back and at - self._shares_since < (rarer := min(2 * self._calm, self._rarest)):
            return False
        self._calm = rarer if came_back else self._pace.calm
        self._given_at = self._shares
        self._shares_since = at
        return True

    @property
    def _rarest(self) -> int:
        return self._pace.rarest

    def _note(self, standings: Mapping[str, Standing], at: int) -> None:
        members = {node: one.version for node, one in standings.items()}
        if members != self._members:
            self._members, self._members_since = members, at
        shares = {node: one.writes for node, one in standings.items()}
        if shares != self._shares or not healthy(standings, self._tenants):
            self._shares, self._shares_since = shares, at

    def _quiet(self, at: int) -> bool:
        settled = at - self._members_since >= self._pace.settled
        return settled and at - self._shares_since >= self._pace.calm


def healthy(standings: Mapping[str, Standing], tenants: int) -> bool:
    """Every tenant has one writer, every node could be it, and all nodes are of one version: the
    entries of a newer one would end the others.
    """
    return (
        sum(one.writes for one in standings.values()) == tenants
        and all(one.serves == tenants for one in standings.values())
        and len({one.version for one in standings.values()}) == 1
    )


def giver(shares: Mapping[str, int]) -> str | None:
    """Who hands one over: of those who write for most the first by name; None when it is even."""
    if not shares:
        return None
    most, least = max(shares.values()), min(shares.values())
    if most - least < UNEVEN:
        return None
    return min(node for node, share in shares.items() if share == most)
