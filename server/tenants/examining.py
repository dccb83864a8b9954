"""What would keep single tenants from starting, told before any is started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from config.mqtt import check_file as check_mqtt
from config.problems import Problem
from config.settings import Settings, SettingsError, load_settings
from config.settings_file import Report
from config.tenants import Tenants, check_apart, settings_of


def with_their_own(report: Report[Tenants]) -> Report[Tenants]:
    """``report`` with the problems of each tenant's settings, and of the files that those name.
    What all tenants share is taken from this process's environment, as at a start.
    """
    if report.found is None:
        return report
    more = tuple(_problems(report.found, report.file))
    bad = any(one.severity == "error" for one in more)
    found = None if bad else report.found
    return msgspec.structs.replace(report, found=found, problems=(*report.problems, *more))


def _problems(tenants: Tenants, file: str) -> Iterator[Problem]:
    own: dict[str, Settings] = {}
    try:
        shared = load_settings()
    except SettingsError as problem:
        yield _problem(file, "", str(problem))
        return
    for one in tenants.tenants:
        place = str(one.settings or file)
        try:
            own[one.id] = settings_of(one, shared, shared.port)
        except SettingsError as problem:
            yield _problem(place, one.id, str(problem))
        else:
            yield from _files(own[one.id], place)
    try:
        check_apart(own)
    except SettingsError as problem:
        yield _problem(file, "", str(problem))


def _files(settings: Settings, place: str) -> Iterator[Problem]:
    from cti_adapters.asterisk.settings_file import check_file as check_pbxs
    from cti_adapters.email.settings_file import check_file as check_mailboxes
    from cti_adapters.webhook.settings_file import check_file as check_hooks
    from ivr.connectors.settings_file import check_file as check_connectors

    if settings.asterisk_path is not None:
        yield from check_pbxs(settings.asterisk_path).problems
    if settings.mailboxes_path is not None:
        yield from check_mailboxes(settings.mailboxes_path).problems
    if settings.webhooks_path is not None:
        yield from check_hooks(settings.webhooks_path).problems
    if settings.connectors_path is not None:
        yield from check_connectors(settings.connectors_path).problems
    if settings.mqtt_path is not None:
        yield from _broker(settings.mqtt_path, settings.tenant, place)


def _broker(file: Path, tenant: str, place: str) -> Iterator[Problem]:
    report = check_mqtt(file)
    yield from report.problems
    if report.found is not None and report.found.tenant != tenant:
        what = f"{file} is about the topics of tenant {report.found.tenant}"
        yield _problem(place, tenant, what, f"write 'tenant: {tenant}' there")


def _problem(file: str, tenant: str, what: str, fix: str = "correct that") -> Problem:
    """Of settings, whose lines nobody counts."""
    path = f"tenants.{tenant}" if tenant else ""
    return Problem(severity="error", file=file, line=1, column=1, path=path, what=what, fix=fix)
