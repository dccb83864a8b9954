"""Leases even out one after the other, and nothing ever moves for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.cluster.balance import Balance, BalancePace, Standing, giver, healthy
from router.core.durations import MINUTE, SECOND

PACE = BalancePace()
SHARES = st.lists(st.integers(0, 6), min_size=1, max_size=5)
VERSION = "1.0 schema 1"


class Cluster:
    """Nodes that look at each other once a second, the last one's word a while behind."""

    def __init__(self, shares: list[int], behind: int = 0) -> None:
        self.shares = {f"node{n}": share for n, share in enumerate(shares)}
        self.tenants = sum(shares)
        self.at = 0
        self.moves: list[tuple[int, str]] = []
        self.takes = True  # whether what is given is taken by another
        self.serves = dict.fromkeys(self.shares, self.tenants)
        self.versions = dict.fromkeys(self.shares, VERSION)
        self._balances = {node: Balance(node, self.tenants) for node in self.shares}
        self._past: list[Mapping[str, Standing]] = []
        self._behind = behind

    def told(self) -> Mapping[str, Standing]:
        return {
            node: Standing(writes=share, serves=self.serves[node], version=self.versions[node])
            for node, share in self.shares.items()
        }

    def second(self) -> None:
        self.at += SECOND
        self._past.append(self.told())
        seen = self._past[max(0, len(self._past) - 1 - self._behind)]
        for node, balance in self._balances.items():
            own = {node: self.told()[node]}
            if balance.look({**seen, **own}, self.at):
                self._move(node)

    def _move(self, node: str) -> None:
        self.moves.append((self.at, node))
        if self.takes:
            least = min(self.shares, key=lambda one: (self.shares[one], one))
            self.shares[node] -= 1
            self.shares[least] += 1

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.second()

    @property
    def spread(self) -> int:
        return max(self.shares.values()) - min(self.shares.values())


def least_moves(shares: list[int]) -> int:
    """What must be moved at least until no two shares differ by two."""
    fair, more = divmod(sum(shares), len(shares))
    ordered = sorted(shares, reverse=True)
    return sum(max(0, share - fair - (place < more)) for place, share in enumerate(ordered))


@settings(max_examples=30)
@given(SHARES, st.integers(0, 3))
def test_it_becomes_even_by_as_few_moves_as_there_can_be_and_stays_so(shares, behind) -> None:
    cluster = Cluster(shares, behind)
    needed = least_moves(shares)
    cluster.run(61 + 11 * (needed + 1) + behind)
    assert cluster.spread < 2
    assert len(cluster.moves) == needed
    cluster.run(200)
    assert len(cluster.moves) == needed


@settings(max_examples=30)
@given(SHARES, st.integers(0, 3))
def test_moves_are_one_at_a_time_with_a_calm_between_them(shares, behind) -> None:
    cluster = Cluster(shares, behind)
    cluster.run(200)
    times = [at for at, _ in cluster.moves]
    assert all(later - one >= PACE.calm for one, later in pairwise(times))
    assert not times or times[0] >= PACE.settled


@settings(max_examples=20)
@given(st.integers(0, 9), st.lists(st.booleans(), min_size=1, max_size=5))
def test_nothing_moves_while_shares_differ_by_less_than_two(share, more) -> None:
    cluster = Cluster([share + one for one in more])
    cluster.run(300)
    assert cluster.moves == []


@given(SHARES, st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3)), max_size=60))
def test_only_one_of_all_nodes_ever_gives(shares, changes) -> None:
    """Whatever the shares do, at no moment do two nodes with the same view both give."""
    cluster = Cluster(shares)
    nodes = list(cluster.shares)
    for place, by in changes:
        node = nodes[place % len(nodes)]
        cluster.shares[node] = max(0, cluster.shares[node] + by)
        before = len(cluster.moves)
        cluster.second()
        assert len(cluster.moves) <= before + 1
    assert cluster.moves == [], "while shares change every second nothing is calm"


@settings(max_examples=10)
@given(st.integers(2, 6), st.integers(100, 2_000))
def test_what_nobody_takes_is_given_ever_more_rarely(share, seconds) -> None:
    cluster = Cluster([share, 0])
    cluster.takes = False
    cluster.run(seconds)
    times = [at for at, _ in cluster.moves]
    gaps = [later - one for one, later in pairwise(times)]
    assert all(gap >= min(20 * SECOND * 2**n, PACE.rarest) for n, gap in enumerate(gaps))


def with_less_served(cluster: Cluster) -> None:
    cluster.serves["node1"] -= 1


def with_another_version(cluster: Cluster) -> None:
    cluster.versions["node1"] = "1.1 schema 1"


def with_a_tenant_that_nobody_writes_for(cluster: Cluster) -> None:
    cluster.shares["node0"] -= 1


@pytest.mark.parametrize(
    "make", [with_less_served, with_another_version, with_a_tenant_that_nobody_writes_for]
)
def test_nothing_moves_while_anything_else_is_the_matter(make) -> None:
    cluster = Cluster([4, 0])
    make(cluster)
    cluster.run(120)
    assert cluster.moves == []


def test_nothing_moves_while_nodes_come_and_go() -> None:
    balance, shares = Balance("node0", 4), Cluster([4, 0]).told()
    for at in range(300):
        seen = shares if at % 40 else {**shares, "node2": shares["node1"]}
        assert not balance.look(seen, at * SECOND)


def test_who_cannot_see_the_others_gives_nothing() -> None:
    balance = Balance("a", 4)
    assert not any(balance.look({}, at * MINUTE) for at in range(9))
    alone = {"a": Standing(writes=4, serves=4, version=VERSION)}
    assert not any(balance.look(alone, at * MINUTE) for at in range(9, 20))


def test_of_two_with_most_the_first_by_name_gives() -> None:
    assert giver({"b": 3, "a": 3, "c": 1}) == "a"
    assert giver({"b": 3, "a": 2}) is None
    assert giver({}) is None


def test_a_node_of_before_they_told_all_of_it_is_not_known_to_serve() -> None:
    new = Standing(writes=2, serves=2, version=VERSION)
    old = Standing(writes=0, serves=0, version="")
    assert not healthy({"new": new, "old": old}, 2)
    assert healthy({"new": new}, 2)
