"""From a file to a scenario and its problems: the one way in.

Nothing here raises for bad input: whatever the bytes, the answer is a report. The catalog is read
from the file that the scenario names, and its problems are told with its own name and lines.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path as FilePath
from typing import Final

import msgspec

from config.catalog import CheckReport
from config.catalog import check_file as check_catalog_file
from config.catalog.checks import Checker
from config.catalog.load import CHANNELS
from config.catalog.reader import Reader
from config.files import read_file
from config.problems import Problem, ProblemList, excerpt
from config.yaml_nodes import Mapping, Node, Scalar, locate, read_yaml
from simulator.scenario.checks import check_document
from simulator.scenario.clock import moment
from simulator.scenario.compile import compile_scenario
from simulator.scenario.document import HeadSource, ScenarioSource
from simulator.scenario.kinds import KINDS
from simulator.scenario.model import Scenario
from simulator.scenario.service_checks import check_service

_SOME_DAY: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - when the file's own could not be read
_HEAD: Final[tuple[str, ...]] = ("catalog", "starts", "time_zone")


class ScenarioProblems(msgspec.Struct, frozen=True, kw_only=True):
    """The scenario was refused; at least one of ``problems`` is an error."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ScenarioReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found in a scenario and its catalog; ``scenario`` is None exactly when there are
    errors.
    """

    file: str
    scenario: Scenario | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return self.scenario is not None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "warning")


def load_scenario(path: FilePath) -> Scenario | ScenarioProblems:
    """The scenario in the file ``path``."""
    report = check_file(path)
    return report.scenario or ScenarioProblems(problems=report.problems)


def check_file(path: FilePath) -> ScenarioReport:
    """Every error of the scenario in ``path`` and of its catalog, or their warnings."""
    problems = ProblemList(str(path))
    source = read_file(path, problems)
    if source is None:
        return ScenarioReport(file=str(path), scenario=None, problems=problems.sorted())
    return check_text(source, file=str(path), folder=path.parent)


def check_text(
    source: str | bytes, *, file: str = "scenario", folder: FilePath = FilePath()
) -> ScenarioReport:
    """Like ``check_file``; the catalog's name counts from ``folder``."""
    problems = ProblemList(file)
    root = read_yaml(source, problems)
    catalog = _read_catalog(root, folder, problems)
    scenario = _check(root, catalog, problems, FilePath(file).stem)
    found = problems.sorted() + (catalog.problems if catalog is not None else ())
    if any(one.severity == "error" for one in found):  # warnings would be guesses
        found = tuple(one for one in found if one.severity == "error")
        scenario = None
    return ScenarioReport(file=file, scenario=scenario, problems=found)


def _read_catalog(root: Node | None, folder: FilePath, problems: ProblemList) -> CheckReport | None:
    """What the scenario's first lines name, read as it holds when the scenario starts."""
    if not isinstance(root, Mapping):
        return None
    lines = {key: root.entries[key] for key in _HEAD if key in root.entries}
    silent = ProblemList("")  # they are read again with the rest
    head = Reader(silent, KINDS, {}).read(HeadSource, Mapping(root.line, root.column, lines))
    if head is None or head.catalog is None:
        return None
    starts = moment(head.starts or _SOME_DAY, head.time_zone or "UTC")
    report = check_catalog_file(folder / head.catalog, at=starts)
    if report.errors:
        problems.add(
            locate(root, ("catalog",)),
            ("catalog",),
            f"the catalog '{excerpt(head.catalog)}' cannot be used",
            f"see its own problems: {report.errors[0].what}",
        )
    return report


def _check(
    root: Node | None, catalog: CheckReport | None, problems: ProblemList, name: str
) -> Scenario | None:
    if root is None:
        return None
    if isinstance(root, Scalar) and root.is_null:
        fix = "name a catalog, when it starts and lasts, arrivals and staff"
        problems.add(root, (), "the scenario is empty", fix)
        return None
    known = catalog.catalog if catalog is not None else None
    names: dict[str, Collection[str]] = {"channel": CHANNELS}
    if known is not None:
        names |= {"queue": known.queues, "agent": known.agents, "skill": known.skills}
    reader = Reader(problems, KINDS, names, _how_to_define)
    document = reader.read(ScenarioSource, root)
    if known is not None:
        reader.check_references()
    if document is None:
        return None
    checker = Checker(root, problems)
    check_document(document, known, checker)
    if problems.errors or known is None:
        return None
    scenario = compile_scenario(document, known, name)
    check_service(scenario, document, checker)
    return scenario


def _how_to_define(kind: str) -> str:
    if kind == "channel":
        return "use a channel named in the documentation"
    return f"use {'an' if kind == 'agent' else 'a'} {kind} of the catalog"
