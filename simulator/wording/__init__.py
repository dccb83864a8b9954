"""Figures, groups and events of a simulation in words, the same in a terminal and in a report."""

from simulator.wording.course import left_out, overload_sentences, runs_text
from simulator.wording.figures import (
    FIGURES,
    UNKNOWN,
    change_text,
    clock_text,
    figure_text,
    half_width_text,
    value_text,
)
from simulator.wording.groups import Section, sections

__all__ = [
    "FIGURES",
    "UNKNOWN",
    "Section",
    "change_text",
    "clock_text",
    "figure_text",
    "half_width_text",
    "left_out",
    "overload_sentences",
    "runs_text",
    "sections",
    "value_text",
]
