"""From a file to the settings of the connectors and its problems: the one way in.

Nothing here raises for bad input but ``read_connectors``, which is for the start of the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.catalog.reader import Reader
from config.problems import ProblemList
from config.settings_file import Given, Report, in_force, report_on_file, report_on_text
from config.yaml_nodes import Node
from ivr.connectors.definitions import Connector
from ivr.connectors.settings_file.checks import check_connectors
from ivr.connectors.settings_file.compile import compile_connector
from ivr.connectors.settings_file.document import ConnectorsSource
from ivr.connectors.settings_file.values import KINDS

EMPTY: Final = ("no connector is named", "write 'hosts: […]' and 'connectors: {…}'")

ConnectorReport = Report[tuple[Connector, ...]]


class ConnectorsRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


def read_connectors(path: FilePath) -> tuple[Connector, ...]:
    """What is in ``path``. Raises ``ConnectorsRefused``."""
    return in_force(check_file(path), ConnectorsRefused, "The connectors")


def check_file(
    path: FilePath,
    *,
    environment: Mapping[str, str] | None = None,
) -> ConnectorReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    return report_on_file(_judge, path, EMPTY, environment=environment)


def check_text(
    source: str | bytes,
    *,
    file: str = "connectors",
    folder: FilePath = FilePath(),
    environment: Mapping[str, str] | None = None,
) -> ConnectorReport:
    """As ``check_file``. Names of files count from ``folder``."""
    return report_on_text(_judge, source, EMPTY, file=file, folder=folder, environment=environment)


def _judge(root: Node, problems: ProblemList, given: Given) -> tuple[Connector, ...] | None:
    document = Reader(problems, KINDS, {}).read(ConnectorsSource, root)
    if document is None:
        return None
    check_connectors(document, given.folder, given.environment, Checker(root, problems))
    if problems.errors:
        return None
    return tuple(
        compile_connector(name, source, given.folder, given.environment)
        for name, source in document.connectors.items()
    )
