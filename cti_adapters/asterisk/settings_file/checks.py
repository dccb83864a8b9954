"""What the file means, checked on the document: one run names all problems."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path as FilePath
from typing import Final

import phonenumbers

from config.catalog.checks import Checker
from config.durations import format_duration
from config.problems import Path, excerpt
from cti_adapters.asterisk.settings import OutboundRules, PbxSettings
from cti_adapters.asterisk.settings_file.document import OutboundSource, PbxSource, PbxsSource
from cti_adapters.asterisk.settings_file.values import PLACE
from router.core.catalog import Catalog
from router.core.durations import MILLISECOND, MINUTE, SECOND

FOLDERS: Final = ("sounds", "recordings")
_DEFAULTS: Final = PbxSettings()
_RULES: Final = OutboundRules()


def check_pbx(path: Path, source: PbxSource, folder: FilePath, checker: Checker) -> None:
    """One telephone system; names of files count from ``folder``."""
    _check_connection(path, source, folder, checker)
    _check_durations(path, source, checker)
    _check_numbers(path, source, checker)
    for name in FOLDERS:
        _check_folder(path, source, name, folder, checker)
    if source.record and source.recordings is None:
        checker.warn((*path, "record"), "nothing is recorded without a folder", "add 'recordings'")
    outbound = source.outbound or OutboundSource()
    _check_outbound((*path, "outbound"), outbound, checker)
    if source.trunk and not outbound.allow:
        checker.warn(
            (*path, "trunk"),
            "nothing may be dialled through it",
            "add how numbers begin that may be: outbound: {allow: ['+44']}",
        )
    if outbound.allow and source.trunk is None:
        checker.warn(
            (*path, "outbound"), "there is no trunk to dial through", "add 'trunk' or remove it"
        )


def check_twins(document: PbxsSource, checker: Checker) -> None:
    """Two that are reached at the same place from one machine: each call would come twice."""
    places: dict[tuple[str, str, int], str] = {}
    for name, source in document.pbxs.items():
        other = places.setdefault((source.branch or "", *_place_of(source)), name)
        if other != name:
            checker.report(
                ("pbxs", name, "host"),
                f"this is the same telephone system as '{excerpt(other)}'",
                "give it another host or port, or remove one",
            )


def _place_of(source: PbxSource) -> tuple[str, int]:
    ami = _DEFAULTS.ami
    return (source.host or ami.host).lower(), source.port or ami.port


# -- the connection -----------------------------------------------------------------------------


def _check_connection(path: Path, source: PbxSource, folder: FilePath, checker: Checker) -> None:
    host, _ = _place_of(source)
    if source.ca_file is not None and not (folder / source.ca_file).is_file():
        checker.report((*path, "ca_file"), "there is no such file", "check its name")
    if source.tls:
        return
    if source.ca_file is not None:
        checker.warn((*path, "ca_file"), "it is not used without TLS", "add 'tls: true'")
    if is_loopback(host):
        return
    if source.challenge is False:
        checker.report(
            (*path, "challenge"),
            f"the secret would go to {excerpt(host)} for everybody to read",
            "add 'tls: true' or remove 'challenge: false'",
        )
    else:
        checker.warn(
            (*path, "host"),
            f"everybody on the way to {excerpt(host)} can listen and give it orders",
            "add 'tls: true', or let Patchbay run beside Asterisk",
        )


def is_loopback(host: str) -> bool:
    """Whether what is sent to ``host`` stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_durations(path: Path, source: PbxSource, checker: Checker) -> None:
    announcing, outbound = source.announcing, source.outbound
    bounds: tuple[tuple[Path, int | None, int, int], ...] = (
        (("ping_every",), source.ping_every, SECOND, 10 * MINUTE),
        (("action_timeout",), source.action_timeout, 100 * MILLISECOND, MINUTE),
        (("answer_within",), source.answer_within, SECOND, 5 * MINUTE),
        (("outbound", "per"), outbound.per if outbound else None, SECOND, 24 * 60 * MINUTE),
    )
    for inside, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            fix = f"write {format_duration(least)} to {format_duration(most)}"
            checker.report((*path, *inside), f"{format_duration(value)} makes no sense here", fix)
    for name in ("position_every", "wait_every", "callback_every"):
        value = getattr(announcing, name) if announcing else None
        if value and value < 10 * SECOND:
            here = (*path, "announcing", name)
            checker.report(here, "this would repeat without pause", "write at least 10s, or 0")


