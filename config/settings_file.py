"""What all files have in common that an operator writes about other systems: read in bounds, judged
to a report, and refused at the start of the service with every error and its line.

What such a file says, and what is wrong with it, is its own business (``Judge``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Generic, TypeVar

import msgspec

from config.files import read_file
from config.problems import Problem, ProblemList
from config.yaml_nodes import Node, Scalar, read_yaml
from router.core.catalog import Catalog

Found = TypeVar("Found")

log = logging.getLogger(__name__)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is judged by. Names of files count from ``folder``; with a ``catalog`` what is
    named must be in it; ``environment`` has the secrets.
    """

    folder: FilePath = FilePath()
    catalog: Catalog | None = None
    environment: Mapping[str, str] = {}


class Report(msgspec.Struct, Generic[Found], frozen=True, kw_only=True):
    """What there is in one file; ``found`` is what it says, None exactly when there are errors."""

    file: str
    found: Found | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return self.found is not None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "warning")


Judge = Callable[[Node, ProblemList, Given], Found | None]
"""From a file's tree to what it says; problems go to the list, and with an error the answer does
not matter."""


def report_on_file(
    judge: Judge[Found],
    path: FilePath,
    empty: tuple[str, str],
    *,
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> Report[Found]:
    """Every error of the file ``path``, or its warnings, in the file's order. ``empty``: what is
    wrong with a file that says nothing, and what to write. ``environment``: this process's own.
    """
    problems = ProblemList(str(path))
    source = read_file(path, problems)
    if source is None:
        return Report(file=str(path), found=None, problems=problems.sorted())
    folder = path.absolute().parent
    return report_on_text(
        judge,
        source,
        empty,
        file=str(path),
        folder=folder,
        catalog=catalog,
        environment=environment,
    )


def report_on_text(
    judge: Judge[Found],
    source: str | bytes,
    empty: tuple[str, str],
    *,
    file: str,
    folder: FilePath = FilePath(),
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> Report[Found]:
    """As ``report_on_file``. Names of files count from ``folder``."""
    own = os.environ if environment is None else environment
    given = Given(folder=folder, catalog=catalog, environment=own)
    problems = ProblemList(file)
    root = read_yaml(source, problems)
    found: Found | None = None
    if isinstance(root, Scalar) and root.is_null:
        problems.add(root, (), *empty)
    elif root is not None:
        found = judge(root, problems, given)
    told = problems.sorted()
    if problems.errors:  # warnings would be guesses about what was meant
        told = tuple(one for one in told if one.severity == "error")
        found = None
    return Report(file=file, found=found, problems=told)


def in_force(report: Report[Found], refused: type[Exception], what: str) -> Found:
    """What the file says; warnings go to the log. Raises ``refused`` with every error: ``what`` (as
    "The mailboxes") cannot be used.
    """
    if report.found is None:
        problems = "\n".join(str(problem) for problem in report.errors)
        raise refused(f"{what} cannot be used:\n{problems}")
    for problem in report.warnings:
        log.warning(str(problem))
    return report.found
