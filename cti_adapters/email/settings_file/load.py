"""From a file to the settings of every mailbox and its problems: the one way in.

Nothing here raises for bad input but ``read_mailboxes``, which is for the start of the service.
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
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.settings_file.checks import (
    check_against,
    check_mailbox,
    check_twins,
)
from cti_adapters.email.settings_file.compile import Accounts, compile_mailbox
from cti_adapters.email.settings_file.document import MailboxesSource
from cti_adapters.email.settings_file.secrets import Secrets
from cti_adapters.email.settings_file.values import KINDS
from router.core.catalog import Catalog

EMPTY: Final = ("no mailbox is named", "write 'mailboxes: {support: …}'")

MailboxReport = Report[tuple[MailboxSettings, ...]]


class MailboxesRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


def read_mailboxes(
    path: FilePath, *, catalog: Catalog | None = None
) -> tuple[MailboxSettings, ...]:
    """What is in ``path``, which goes with ``catalog`` if given. Raises ``MailboxesRefused``."""
    return in_force(check_file(path, catalog=catalog), MailboxesRefused, "The mailboxes")


def check_file(
    path: FilePath,
    *,
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> MailboxReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    return report_on_file(_judge, path, EMPTY, catalog=catalog, environment=environment)


def check_text(
    source: str | bytes,
    *,
    file: str = "mailboxes",
    folder: FilePath = FilePath(),
    catalog: Catalog | None = None,
    environment: Mapping[str, str] | None = None,
) -> MailboxReport:
    """As ``check_file``. Names of files count from ``folder``."""
    return report_on_text(
        _judge, source, EMPTY, file=file, folder=folder, catalog=catalog, environment=environment
    )


def _judge(root: Node, problems: ProblemList, given: Given) -> tuple[MailboxSettings, ...] | None:
    names: dict[str, Collection[str]] = {}
    if given.catalog is not None:
        names = {"entry point": given.catalog.entry_points, "queue": given.catalog.queues}
    reader = Reader(problems, KINDS, names, lambda kind: f"name the {kind} of the catalog")
    document = reader.read(MailboxesSource, root)
    if given.catalog is not None:
        reader.check_references()
    if document is None:
        return None
    checker = Checker(root, problems)
    accounts = _check_all(document, given.folder, given.catalog, given.environment, checker)
    if not problems.errors:  # a port that could not be read is not the usual one
        check_twins(document, checker)
    if problems.errors:
        return None
    return tuple(
        compile_mailbox(name, source, given.folder, accounts[name])
        for name, source in document.mailboxes.items()
    )


def _check_all(
    document: MailboxesSource,
    folder: FilePath,
    catalog: Catalog | None,
    environment: Mapping[str, str],
    checker: Checker,
) -> dict[str, Accounts]:
    """Who signs in for each mailbox."""
    secrets = Secrets(folder, environment, checker)
    accounts: dict[str, Accounts] = {}
    for name, source in document.mailboxes.items():
        path: Path = ("mailboxes", name)
        accounts[name] = Accounts(path, source, folder, secrets)
        check_mailbox(path, source, folder, checker)
        if catalog is not None:
            check_against(path, source, catalog, checker)
    return accounts
