"""A small recorded day: two agents, sales and help, gold customers with a minute's head start."""

from __future__ import annotations

import numpy as np

from router.core.catalog import HOUR, SECOND
from simulator.call_log import CallLog
from tests.unit.simulator.staffing.recorded import abandoned, answered, log

DAY = 24 * HOUR
MONDAY = 1_772_438_400  # seconds: 2026-03-02 08:00 UTC


def recorded(days: int = 3, calls: int = 80, *, agents: bool = True) -> CallLog:
    """Calls every half minute; what comes first is served first by whoever is free first."""
    rng = np.random.default_rng(5)
    found = []
    for day in range(days):
        begins = MONDAY + day * DAY // SECOND
        free = {"Ann": begins, "Bob": begins}
        for number in range(calls):
            at = begins + number * 30
            kind = "help" if rng.random() < 0.3 else "sales"
            tier = "gold" if rng.random() < 0.3 else "plain"
            agent = min(free, key=lambda name: free[name])
            waited = max(free[agent] - at, 0)
            patience = int(rng.exponential(200))
            if patience < waited:
                found.append(abandoned(at, patience, kind=kind, tier=tier))
                continue
            talk = int(rng.exponential(55)) + 1
            free[agent] = at + waited + talk + 5
            name = agent if agents else ""
            found.append(answered(name, at + waited, talk, waited=waited, kind=kind, tier=tier))
    return log(*found, credit={"gold": 60 * SECOND})
