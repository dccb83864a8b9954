"""Parts of files about other systems, as an admin writes them. ``kind`` tells the reader how a text
is read (see ``values``).
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from config.catalog.document import Source


def kind(name: str) -> Meta:
    return Meta(extra={"kind": name}, extra_json_schema={"kind": name})


Host = Annotated[str, kind("host")]
Url = Annotated[str, kind("url")]
Template = Annotated[str, kind("template")]
HeaderName = Annotated[str, kind("header")]
HeaderText = Annotated[str, kind("header_text")]
Variable = Annotated[str, kind("variable")]
Pointer = Annotated[str, kind("pointer")]
Value = Annotated[str, Meta(max_length=200)]
Values = Annotated[tuple[Value, ...], Meta(max_length=20)]
FileName = Annotated[str, Meta(min_length=1, max_length=1_000)]
JsonBody = Annotated[Any, kind("body")]


class SecretSource(Source, frozen=True, kw_only=True):
    """A secret value of a header."""

    env: Annotated[Variable, Meta(description="the environment variable that holds it")]
    before: Annotated[HeaderText | None, Meta(description="'Bearer ', for one")] = None


Headers = Annotated[dict[HeaderName, SecretSource | HeaderText], Meta(max_length=20)]
