"""From a file to the settings of every hook and its problems: the one way in.

Nothing here raises for bad input but ``read_hooks``, which is for the start of the service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.catalog.reader import Reader
from config.problems import ProblemList
from config.settings_file import Given, Report, in_force, report_on_file, report_on_text
from config.yaml_nodes import Node
from cti_adapters.webhook.settings import HookSettings
from cti_adapters.webhook.settings_file.checks import check_against, check_hook
from cti_adapters.webhook.settings_file.compile import compile_hook
from cti_adapters.webhook.settings_file.document import HooksSource
from cti_adapters.webhook.settings_file.values import KINDS
from router.core.catalog import Catalog

EMPTY: Final = ("no hook is named", "write 'hooks: {sms: …}'")

HookReport = Report[tuple[HookSettings, ...]]


class HooksRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


def read_hooks(path: FilePath) -> tuple[HookSettings, ...]:
    """What is in ``path``. Raises ``HooksRefused``."""
    return in_force(check_file(path), HooksRefused, "The webhooks")


def check_file(
    path: FilePath,
    *,
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> HookReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    return report_on_file(_judge, path, EMPTY, catalog=catalog, environment=environment)


def check_text(
    source: str | bytes,
    *,
    file: str = "webhooks",
    folder: FilePath = FilePath(),
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> HookReport:
    """As ``check_file``. Names of files count from ``folder``."""
    return report_on_text(
        _judge, source, EMPTY, file=file, folder=folder, catalog=catalog, environment=environment
    )


def _judge(root: Node, problems: ProblemList, given: Given) -> tuple[HookSettings, ...] | None:
    names: dict[str, Collection[str]] = {}
    if given.catalog is not None:
        names = {"entry point": given.catalog.entry_points}
    reader = Reader(problems, KINDS, names, lambda kind: f"name the {kind} of the catalog")
    document = reader.read(HooksSource, root)
    if given.catalog is not None:
        reader.check_references()
    if document is None:
        return None
    checker = Checker(root, problems)
    for name, hook in document.hooks.items():
        check_hook(("hooks", name), hook, given.folder, given.environment, checker)
        if given.catalog is not None:
            check_against(("hooks", name), hook, given.catalog, checker)
    if problems.errors:
        return None
    return tuple(
        compile_hook(name, hook, given.folder, given.environment)
        for name, hook in document.hooks.items()
    )
