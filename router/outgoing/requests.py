"""One HTTP request and where it goes. Values from outside become one segment of a path or one
value of a query, and can become nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from router.outgoing.templates import Slot, Template, fill, is_whole, slots

_NOT_IN_PATHS: Final = frozenset("/\\%")
"""Encoded once they would be safe, but many servers decode a path twice."""


class Unaskable(Exception):
    """The parameters do not fit; the text says why, without any of their values."""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked. Of an answer whose status is in ``body_of`` at most ``max_answer`` bytes are
    read; ``allow_private`` as in ``may_reach``.
    """

    host: str
    port: int
    tls: bool = True
    allow_private: bool = False
    max_answer: int = 65_536
    body_of: tuple[int, ...] = (200,)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.tls else 80
        return host if self.port == usual else f"{host}:{self.port}"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """``target`` is path and query. It may hold what a customer said: it is for no log."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Request({self.method})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("method", self.method)]


def request_of(
    destination: Destination,
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    body: bytes = b"",
) -> Request:
    """``body`` is JSON; ``headers`` are those besides the ones that every request of ours has."""
    all_headers = [("Host", destination.authority), *headers]
    all_headers += [("Accept", "application/json"), ("Accept-Encoding", "identity")]
    if method == "POST":
        all_headers.append(("Content-Length", str(len(body))))
    if body:
        all_headers.append(("Content-Type", "application/json"))
    all_headers += [("User-Agent", "Patchbay"), ("Connection", "close")]
    return Request(method=method, target=target, headers=tuple(all_headers), body=body)


def target_of(
    path: Iterable[Template], query: Iterable[tuple[str, Template]], values: Mapping[str, str]
) -> str:
    """Raises ``Unaskable``."""
    whole = "/" + "/".join(_segment(template, values) for template in path)
    asked = "&".join(
        f"{_encoded(name)}={fill(template, values, _encoded)}"
        for name, template in query
        if is_whole(template, values)
    )
    return f"{whole}?{asked}" if asked else whole


def _segment(template: Template, values: Mapping[str, str]) -> str:
    for name in slots(template):
        if _NOT_IN_PATHS & set(values.get(name, "")):
            raise Unaskable(f"its parameter {name} has a character that no path may have")
    filled = fill(template, values)
    if any(isinstance(part, Slot) for part in template) and not filled.strip("."):
        raise Unaskable("its path would lead elsewhere")
    return _encoded(filled)


def _encoded(text: str) -> str:
    return quote(text, safe="")
