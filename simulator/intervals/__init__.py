"""Confidence intervals over replications: how far a simulated figure can be trusted."""

from simulator.intervals.interval import (
    Interval,
    Part,
    mean_interval,
    paired_interval,
    paired_ratio_interval,
    ratio_interval,
)
from simulator.intervals.student import student_quantile

__all__ = [
    "Interval",
    "Part",
    "mean_interval",
    "paired_interval",
    "paired_ratio_interval",
    "ratio_interval",
    "student_quantile",
]
