"""From the checked document to the settings: what is not written keeps its default."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from config.mqtt.document import ClientSource, MqttSource
from config.mqtt.values import parse_broker
from router.edge.settings import (
    COMMANDS_PER_SECOND,
    EdgeClient,
    EdgeSettings,
    Privacy,
    Tls,
    rate_of,
)


def compile_broker(source: MqttSource, folder: FilePath, password: str) -> EdgeSettings:
    """``source`` must have passed the checks; names of files count from ``folder``."""
    broker = parse_broker(source.url)
    names = ("tenant", "node", "username", "in_flight", "figures_every")
    given: dict[str, Any] = {
        name: value for name in names if (value := getattr(source, name)) is not None
    }
    return EdgeSettings(
        host=broker.host,
        port=broker.port,
        tls=_tls(source, folder) if broker.tls else None,
        password=password,
        privacy=Privacy(
            personal_data=bool(source.personal_data),
            attributes=frozenset(source.attributes or ()),
        ),
        clients={name: _client(name, one) for name, one in (source.clients or {}).items()},
        **given,
    )


def _tls(source: MqttSource, folder: FilePath) -> Tls:
    files = (source.ca_file, source.certificate_file, source.key_file)
    ca_file, certificate, key = (None if one is None else folder / one for one in files)
    return Tls(ca_file=ca_file, certificate=certificate, key=key)


def _client(name: str, source: ClientSource) -> EdgeClient:
    return EdgeClient(
        name=name,
        commands=frozenset(source.commands),
        rate=rate_of(source.per_second or COMMANDS_PER_SECOND),
    )
