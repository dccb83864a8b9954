"""Exact results of queueing theory, to hold a simulation against and to size a centre with."""

from simulator.theory.bounded import BoundedQueue, bounded_queue
from simulator.theory.erlang import PatientQueue, erlang_b, erlang_c, patient_queue
from simulator.theory.impatient import ImpatientQueue, impatient_queue
from simulator.theory.priority import ageing_waits, strict_priority_waits
from simulator.theory.skills import AgentGroup, SkillWaits, skill_waits
from simulator.theory.staffing import (
    agents_for,
    halfin_whitt_p_wait,
    qed_p_wait,
    square_root_agents,
)

__all__ = [
    "AgentGroup",
    "BoundedQueue",
    "ImpatientQueue",
    "PatientQueue",
    "SkillWaits",
    "ageing_waits",
    "agents_for",
    "bounded_queue",
    "erlang_b",
    "erlang_c",
    "halfin_whitt_p_wait",
    "impatient_queue",
    "patient_queue",
    "qed_p_wait",
    "skill_waits",
    "square_root_agents",
    "strict_priority_waits",
]
