"""All that a simulation found out, for people and for programs."""

from __future__ import annotations

import msgspec

from simulator.agreement import Agreement
from simulator.comparison import Change, Changes, compare, occupancy_change
from simulator.replications import Experiment
from simulator.scenario.model import Plan, Scenario


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """Another scenario with the same luck, and what it changes: it minus the first one."""

    experiment: Experiment
    changes: Changes
    occupancy: Change


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """``theory`` and ``alternative`` are None where nobody asked for them."""

    scenario: Scenario
    experiment: Experiment
    theory: tuple[Agreement, ...] | None = None
    alternative: Alternative | None = None

    def plain(self) -> dict[str, object]:
        """For programs: without the catalog. Times are microseconds UTC."""
        return {
            "scenario": self.scenario.name,
            "begins": self.scenario.begins,
            "ends": self.scenario.ends,
            "warm_up": self.scenario.warm_up,
            "time_zone": self.scenario.zone,
            "experiment": self.experiment,
            "theory": self.theory,
            "alternative": self.alternative,
        }


def as_often_as(scenario: Scenario, experiment: Experiment) -> Scenario:
    """The scenario with the very seeds of ``experiment``, so that the runs are pairs."""
    count = len(experiment.runs)
    plan = Plan(
        seed=experiment.plan.seed,
        at_least=count,
        at_most=count,
        confidence=experiment.plan.confidence,
    )
    return msgspec.structs.replace(scenario, plan=plan)


def alternative(before: Experiment, after: Experiment) -> Alternative:
    """What ``after`` changes. ValueError when the runs are not the same in number."""
    confidence = before.plan.confidence
    return Alternative(
        experiment=after,
        changes=compare(before.runs, after.runs, confidence),
        occupancy=occupancy_change(before.runs, after.runs, confidence),
    )
