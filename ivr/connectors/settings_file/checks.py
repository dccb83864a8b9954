"""What the file means, checked on the document: one run names all problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.durations import format_duration
from config.endpoints.checks import check_headers, check_trust
from config.endpoints.values import UrlParts, parse_host, parse_url
from config.problems import Path, excerpt, suggest
from ivr.connectors.settings_file.document import (
    ConnectorSource,
    ConnectorsSource,
    ParameterSource,
    ResultSource,
)
from router.core.durations import MILLISECOND, SECOND
from router.outgoing.templates import body_slots, parse_template, slots

_TIMEOUTS: Final = (100 * MILLISECOND, 30 * SECOND)
_USUAL: Final = frozenset({80, 443})


def check_connectors(
    document: ConnectorsSource,
    folder: FilePath,
    environment: Mapping[str, str],
    checker: Checker,
) -> None:
    """Names of files count from ``folder``."""
    allowed = {parse_host(one) for one in document.hosts}
    for name, source in document.connectors.items():
        path: Path = ("connectors", name)
        url = parse_url(source.url)
        _check_host(path, url, allowed, checker)
        check_trust(path, source, url, folder, checker)
        check_headers(path, source.headers or {}, environment, checker)
        _check_parameters(path, source, url, checker)
        _check_results(path, source, checker)
        _check_rest(path, source, checker)


def _check_host(
    path: Path, url: UrlParts, allowed: set[tuple[str, int | None]], checker: Checker
) -> None:
    listed = url.host, None if url.port in _USUAL else url.port
    if listed not in allowed and (url.host, url.port) not in allowed:
        wanted = url.host if listed[1] is None else f"{url.host}:{url.port}"
        what = f"the host {excerpt(wanted)} may not be asked"
        checker.report((*path, "url"), what, "add it to 'hosts', if it is the right one")


# -- parameters ---------------------------------------------------------------------------------


def _check_parameters(path: Path, source: ConnectorSource, url: UrlParts, checker: Checker) -> None:
    declared = source.parameters or {}
    used: set[str] = set()
    for inside, name in _used(source, url):
        used.add(name)
        if name not in declared:
            fix = suggest(name, declared, otherwise=f"add 'parameters: {{{name}: {{}}}}'")
            checker.report((*path, *inside), f"there is no parameter '{excerpt(name)}'", fix)
        elif inside == ("url",) and _is_optional(declared[name]):
            what = f"without '{excerpt(name)}' the path would be another"
            checker.report((*path, *inside), what, "let it not be optional")
    for name in declared:
        if name not in used:
            here = (*path, "parameters", name)
            checker.warn(here, "nothing uses this parameter", "remove it, or name it in 'query'")


def _is_optional(parameter: ParameterSource) -> bool:
    return bool(parameter.optional)


def _used(source: ConnectorSource, url: UrlParts) -> Iterator[tuple[Path, str]]:
    for segment in url.path:
        for name in slots(segment):
            yield ("url",), name
    for key, text in (source.query or {}).items():
        for name in slots(parse_template(text)):
            yield ("query", key), name
    if source.body is not None:
        for name in body_slots(source.body):
            yield ("body",), name


# -- results ------------------------------------------------------------------------------------


def _check_results(path: Path, source: ConnectorSource, checker: Checker) -> None:
    for name, result in (("found", source.found), ("not_found", source.not_found)):
        here = (*path, name)
        if result is None:
            continue
        if result.status is None and result.at is None:
            checker.report(here, "it is never so", "add 'status: [200]' or 'at: /field'")
        if result.values is not None and result.at is None:
            checker.report(here, "'is' has nothing to look at", "add 'at: /field'")
        if any(300 <= one < 400 for one in result.status or ()):
            checker.report((*here, "status"), "redirects are never followed", "name the last url")
    both = set(_statuses(source.found, (200,))) & set(_statuses(source.not_found, (404,)))
    if both:
        what = f"the status {min(both)} says both found and not_found"
        checker.report((*path, "not_found", "status"), what, "name it once, and use 'at'")


def _statuses(result: ResultSource | None, usual: tuple[int, ...]) -> tuple[int, ...]:
    if result is None:
        return usual
    return result.status or ()


def _check_rest(path: Path, source: ConnectorSource, checker: Checker) -> None:
    if source.body is not None and source.method != "POST":
        checker.report((*path, "body"), "GET has no body", "add 'method: POST' or use 'query'")
    least, most = _TIMEOUTS
    if source.timeout is not None and not least <= source.timeout <= most:
        fix = f"write {format_duration(least)} to {format_duration(most)}"
        checker.report((*path, "timeout"), "nobody waits like this", fix)
