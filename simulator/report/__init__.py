"""The findings of a simulation as one HTML file that needs nothing else: no network, no script."""

from simulator.report.page import render

__all__ = ["render"]
