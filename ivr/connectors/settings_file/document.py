"""The file of connectors as an admin writes it: what the reader follows and editors show.

As in ``config.catalog.document``: ``None`` means "not written", the default of ``definitions``
holds, and ``kind`` tells the reader how a text is read (see ``values``).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from config.catalog.document import Duration, Label, Name, Source
from config.endpoints.document import (
    FileName,
    Headers,
    Host,
    JsonBody,
    Pointer,
    Template,
    Url,
    Values,
)


def _kind(kind: str) -> Meta:
    return Meta(extra={"kind": kind}, extra_json_schema={"kind": kind})


Field = Annotated[str, _kind("field")]
QueryName = Annotated[str, Meta(min_length=1, max_length=100)]
Status = Annotated[int, Meta(ge=200, le=599)]
Statuses = Annotated[tuple[Status, ...], Meta(max_length=20)]


Query = Annotated[dict[QueryName, Template], Meta(max_length=20)]
Answer = Annotated[dict[Field, Pointer], Meta(max_length=50)]


class ParameterSource(Source, frozen=True, kw_only=True):
    """What a look-up sends by this name."""

    optional: Annotated[
        bool | None, Meta(description="may be empty: what names it is then left out")
    ] = None
    longest: Annotated[
        Annotated[int, Meta(ge=1, le=2_000)] | None, Meta(description="characters")
    ] = None


Parameters = Annotated[dict[Field, ParameterSource], Meta(max_length=20)]


class SignSource(Source, frozen=True, kw_only=True):
    """What tells in the answer."""

    at: Annotated[Pointer, Meta(description="/customer/state")]
    values: Annotated[
        Values | None, Meta(description="one of these; left out: anything stands there")
    ] = msgspec.field(name="is", default=None)


class ResultSource(Source, frozen=True, kw_only=True):
    """When it is this. ``status``: by the HTTP status; ``at``: by what an answer says whose status
    is one of ``found``.
    """

    status: Annotated[Statuses | None, Meta(description="found: [200], not_found: [404]")] = None
    at: Annotated[Pointer | None, Meta(description="/customer/state")] = None
    values: Annotated[
        Values | None, Meta(description="one of these; left out: anything stands there")
    ] = msgspec.field(name="is", default=None)


class ConnectorSource(Source, frozen=True, kw_only=True):
    """One question to another system, and how its answer is read."""

    label: Annotated[Label | None, Meta(description="what people read; left out: the id")] = None
    method: Literal["GET", "POST"] | None = None
    url: Annotated[
        Url, Meta(description="https://crm.example/v1/customers/{account}; no '?', see query")
    ]
    query: Annotated[Query | None, Meta(description="name: value")] = None
    body: Annotated[JsonBody, Meta(description="sent as JSON; parameters in its texts")] = None
    headers: Annotated[
        Headers | None, Meta(description="a text, or for a secret {env: VARIABLE}")
    ] = None
    parameters: Annotated[Parameters | None, Meta(description="that it takes")] = None
    answer: Annotated[Answer | None, Meta(description="field: where it stands, /customer/tier")] = (
        None
    )
    found: Annotated[ResultSource | None, Meta(description="left out: with status 200")] = None
    not_found: Annotated[ResultSource | None, Meta(description="left out: with status 404")] = None
    failed: Annotated[SignSource | None, Meta(description="besides every other status")] = None
    timeout: Annotated[Duration | None, Meta(description="for everything")] = None
    max_answer: Annotated[
        Annotated[int, Meta(ge=100, le=262_144)] | None, Meta(description="bytes")
    ] = None
    at_once: Annotated[
        Annotated[int, Meta(ge=1, le=200)] | None, Meta(description="look-ups at a time")
    ] = None
    allow_private: Annotated[
        bool | None, Meta(description="also this machine and networks that are not public")
    ] = None
    ca_file: Annotated[
        FileName | None, Meta(description="certificates; left out: the machine's own authorities")
    ] = None


class ConnectorsSource(Source, frozen=True, kw_only=True):
    """The systems that flows may ask, by id, and the hosts that may be asked at all."""

    hosts: Annotated[
        tuple[Host, ...], Meta(max_length=100, description="crm.example, or crm.example:8443")
    ]
    connectors: Annotated[dict[Name, ConnectorSource], Meta(max_length=100)]
