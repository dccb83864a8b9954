"""How long customers wait, as the share of them who wait longer than so and so long."""

from __future__ import annotations

import msgspec
import numpy as np

from simulator.figures import WAIT_EDGES
from simulator.replications import Experiment
from simulator.scenario.model import Scenario
from simulator.summary import EVERYBODY
from simulator.wording import sections


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """``longer``: the share of its contacts who wait longer than each of ``WAIT_EDGES``."""

    name: str
    longer: tuple[float, ...]


def tails_by_tier(scenario: Scenario, experiment: Experiment) -> list[Tail]:
    """Of all contacts together when there is one tier; without those nobody of whom waited to an
    end.
    """
    tiers = [one for one in sections(scenario, experiment.figures) if one.kind == "tier"]
    rows = tiers[0].rows if tiers else (("all contacts", EVERYBODY),)
    found = [(name, _longer(experiment, group)) for name, group in rows]
    return [Tail(name=name, longer=longer) for name, longer in found if longer]


def _longer(experiment: Experiment, group: str) -> tuple[float, ...]:
    counts = np.zeros(len(WAIT_EDGES) + 1)
    for run in experiment.runs:
        waits = run.groups[group].waits if group in run.groups else ()
        if waits:
            counts += waits
    if not counts.sum():
        return ()
    return tuple((1 - np.cumsum(counts)[:-1] / counts.sum()).clip(0, 1).tolist())
