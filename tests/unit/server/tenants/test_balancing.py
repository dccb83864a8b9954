"""Of the tenants that a process writes for the one with the fewest pages is handed over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from router.cluster.balance import BalancePace, Standing
from server.tenants.balancing import Balancing, quietest


class Tenant:
    def __init__(self, name: str, sockets: int = 0, *, writes: bool = True) -> None:
        self.id, self.writes, self.sound = name, writes, True
        self.limiter = SimpleNamespace(sockets=sockets)
        self.handed = 0

    def hand_over(self) -> None:
        self.handed += 1


def all_of(*tenants: Tenant) -> Any:
    return tenants


def test_the_one_with_the_fewest_pages_goes() -> None:
    few, same = Tenant("few", 1), Tenant("gew", 1)
    others = (Tenant("many", 9), Tenant("none", 0, writes=False))
    assert quietest(all_of(*others, same, few)) is few  # type: ignore[comparison-overlap]
    assert quietest(all_of(others[1])) is None


def test_a_process_tells_how_many_it_serves_and_gives_when_it_is_to() -> None:
    spreading: Any = SimpleNamespace(node="a", serves=0, standings={})
    tenants = all_of(Tenant("one", 1), Tenant("two"))
    at = [0]
    pace = BalancePace(settled=5, calm=5)
    balancing = Balancing(spreading, tenants, lambda: at[0], pace)
    balancing.look()
    assert spreading.serves == 2
    uneven = {name: Standing(writes=n, serves=2, version="") for name, n in (("a", 2), ("b", 0))}
    spreading.standings = uneven
    for now in range(1, 7):
        at[0] = now
        balancing.look()
    assert [one.handed for one in tenants] == [0, 1]