# -- numbers ------------------------------------------------------------------------------------


def _check_numbers(path: Path, source: PbxSource, checker: Checker) -> None:
    for number in sorted(set(source.numbers or {}) & set(source.faxes or {})):
        checker.report(
            (*path, "faxes", number), "this number is given under 'numbers' as well", "remove one"
        )
    nothing = not source.numbers and not source.faxes and source.entry_point is None
    written = any(checker.written((*path, key)) for key in ("numbers", "faxes", "entry_point"))
    if nothing and not written:
        checker.warn(
            path, "every call is turned away", "add 'entry_point', or 'numbers: {number: …}'"
        )


def check_against(path: Path, source: PbxSource, catalog: Catalog, checker: Checker) -> None:
    """Whether the entry points that are named are those of telephones and faxes, the queues there,
    and the owners of telephones its agents. The catalog does not know who supervises.
    """
    named = [((*path, "numbers", number), "voice", entry) for number, entry in _of(source.numbers)]
    named += [((*path, "faxes", number), "fax", entry) for number, entry in _of(source.faxes)]
    if source.entry_point is not None:
        named.append(((*path, "entry_point"), "voice", source.entry_point))
    for here, channel, entry in named:
        known = catalog.entry_points.get(entry)
        if known is not None and known.channel != channel:
            what = f"'{excerpt(entry)}' is an entry point of the channel {excerpt(known.channel)}"
            checker.report(here, what, f"name one of the channel {channel}")
    for index, queue in enumerate(source.record or ()):
        if queue != "*" and queue not in catalog.queues:
            here = (*path, "record", index)
            checker.report(here, f"the queue '{excerpt(queue)}' is not defined", "name a queue")
    for name in source.phones or {}:
        if name not in catalog.agents:
            checker.warn(
                (*path, "phones", name),
                f"there is no agent '{excerpt(name)}'",
                "correct it, unless it is the user name of a supervisor",
            )


def _of(entries: dict[str, str] | None) -> list[tuple[str, str]]:
    return list((entries or {}).items())


# -- folders ------------------------------------------------------------------------------------


def _check_folder(
    path: Path, source: PbxSource, name: str, folder: FilePath, checker: Checker
) -> None:
    """Asterisk is told the folder's name, in commands that give some characters a meaning."""
    here, there = getattr(source, name), getattr(source, f"{name}_there")
    if there is not None and here is None:
        checker.report((*path, f"{name}_there"), f"'{name}' is missing", f"add '{name}: …'")
    if here is None or there is not None:
        return
    seen = (folder / here).absolute().as_posix()
    if not re.fullmatch(PLACE, seen, re.ASCII) or ".." in seen:
        checker.report(
            (*path, name),
            "Asterisk would misread this path",
            f"use letters a-z, digits, '_', '-' and '.' alone, or add '{name}_there'",
        )


# -- what may be dialled ------------------------------------------------------------------------


def _check_outbound(path: Path, source: OutboundSource, checker: Checker) -> None:
    allow, deny = source.allow or (), source.deny or ()
    for index, prefix in enumerate(deny):
        if prefix in allow:
            here = (*path, "deny", index)
            checker.report(here, f"'{prefix}' is allowed and denied", "remove one")
    if source.international:
        return
    country = source.country or _RULES.country
    own = f"+{phonenumbers.country_code_for_region(country)}"
    for index, prefix in enumerate(allow):
        if not prefix.startswith(own) and not own.startswith(prefix):
            checker.warn(
                (*path, "allow", index),
                f"'{prefix}' is not in {country}, so it is not dialled",
                "add 'international: true' or remove it",
            )
