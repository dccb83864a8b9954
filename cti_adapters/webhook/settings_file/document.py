"""The file of hooks as an admin writes it: what the reader follows and editors show.

As in ``config.catalog.document``: ``None`` means "not written", the default of ``settings`` holds.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from config.catalog.document import Duration, Label, Source
from config.catalog.values import NAME
from config.endpoints.document import (
    FileName,
    HeaderName,
    Headers,
    JsonBody,
    Pointer,
    Url,
    Values,
    Variable,
    kind,
)
from cti_adapters.webhook.settings_file.values import MAX_ID

HookName = Annotated[str, Meta(pattern=NAME, max_length=MAX_ID)]
EntryRef = Annotated[
    str, Meta(extra={"refers": "entry point"}, extra_json_schema={"kind": "entry point"})
]
Signed = Annotated[str, kind("signed")]
Word = Annotated[str, kind("word")]
Part = Literal[
    "id",
    "conversation",
    "address",
    "name",
    "text",
    "attachments",
    "language",
    "about",
    "at",
    "sequence",
]
Parts = Annotated[dict[Part, Pointer], Meta(max_length=20)]


class SignatureSource(Source, frozen=True, kw_only=True):
    """An HMAC-SHA256 of the body, and of a timestamp where there is one."""

    header: Annotated[HeaderName, Meta(description="X-Signature: where it stands")]
    secret_env: Annotated[Variable, Meta(description="the environment variable that holds it")]
    previous_secret_env: Annotated[
        Variable | None, Meta(description="believed as well, while a secret is being changed")
    ] = None
    prefix: Annotated[Word | None, Meta(description="of the value: 'sha256='")] = None
    encoding: Literal["hex", "base64"] | None = None
    timestamp_header: Annotated[
        HeaderName | None, Meta(description="seconds or milliseconds since 1970")
    ] = None
    signed: Annotated[
        Signed | None, Meta(description="'{timestamp}.{body}', or '{body}' without a timestamp")
    ] = None
    tolerance: Annotated[Duration | None, Meta(description="between the timestamp and now")] = None


class SignSource(Source, frozen=True, kw_only=True):
    """What tells that an item is one of these."""

    at: Annotated[Pointer, Meta(description="/type")]
    values: Annotated[
        Values | None, Meta(description="one of these; left out: anything stands there")
    ] = msgspec.field(name="is", default=None)


class EventSource(Source, frozen=True, kw_only=True):
    """One kind of event, and where its parts stand."""

    event: Literal["message", "ended", "delivered", "read", "failed"]
    items: Annotated[
        Pointer | None, Meta(description="/messages: a list of them; left out: the body is one")
    ] = None
    when: SignSource | None = None
    fields: Annotated[Parts | None, Meta(description="id: /id, where it stands in the item")] = None
    whole: Annotated[Parts | None, Meta(description="what stands in the body around it")] = None
    attachment_url: Annotated[Pointer | None, Meta(description="/url, in each attachment")] = None


class HandshakeSource(Source, frozen=True, kw_only=True):
    """A service that asks by GET first: the challenge is sent back when the token is right."""

    challenge: Annotated[Word, Meta(description="hub.challenge: a name in the query")]
    token: Annotated[Word, Meta(description="hub.verify_token: a name in the query")]
    token_env: Variable


class IncomingSource(Source, frozen=True, kw_only=True):
    signature: SignatureSource
    events: Annotated[tuple[EventSource, ...], Meta(min_length=1, max_length=20)]
    handshake: HandshakeSource | None = None
    order_within: Annotated[
        Duration | None, Meta(description="that a timed event waits for those before it")
    ] = None


class OutgoingSource(Source, frozen=True, kw_only=True):
    """Where what agents write is sent: by POST, as JSON."""

    url: Annotated[Url, Meta(description="https://sms.example/v1/messages")]
    headers: Annotated[
        Headers | None, Meta(description="a text, or for a secret {env: VARIABLE}")
    ] = None
    signature: SignatureSource | None = None
    id_header: Annotated[
        HeaderName | None, Meta(description="has the id by which repetitions are known")
    ] = None
    body: Annotated[JsonBody, Meta(description="{to: '{address}', text: '{text}', ref: '{id}'}")]
    answer_id: Annotated[
        Pointer | None, Meta(description="/id: the service's own id of it, in its answer")
    ] = None
    timeout: Duration | None = None
    give_up_after: Duration | None = None
    at_once: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="conversations at a time")
    ] = None
    allow_private: Annotated[
        bool | None, Meta(description="also this machine and networks that are not public")
    ] = None
    ca_file: Annotated[
        FileName | None, Meta(description="certificates; left out: the machine's own authorities")
    ] = None


class HookSource(Source, frozen=True, kw_only=True):
    """One service: how it sends, how it takes."""

    label: Annotated[Label, Meta(description="the service's name, as agents read it")]
    entry_point: EntryRef
    incoming: IncomingSource
    outgoing: OutgoingSource | None = None
    reopens_within: Annotated[
        Duration | None, Meta(description="who answered last is asked first for so long")
    ] = None
    same_agent_for: Annotated[
        Duration | None, Meta(description="and has it to themselves for so long")
    ] = None


class HooksSource(Source, frozen=True, kw_only=True):
    """Services that send and take messages, by id. POST to /api/v1/hooks/ID."""

    hooks: Annotated[dict[HookName, HookSource], Meta(min_length=1, max_length=100)]
