"""From a file to the settings of every telephone system and its problems: the one way in.

Nothing here raises for bad input but ``read_pbxs``, which is for the start of the service.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping
from pathlib import Path as FilePath

import msgspec

from config.catalog.checks import Checker
from config.catalog.reader import Reader
from config.files import read_file
from config.problems import Path, Problem, ProblemList
from config.yaml_nodes import Scalar, read_yaml
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.settings_file.checks import (
    check_against,
    check_pbx,
    check_twins,
)
from cti_adapters.asterisk.settings_file.compile import compile_pbx
from cti_adapters.asterisk.settings_file.document import PbxsSource
from cti_adapters.asterisk.settings_file.secrets import find_secret
from cti_adapters.asterisk.settings_file.values import KINDS
from router.core.catalog import Catalog

log = logging.getLogger(__name__)


class PbxsRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


class PbxReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found in one file; ``pbxs`` is None exactly when there are errors."""

    file: str
    pbxs: tuple[PbxSettings, ...] | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return self.pbxs is not None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity == "warning")


def read_pbxs(path: FilePath, *, catalog: Catalog | None = None) -> tuple[PbxSettings, ...]:
    """The telephone systems in ``path``, which go with ``catalog`` if there is one; warnings go to
    the log. Raises ``PbxsRefused``.
    """
    report = check_file(path, catalog=catalog)
    if report.pbxs is None:
        problems = "\n".join(str(problem) for problem in report.errors)
        raise PbxsRefused(f"The telephone systems cannot be used:\n{problems}")
    for problem in report.warnings:
        log.warning(str(problem))
    return report.pbxs


def check_file(
    path: FilePath,
    *,
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> PbxReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    problems = ProblemList(str(path))
    source = read_file(path, problems)
    if source is None:
        return PbxReport(file=str(path), pbxs=None, problems=problems.sorted())
    folder = path.absolute().parent
    return check_text(
        source, file=str(path), folder=folder, catalog=catalog, environment=environment
    )


def check_text(
    source: str | bytes,
    *,
    file: str = "asterisk",
    folder: FilePath = FilePath(),
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> PbxReport:
    """Like ``check_file``. Names of files count from ``folder``; with a ``catalog`` the entry
    points, agents and queues that are named must be in it; ``environment``: this process's own.
    """
    problems = ProblemList(file)
    given = os.environ if environment is None else environment
    pbxs = _check(source, problems, folder, catalog, given)
    found = problems.sorted()
    if problems.errors:  # warnings would be guesses about what was meant
        found = tuple(one for one in found if one.severity == "error")
        pbxs = None
    return PbxReport(file=file, pbxs=pbxs, problems=found)


def _check(
    source: str | bytes,
    problems: ProblemList,
    folder: FilePath,
    catalog: Catalog | None,
    environment: Mapping[str, str],
) -> tuple[PbxSettings, ...] | None:
    root = read_yaml(source, problems)
    if root is None:
        return None
    if isinstance(root, Scalar) and root.is_null:
        problems.add(root, (), "no telephone system is named", "write 'pbxs: {main: …}'")
        return None
    names: dict[str, Collection[str]] = {}
    if catalog is not None:
        names = {"entry point": catalog.entry_points, "agent": catalog.agents}
    reader = Reader(problems, KINDS, names, lambda kind: f"name an {kind} of the catalog")
    document = reader.read(PbxsSource, root)
    if catalog is not None:
        reader.check_references()
    if document is None:
        return None
    checker = Checker(root, problems)
    secrets = _check_all(document, folder, catalog, environment, checker)
    if not problems.errors:  # a port that could not be read is not the usual one
        check_twins(document, checker)
    if problems.errors:
        return None
    return tuple(
        compile_pbx(name, source, folder, secrets[name]) for name, source in document.pbxs.items()
    )


def _check_all(
    document: PbxsSource,
    folder: FilePath,
    catalog: Catalog | None,
    environment: Mapping[str, str],
    checker: Checker,
) -> dict[str, str]:
    """The secret of each system."""
    secrets: dict[str, str] = {}
    for name, source in document.pbxs.items():
        path: Path = ("pbxs", name)
        secrets[name] = find_secret(path, source, folder, environment, checker)
        check_pbx(path, source, folder, checker)
        if catalog is not None:
            check_against(path, source, catalog, checker)
    return secrets
