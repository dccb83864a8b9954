"""From the checked document to the settings: what is not written keeps its default."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from config.catalog.document import Source
from config.endpoints.document import SecretSource
from config.endpoints.values import parse_pointer, parse_url
from cti_adapters.webhook.events import Kind
from cti_adapters.webhook.settings import (
    Handshake,
    HookSettings,
    IncomingSettings,
    OutgoingSettings,
    Rule,
    Sign,
    SigningScheme,
)
from cti_adapters.webhook.settings_file.document import (
    EventSource,
    HookSource,
    IncomingSource,
    OutgoingSource,
    SignatureSource,
)
from cti_adapters.webhook.settings_file.values import parse_signed
from router.outgoing.requests import Destination

_TAKEN: Final = tuple(range(200, 300))
_SIGNED, _SIGNED_ALONE = "{timestamp}.{body}", "{body}"


def compile_hook(
    name: str, source: HookSource, folder: FilePath, environment: Mapping[str, str]
) -> HookSettings:
    """``source`` must have passed the checks; names of files count from ``folder``."""
    outgoing = source.outgoing
    return HookSettings(
        id=name,
        incoming=_incoming(source.incoming, environment),
        outgoing=None if outgoing is None else _outgoing(outgoing, folder, environment),
        **_given(source, ("label", "entry_point", "reopens_within", "same_agent_for")),
    )


def _incoming(source: IncomingSource, environment: Mapping[str, str]) -> IncomingSettings:
    asked = source.handshake
    return IncomingSettings(
        signature=_scheme(source.signature, environment),
        rules=tuple(_rule(one) for one in source.events),
        handshake=None
        if asked is None
        else Handshake(
            challenge=asked.challenge, token=asked.token, expected=environment[asked.token_env]
        ),
        **_given(source, ("order_within",)),
    )


def _scheme(source: SignatureSource, environment: Mapping[str, str]) -> SigningScheme:
    previous = source.previous_secret_env
    usual = _SIGNED if source.timestamp_header else _SIGNED_ALONE
    return SigningScheme(
        secret=environment[source.secret_env].encode(),
        previous=None if previous is None else environment[previous].encode(),
        signed=parse_signed(source.signed or usual),
        **_given(source, ("header", "prefix", "encoding", "timestamp_header", "tolerance")),
    )


def _rule(source: EventSource) -> Rule:
    when = source.when
    return Rule(
        kind=Kind(source.event),
        items=None if source.items is None else parse_pointer(source.items),
        when=None if when is None else Sign(at=parse_pointer(when.at), values=when.values or ()),
        fields={name: parse_pointer(at) for name, at in (source.fields or {}).items()},
        whole={name: parse_pointer(at) for name, at in (source.whole or {}).items()},
        attachment_url=parse_pointer(source.attachment_url) if source.attachment_url else (),
    )


def _outgoing(
    source: OutgoingSource, folder: FilePath, environment: Mapping[str, str]
) -> OutgoingSettings:
    url = parse_url(source.url)
    signature = source.signature
    return OutgoingSettings(
        destination=Destination(
            host=url.host,
            port=url.port,
            tls=url.tls,
            allow_private=bool(source.allow_private),
            body_of=_TAKEN if source.answer_id is not None else (),
        ),
        path=url.path,
        headers=tuple(
            (key, _header(value, environment)) for key, value in (source.headers or {}).items()
        ),
        signature=None if signature is None else _scheme(signature, environment),
        body=source.body,
        answer_id=None if source.answer_id is None else parse_pointer(source.answer_id),
        ca_file=None if source.ca_file is None else folder / source.ca_file,
        **_given(source, ("id_header", "timeout", "give_up_after", "at_once")),
    )


def _header(value: str | SecretSource, environment: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    return (value.before or "") + environment[value.env]


def _given(source: Source, names: Collection[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}
