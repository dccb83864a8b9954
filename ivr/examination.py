"""A flow's file, examined: read, judged against the names there are, and its own tests held."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from config.problems import Problem, ProblemList
from ivr.core.conversation import Coverage, coverage, run_all
from ivr.core.library import Library
from ivr.core.nodes import Flow, SubFlow
from ivr.core.problems import Problem as FlowProblem
from ivr.core.scope import Known
from ivr.core.validation import may_publish, validate
from ivr.flow_files import place, read_flow_file

MOST_BESIDE: Final = 1_000  # files in a flow's folder


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
    """``known``: what the flow may name; without it names are not looked up. The flows that it
    calls are looked for beside it; where one is not there, its tests cannot be held.
    """
    read = read_flow_file(file)
    if read.flow is None:
        return FlowReport(file=str(file), problems=read.problems)
    beside = _Beside(file, read.flow)
    library = None if beside.missing else beside
    found = (*validate(read.flow, known, library), *_not_held(read.flow, beside.missing))
    held = may_publish(found) and not beside.missing
    runs = run_all(read.flow, library) if held else ()
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


class _Beside(Library):
    """The flows in the folder of one, each in the one version there is; only those are read that it
    calls, and that they call.
    """

    def __init__(self, file: Path, flow: Flow) -> None:
        self._flows = {flow.id: flow}
        self._files = {one.stem: one for one in sorted(file.parent.glob("*.yaml"))[:MOST_BESIDE]}
        self.missing: list[str] = []  # names
        waiting = list(_called_by(flow))
        while waiting:
            name = waiting.pop()
            if name in self._flows or name in self.missing:
                continue
            found = self._read(name)
            if found is None:
                self.missing.append(name)
            else:
                self._flows[name] = found
                waiting += _called_by(found)

    def _read(self, name: str) -> Flow | None:
        file = self._files.get(name)
        flow = read_flow_file(file).flow if file is not None else None
        return flow if flow is not None and flow.id == name else None

    def flow(self, flow: str, version: int) -> Flow | None:  # noqa: ARG002 - there is one
        return self._flows.get(flow)

    def version(self, flow: str, alias: str) -> int | None:  # noqa: ARG002
        return 1 if flow in self._flows else None


def _called_by(flow: Flow) -> tuple[str, ...]:
    calls = (node.flow for node in flow.nodes.values() if isinstance(node, SubFlow))
    return tuple(dict.fromkeys(calls))


def _not_held(flow: Flow, missing: list[str]) -> tuple[FlowProblem, ...]:
    if not missing or not flow.tests:
        return ()
    names = ", ".join(f"{one}.yaml" for one in missing[:5])
    return (
        FlowProblem(
            severity="warning",
            path=("tests",),
            what=f"its tests were not held: it calls flows that are not beside it ({names})",
            fix="put the files of the flows that it calls into the same folder",
        ),
    )
