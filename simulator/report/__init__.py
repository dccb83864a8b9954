"""Findings as one HTML file that needs nothing else: no network, no script."""

from simulator.report.page import render
from simulator.report.replayed import render_replay

__all__ = ["render", "render_replay"]
