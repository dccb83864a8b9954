"""From a file to the settings of every telephone system and its problems: the one way in.

Nothing here raises for bad input but ``read_pbxs``, which is for the start of the service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.catalog.reader import Reader
from config.problems import Path, ProblemList
from config.settings_file import Given, Report, in_force, report_on_file, report_on_text
from config.yaml_nodes import Node
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

EMPTY: Final = ("no telephone system is named", "write 'pbxs: {main: …}'")

PbxReport = Report[tuple[PbxSettings, ...]]


class PbxsRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


def read_pbxs(path: FilePath, *, catalog: Catalog | None = None) -> tuple[PbxSettings, ...]:
    """What is in ``path``, which goes with ``catalog`` if given. Raises ``PbxsRefused``.

    The secret of a system at a branch is empty where its variable or file is not there.
    """
    return in_force(check_file(path, catalog=catalog), PbxsRefused, "The telephone systems")


def check_file(
    path: FilePath,
    *,
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> PbxReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    return report_on_file(_judge, path, EMPTY, catalog=catalog, environment=environment)


def check_text(
    source: str | bytes,
    *,
    file: str = "asterisk",
    folder: FilePath = FilePath(),
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> PbxReport:
    """As ``check_file``. Names of files count from ``folder``."""
    return report_on_text(
        _judge, source, EMPTY, file=file, folder=folder, catalog=catalog, environment=environment
    )


def _judge(root: Node, problems: ProblemList, given: Given) -> tuple[PbxSettings, ...] | None:
    names: dict[str, Collection[str]] = {}
    if given.catalog is not None:
        names = {"entry point": given.catalog.entry_points, "agent": given.catalog.agents}
    reader = Reader(problems, KINDS, names, lambda kind: f"name an {kind} of the catalog")
    document = reader.read(PbxsSource, root)
    if given.catalog is not None:
        reader.check_references()
    if document is None:
        return None
    checker = Checker(root, problems)
    secrets = _check_all(document, given.folder, given.catalog, given.environment, checker)
    if not problems.errors:  # a port that could not be read is not the usual one
        check_twins(document, checker)
    if problems.errors:
        return None
    return tuple(
        compile_pbx(name, source, given.folder, secrets[name])
        for name, source in document.pbxs.items()
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
