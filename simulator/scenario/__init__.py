"""Scenarios that people write in YAML: read, checked, compiled for the simulator."""

from simulator.scenario.load import (
    ScenarioProblems,
    ScenarioReport,
    check_file,
    check_text,
    load_scenario,
)
from simulator.scenario.load_check import Overload, overloads
from simulator.scenario.model import Figure, Plan, Scenario

__all__ = [
    "Figure",
    "Overload",
    "Plan",
    "Scenario",
    "ScenarioProblems",
    "ScenarioReport",
    "check_file",
    "check_text",
    "load_scenario",
    "overloads",
]
