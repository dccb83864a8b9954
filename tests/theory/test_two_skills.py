"""A little flexibility goes a long way: two skills an agent against all six."""

from __future__ import annotations

import pytest

from simulator.theory import bounded_queue
from tests.theory.pools import Pool, mean_wait, measured, share


def wallace_whitt(skills: int, contacts: int, seed: int) -> tuple[float, float]:
    """Share blocked and mean wait (minutes) of six kinds of calls, 90 agents with so many skills,
    120 lines, 84 erlangs; a free agent takes a call of their main skill first.
    """
    kinds = "abcdef"
    groups: dict[str, tuple[int, list[tuple[str, int]]]] = {}
    for n, kind in enumerate(kinds):
        others = [kinds[(n + k) % 6] for k in range(1, 6)]
        if skills == 2:
            for other in others:
                groups[f"{kind}{other}"] = (3, [(kind, 1), (other, 2)])
        else:
            served = [(kind, 1), *((other, 2) for other in others[: skills - 1])]
            groups[kind] = (15, served)
    pool = Pool({kind: {} for kind in kinds}, groups)
    run = measured(pool.run(dict.fromkeys(kinds, 14.0), contacts=contacts, seed=seed, lines=120))
    return share(run, "blocked"), mean_wait(run)


def test_two_skills_are_almost_as_good_as_all():
    """Wallace and Whitt, M&SOM 7:276 (2005): of the gap between one skill and all six, two skills
    recover at least 98 % of the blocking and 92 % of the wait.

    Blocking comes in bursts, so that a run of this length knows its share to about a point, and
    other seeds give 97 to 99 %. Over 300,000 calls (seeds 21 and 22) it is 98.9 % of the blocking
    and 94.8 % of the wait.
    """
    blocked, waits = {}, {}
    for skills in (1, 2, 6):
        blocked[skills], waits[skills] = wallace_whitt(skills, contacts=60_000, seed=5)
    exact = bounded_queue(84, 1, 90, 120)
    assert waits[6] == pytest.approx(exact.mean_wait, rel=0.35), "all six skills: one pool"
    assert (blocked[1] - blocked[2]) / (blocked[1] - blocked[6]) >= 0.98
    assert (waits[1] - waits[2]) / (waits[1] - waits[6]) >= 0.92
