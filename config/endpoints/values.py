"""Text values of files about other systems that mean more than text.

A ValueError carries one sentence that says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from config.catalog.kinds import KINDS as CATALOG_KINDS
from config.catalog.reader import KindReader
from config.endpoints.bodies import read_body
from router.foreign_json import Pointer
from router.outgoing.templates import Template, parse_template

HOST: Final = r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$"
URL: Final = r"^https?://[^\s?#@\\]+$"
HEADER: Final = r"^[A-Za-z][A-Za-z0-9-]{0,63}$"
HEADER_TEXT: Final = r"^[\x20-\x7e]{0,500}$"
VARIABLE: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"
POINTER: Final = r"^(/[^/]*)+$"

_LONGEST: Final = 1_000
_USUAL: Final = {"http": 80, "https": 443}


class UrlParts(msgspec.Struct, frozen=True, kw_only=True):
    """An address: only its path may have parameters."""

    tls: bool
    host: str
    port: int
    path: tuple[Template, ...]


def parse_host(text: str) -> tuple[str, int | None]:
    """``crm.example`` or ``crm.example:8443``; IPv6 in brackets. None: the usual port."""
    if len(text) > 255 or not re.fullmatch(HOST, text, re.ASCII):
        raise ValueError("write a host in lower case, such as crm.example or crm.example:8443")
    parts = urlsplit(f"//{text}")
    if parts.port == 0 or not parts.hostname:
        raise ValueError("write a port from 1 to 65535")
    return parts.hostname, parts.port


def parse_url(text: str) -> UrlParts:
    if len(text) > _LONGEST or not re.fullmatch(URL, text, re.ASCII):
        raise ValueError("write it as https://crm.example/customers/{account}")
    scheme, _, rest = text.partition("://")
    authority, _, path = rest.partition("/")
    if "{" in authority:
        raise ValueError("write the host in full: only the path may have parameters")
    host, port = parse_host(authority)
    segments = tuple(parse_template(unquote(one)) for one in path.split("/"))
    if any(one in {".", ".."} for one in path.split("/")):
        raise ValueError("write the path without '.' and '..'")
    return UrlParts(tls=scheme == "https", host=host, port=port or _USUAL[scheme], path=segments)


def parse_pointer(text: str) -> Pointer:
    """``/data/0/name`` (RFC 6901; ``~1`` is a slash and ``~0`` a tilde in a key)."""
    if len(text) > 200 or not re.fullmatch(POINTER, text):
        raise ValueError("write where it stands from the outside in, such as /data/name")
    steps = text.split("/")[1:]
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def matching(pattern: str, advice: str, longest: int = _LONGEST) -> Callable[[str], str]:
    known = re.compile(pattern, re.ASCII)

    def parse(text: str) -> str:
        if len(text) > longest or not known.fullmatch(text):
            raise ValueError(advice)
        return text

    return parse


def _parsed(parse: Callable[[str], object]) -> Callable[[str], str]:
    """Only whether it can be read: the document keeps what was written."""

    def check(text: str) -> str:
        parse(text)
        return text

    return check


def _template(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"write {_LONGEST} characters at most")
    parse_template(text)
    return text


PARSERS: Final[dict[str, Callable[[str], str]]] = {
    "host": _parsed(parse_host),
    "url": _parsed(parse_url),
    "template": _template,
    "header": matching(HEADER, "write a header's name: letters a-z, digits and '-' alone"),
    "header_text": matching(HEADER_TEXT, "write characters of ASCII on one line"),
    "variable": matching(VARIABLE, "write the name of an environment variable"),
    "pointer": _parsed(parse_pointer),
}


def read_as(parse: Callable[[str], str]) -> KindReader:
    return lambda reader, node, path: reader.text_as(parse, node, path)


KINDS: Final[dict[str, KindReader]] = {
    **CATALOG_KINDS,
    **{kind: read_as(parse) for kind, parse in PARSERS.items()},
    "body": read_body,
}

PATTERNS: Final = {
    "host": HOST,
    "url": URL,
    "header": HEADER,
    "header_text": HEADER_TEXT,
    "variable": VARIABLE,
    "pointer": POINTER,
}
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    **{kind: {"type": "string", "pattern": pattern} for kind, pattern in PATTERNS.items()},
    "template": {"type": ["string", "number", "boolean"]},
    "body": {},
}
"""For each kind, what an editor should accept."""
