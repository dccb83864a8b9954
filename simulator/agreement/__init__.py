"""Simulated queues held against the formulas of queueing theory."""

from simulator.agreement.agree import Agreement, Compared, agreements, sentence

__all__ = ["Agreement", "Compared", "agreements", "sentence"]
