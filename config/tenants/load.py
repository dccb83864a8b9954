"""From a file to the tenants and its problems: the one way in.

Nothing here raises for bad input but ``read_tenants``, which is for the start of the service.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any, Final

import msgspec

from config.catalog.checks import Checker
from config.catalog.reader import Reader
from config.problems import Path, ProblemList, excerpt
from config.settings_file import Given, Report, in_force, report_on_file, report_on_text
from config.tenants.document import LimitsSource, TenantSource, TenantsSource
from config.tenants.tenant import Limits, Operator, Tenant, Tenants
from config.tenants.values import KINDS
from config.yaml_nodes import Node

EMPTY: Final = ("no tenant is named", "write 'tenants: {acme: {hosts: [acme.example]}}'")

TenantsReport = Report[Tenants]


class TenantsRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


def read_tenants(path: FilePath) -> Tenants:
    """What is in ``path``. Raises ``TenantsRefused``."""
    return in_force(check_file(path), TenantsRefused, "The tenants")


def check_file(path: FilePath) -> TenantsReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    return report_on_file(_judge, path, EMPTY)


def check_text(
    source: str | bytes, *, file: str = "tenants", folder: FilePath = FilePath()
) -> TenantsReport:
    """As ``check_file``. Names of files count from ``folder``."""
    return report_on_text(_judge, source, EMPTY, file=file, folder=folder)


def _judge(root: Node, problems: ProblemList, given: Given) -> Tenants | None:
    document = Reader(problems, KINDS, {}).read(TenantsSource, root)
    if document is None:
        return None
    _check(document, given.folder, Checker(root, problems))
    return None if problems.errors else _compiled(document, given.folder)


def _check(document: TenantsSource, folder: FilePath, checker: Checker) -> None:
    """No two tenants share a host or a file of settings, and each such file is there."""
    if not document.tenants:
        checker.report(("tenants",), *EMPTY)
    hosts: dict[str, str] = {}
    files: dict[FilePath, str] = {}
    for name, one in document.tenants.items():
        at: Path = ("tenants", name)
        if not one.hosts:
            checker.report((*at, "hosts"), "no host leads to it", "write 'hosts: [acme.example]'")
        for number, host in enumerate(one.hosts):
            if (other := hosts.setdefault(host, name)) != name:
                what = f"{excerpt(host)} is a host of {excerpt(other)} already"
                checker.report((*at, "hosts", number), what, "a host leads to one tenant")
        if one.settings is None:
            continue
        file = (folder / one.settings).resolve()
        if not file.is_file():
            checker.report((*at, "settings"), "there is no such file", "check its name")
        if (other := files.setdefault(file, name)) != name:
            what = f"these are the settings of {excerpt(other)}"
            checker.report((*at, "settings"), what, "give each tenant a file of its own")


def _compiled(document: TenantsSource, folder: FilePath) -> Tenants:
    told = document.operator
    operator = None if told is None else Operator(**_written(told))
    found = (_tenant(name, one, folder) for name, one in document.tenants.items())
    return Tenants(tenants=tuple(found), operator=operator)


def _tenant(name: str, source: TenantSource, folder: FilePath) -> Tenant:
    return Tenant(
        id=name,
        hosts=source.hosts,
        settings=None if source.settings is None else folder / source.settings,
        limits=Limits(**_written(source.limits or LimitsSource())),
    )


def _written(source: msgspec.Struct) -> dict[str, Any]:
    every = msgspec.structs.asdict(source)
    return {name: value for name, value in every.items() if value is not None}
