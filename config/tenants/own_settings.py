"""The settings of one tenant: the installation's, but nothing in which another tenant's are kept.

``OWN`` are never taken over from the installation: each tenant has its own or none. ``PROCESS``
are the installation's alone. All others hold for every tenant that does not say otherwise.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

from config.problems import excerpt
from config.settings import PREFIX, Settings, SettingsError, check_lines, load_settings
from config.tenants.tenant import Tenant

OWN: Final = frozenset(
    {
        "data_directory",
        "database_url",
        "journal_path",
        "catalog_path",
        "flows_path",
        "connectors_path",
        "recordings_path",
        "files_path",
        "asterisk_path",
        "mailboxes_path",
        "webhooks_path",
        "mqtt_path",
        "secret_key",
        "allowed_origins",
        "chat_sites",
        "chat_site_secrets",
    }
)
PROCESS: Final = frozenset(
    {
        "host",
        "port",
        "tenants_path",
        "tenant",
        "node_name",
        "log_format",
        "log_level",
        "max_frame",
    }
)
ALONE: Final = ("data_directory", "database", "journal_file", "files_folder", "recordings_folder")
"""Places that no two tenants may share."""
ASKED: Final = ("asterisk_path", "mailboxes_path", "webhooks_path", "mqtt_path")
"""Other systems whose contacts are one tenant's."""


def settings_of(tenant: Tenant, shared: Settings, port: int) -> Settings:
    """What ``tenant`` runs with, reached at ``port``; nothing is taken from the environment but
    what ``shared`` was made of. Raises ``SettingsError``.
    """
    given = _lines(tenant)
    inherited = {
        name: getattr(shared, name)
        for name in Settings.model_fields
        if name not in OWN and name in shared.model_fields_set
    }
    untouched = {name: field.get_default() for name, field in Settings.model_fields.items()}
    values: dict[str, Any] = {
        **untouched,
        "data_directory": shared.data_directory / tenant.id,
        **inherited,
        **given,
        "tenants_path": None,
        "tenant": tenant.id,
    }
    try:
        made = load_settings(**values)
    except SettingsError as problem:
        raise SettingsError(f"tenant {tenant.id}: {problem}") from None
    return made.model_copy(update=_derived(tenant, made, shared, port))


def check_apart(all_settings: Mapping[str, Settings]) -> None:
    """No two tenants keep or ask the same, nor does one keep something within another's folder.
    Raises ``SettingsError``.
    """
    for name in (*ALONE, *ASKED):
        seen: dict[str, str] = {}
        for tenant, settings in all_settings.items():
            place = getattr(settings, name)
            if place is None:
                continue
            where = str(place.resolve()) if isinstance(place, Path) else place
            if (other := seen.setdefault(where, tenant)) != tenant:
                what = name.replace("_", " ")
                raise SettingsError(
                    f"tenants {other} and {tenant} have the same {what}; give each its own"
                )
    _check_folders(all_settings)


def _check_folders(all_settings: Mapping[str, Settings]) -> None:
    places = [
        (tenant, name, place.resolve())
        for tenant, settings in all_settings.items()
        for name in ALONE
        if isinstance(place := getattr(settings, name), Path)
    ]
    of_whom = {place: (tenant, name) for tenant, name, place in places}
    for tenant, name, place in places:
        for around in (place, *place.parents):
            other, its = of_whom.get(around, (tenant, name))
            if other != tenant:
                raise SettingsError(
                    f"the {name.replace('_', ' ')} of tenant {tenant} is within the"
                    f" {its.replace('_', ' ')} of {other}; give each its own"
                )


def _lines(tenant: Tenant) -> dict[str, str]:
    """What its file says, by the names of settings."""
    if tenant.settings is None:
        return {}
    _check_readable(tenant.settings)
    found: dict[str, str] = {}
    for key, value in dotenv_values(tenant.settings, encoding="utf-8-sig").items():
        name = key.upper().removeprefix(PREFIX).lower()
        if not key.upper().startswith(PREFIX) or name not in Settings.model_fields:
            raise SettingsError(
                f"tenant {tenant.id}: the setting {excerpt(key)} is not known; remove it"
            )
        if name in PROCESS:
            raise SettingsError(
                f"tenant {tenant.id}: {excerpt(key)} is the same for all tenants; remove it"
            )
        found[name] = value or ""
    return found


def _check_readable(file: Path) -> None:
    """Raises ``SettingsError`` when the file cannot be read as lines of settings."""
    try:
        check_lines(file)
    except (UnicodeDecodeError, OSError):
        raise SettingsError(f"the settings file {file} cannot be read; save it as UTF-8") from None


def _derived(tenant: Tenant, made: Settings, shared: Settings, port: int) -> dict[str, Any]:
    """Its pages' addresses, and its own secret when the installation has one for all nodes."""
    found: dict[str, Any] = {
        "allowed_origins": (*made.allowed_origins, *_origins(tenant.hosts, port))
    }
    if made.secret_key is None and shared.secret_key is not None:
        key = shared.secret_key.get_secret_value().encode()
        found["secret_key"] = type(shared.secret_key)(
            hmac.new(key, f"tenant {tenant.id}".encode(), hashlib.sha256).hexdigest()
        )
    return found


def _origins(hosts: Iterable[str], port: int) -> tuple[str, ...]:
    """Behind a proxy that speaks TLS, and without one."""
    return tuple(
        origin for host in hosts for origin in (f"https://{host}", f"http://{host}:{port}")
    )
