"""From a file or text to a catalog and its problems: the one way in.

Nothing here raises for bad input: whatever the bytes, the answer is a report.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path as FilePath
from typing import Final

import msgspec

from config.catalog.checks import Checker
from config.catalog.compile import compile_catalog
from config.catalog.document import CatalogSource
from config.catalog.kinds import KINDS
from config.catalog.reader import Reader
from config.catalog.service_checks import check_service
from config.files import read_file
from config.problems import Problem, ProblemList
from config.yaml_nodes import Mapping, Node, Scalar, read_yaml
from router.core.catalog import Catalog
from router.core.strategies import STRATEGIES

CHANNELS: Final = ("voice", "chat", "email", "fax", "voicemail", "webhook")


class CatalogProblems(msgspec.Struct, frozen=True, kw_only=True):
    """The catalog was refused; at least one of ``problems`` is an error."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found in one file; ``catalog`` is None exactly when there are errors."""

    file: str
    catalog: Catalog | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return self.catalog is not None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "warning")


def load_catalog(
    source: FilePath | str | bytes, *, at: int | None = None, channels: Collection[str] = CHANNELS
) -> Catalog | CatalogProblems:
    """The catalog in a file (a ``Path``) or a text. ``at``: see ``check_text``."""
    if isinstance(source, FilePath):
        report = check_file(source, at=at, channels=channels)
    else:
        report = check_text(source, at=at, channels=channels)
    return report.catalog or CatalogProblems(problems=report.problems)


def check_file(
    path: FilePath, *, at: int | None = None, channels: Collection[str] = CHANNELS
) -> CheckReport:
    """Every error of the catalog in ``path``, or its warnings, in the file's order."""
    problems = ProblemList(str(path))
    source = read_file(path, problems)
    if source is None:
        return CheckReport(file=str(path), catalog=None, problems=problems.sorted())
    return check_text(source, file=str(path), at=at, channels=channels)


def check_text(
    source: str | bytes,
    *,
    file: str = "catalog",
    at: int | None = None,
    channels: Collection[str] = CHANNELS,
) -> CheckReport:
    """Like ``check_file``. ``at`` (microseconds UTC, now when left out) anchors opening hours."""
    problems = ProblemList(file)
    moment = time.time_ns() // 1_000 if at is None else at
    catalog = _check(source, problems, moment, channels)
    found = problems.sorted()
    if problems.errors:  # warnings would be guesses about what was meant
        found = tuple(one for one in found if one.severity == "error")
    return CheckReport(file=file, catalog=None if problems.errors else catalog, problems=found)


def _check(
    source: str | bytes, problems: ProblemList, at: int, channels: Collection[str]
) -> Catalog | None:
    root = read_yaml(source, problems)
    if root is None:
        return None
    if isinstance(root, Scalar) and root.is_null:
        problems.add(root, (), "the catalog is empty", "define queues, profiles and agents")
        return None
    reader = Reader(problems, KINDS, {"channel": channels, "strategy": STRATEGIES})
    document = reader.read(CatalogSource, _with_queue_defaults(root))
    if document is None:
        return None
    reader.check_references()
    checker = Checker(_with_queue_defaults(root), problems)
    checker.check(document)
    if problems.errors:
        return None
    text = source if isinstance(source, str) else source.decode("utf-8-sig")
    catalog = compile_catalog(document, text, at)
    check_service(catalog, checker)
    return catalog


def _with_queue_defaults(root: Node) -> Node:
    """Every queue gets the lines of ``queue_defaults`` it does not have itself.

    Done on the tree, so that a problem in a default is reported where it is written.
    """
    if not isinstance(root, Mapping):
        return root
    _, defaults = root.entries.get("queue_defaults", (None, None))
    key, queues = root.entries.get("queues", (None, None))
    if key is None or not isinstance(defaults, Mapping) or not isinstance(queues, Mapping):
        return root
    merged = Mapping(queues.line, queues.column)
    for name, (place, queue) in queues.entries.items():
        if isinstance(queue, Scalar) and queue.is_null:
            queue = Mapping(queue.line, queue.column)  # noqa: PLW2901
        if isinstance(queue, Mapping):
            lines = {**defaults.entries, **queue.entries}
            queue = Mapping(queue.line, queue.column, lines)  # noqa: PLW2901
        merged.entries[name] = (place, queue)
    entries = {**root.entries, "queues": (key, merged)}
    return Mapping(root.line, root.column, entries)
