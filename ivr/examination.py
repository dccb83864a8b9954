"""A flow's file, examined: read, judged against the names there are, and its own tests held."""

from __future__ import annotations

from pathlib import Path

import msgspec

from config.problems import Problem, ProblemList
from ivr.core.conversation import Coverage, coverage, run_all
from ivr.core.nodes import Flow
from ivr.core.problems import Problem as FlowProblem
from ivr.core.scope import Known
from ivr.core.validation import may_publish, validate
from ivr.flow_files import place, read_flow_file


class FlowReport(msgspec.Struct, frozen=True, kw_only=True):
    """``flow`` is None when the file cannot be read. ``tests`` is how many it has; those that fail
    are among the problems.
    """

    file: str
    problems: tuple[Problem, ...]
    flow: Flow | None = None
    tests: int = 0
    coverage: Coverage | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "warning")

    @property
    def ok(self) -> bool:
        return self.flow is not None and not self.errors


def examine(file: Path, known: Known | None = None) -> FlowReport:
    """``known``: what the flow may name; without it names are not looked up."""
    read = read_flow_file(file)
    if read.flow is None:
        return FlowReport(file=str(file), problems=read.problems)
    found = validate(read.flow, known)
    runs = run_all(read.flow) if may_publish(found) else ()
    failed = tuple(
        FlowProblem(
            severity="error",
            path=("tests", number),
            what=f"the test {ran.name!r} fails",
            fix=ran.differs.rstrip("."),
        )
        for number, ran in enumerate(runs)
        if not ran.passed
    )
    problems = ProblemList(str(file))
    place((*found, *failed), read.root, problems)
    return FlowReport(
        file=str(file),
        problems=(*read.problems, *problems.sorted()),
        flow=read.flow,
        tests=len(read.flow.tests),
        coverage=coverage(read.flow, runs) if runs else None,
    )
