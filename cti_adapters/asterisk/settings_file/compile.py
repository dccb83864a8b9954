"""From the checked document to the settings: what is not written keeps its default."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path as FilePath
from typing import Any, Final

from config.catalog.document import Source
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.settings import (
    Announcing,
    IceServer,
    OutboundRules,
    PbxSettings,
    Softphone,
)
from cti_adapters.asterisk.settings_file.document import PbxSource, SoftphoneSource

_AMI: Final = ("host", "port", "username", "tls", "challenge", "ping_every", "action_timeout")
_FILES: Final = ("sounds", "recordings")
_PARTS: Final = ("outbound", "announcing", "softphone")
_ELSEWHERE: Final = frozenset(
    (*_AMI, *_FILES, *_PARTS, "ca_file", "secret", "secret_file", "secret_env")
)


def compile_pbx(name: str, source: PbxSource, folder: FilePath, secret: str) -> PbxSettings:
    """``source`` must have passed the checks; names of files count from ``folder``."""
    values = _given(source, [key for key in source.__struct_fields__ if key not in _ELSEWHERE])
    for key, file in _given(source, _FILES).items():
        values[key] = (folder / file).absolute()
    if source.outbound is not None:
        values["outbound"] = OutboundRules(**_all_given(source.outbound))
    if source.announcing is not None:
        values["announcing"] = Announcing(**_all_given(source.announcing))
    if source.softphone is not None:
        values["softphone"] = _softphone(source.softphone)
    ca_file = None if source.ca_file is None else folder / source.ca_file
    ami = AmiSettings(secret=secret, ca_file=ca_file, **_given(source, _AMI))
    return PbxSettings(id=name, ami=ami, **values)


def _softphone(source: SoftphoneSource) -> Softphone:
    servers = tuple(IceServer(**_all_given(one)) for one in source.ice_servers or ())
    return Softphone(
        **_given(source, ("websocket", "domain", "agents")),
        ice_servers=servers,
    )


def _given(source: Source, names: Collection[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}


def _all_given(source: Source) -> dict[str, Any]:
    return _given(source, source.__struct_fields__)
