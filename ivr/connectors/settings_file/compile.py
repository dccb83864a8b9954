"""From the checked document to connectors: what is not written keeps its default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from config.catalog.document import Source
from config.endpoints.document import SecretSource
from config.endpoints.values import parse_pointer, parse_url
from ivr.connectors.definitions import Connector, Parameter, Reading, Sign
from ivr.connectors.settings_file.document import (
    ConnectorSource,
    ParameterSource,
    ResultSource,
    SignSource,
)
from router.outgoing.templates import parse_template

_AS_WRITTEN = ("label", "method", "body", "timeout", "max_answer", "at_once", "allow_private")


def compile_connector(
    name: str, source: ConnectorSource, folder: FilePath, environment: Mapping[str, str]
) -> Connector:
    """``source`` must have passed the checks; names of files count from ``folder``."""
    url = parse_url(source.url)
    return Connector(
        id=name,
        host=url.host,
        port=url.port,
        tls=url.tls,
        path=url.path,
        query=tuple((key, parse_template(text)) for key, text in (source.query or {}).items()),
        headers=tuple(
            (key, _header(value, environment)) for key, value in (source.headers or {}).items()
        ),
        parameters={key: _parameter(one) for key, one in (source.parameters or {}).items()},
        reading=_reading(source),
        ca_file=None if source.ca_file is None else folder / source.ca_file,
        **_given(source, _AS_WRITTEN),
    )


def _header(value: str | SecretSource, environment: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    return (value.before or "") + environment[value.env]


def _parameter(source: ParameterSource) -> Parameter:
    return Parameter(**_given(source, ("optional", "longest")))


def _reading(source: ConnectorSource) -> Reading:
    found, not_found = source.found or ResultSource(), source.not_found or ResultSource()
    usual = Reading()
    return Reading(
        fields={key: parse_pointer(text) for key, text in (source.answer or {}).items()},
        found_status=usual.found_status if found.status is None else found.status,
        not_found_status=usual.not_found_status if not_found.status is None else not_found.status,
        found=_sign(found),
        not_found=_sign(not_found),
        failed=None if source.failed is None else _sign(source.failed),
    )


def _sign(source: ResultSource | SignSource) -> Sign | None:
    if source.at is None:
        return None
    return Sign(at=parse_pointer(source.at), values=source.values or ())


def _given(source: Source, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}
