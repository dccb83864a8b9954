"""One hook: a service outside that sends what its customers write, and takes what we write to them.

Durations are microseconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from cti_adapters.webhook.events import Kind
from router.core.durations import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from router.foreign_json import Pointer
from router.outgoing.requests import Destination
from router.outgoing.templates import Body, Template

Encoding = Literal["hex", "base64"]


class SigningScheme(msgspec.Struct, frozen=True, kw_only=True):
    """An HMAC-SHA256 over ``signed``, whose places are ``timestamp`` and ``body``.

    ``secret`` signs; ``previous`` is still believed while a secret is being changed. Without a
    ``timestamp_header`` nothing says when something was signed.
    """

    header: str
    secret: bytes
    previous: bytes | None = None
    prefix: str = ""  # of the header's value, such as "sha256="
    encoding: Encoding = "hex"
    timestamp_header: str = ""
    signed: Template
    tolerance: int = 5 * MINUTE  # either way, between the timestamp and now

    def __repr__(self) -> str:
        return f"SigningScheme({self.header!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("header", self.header)]


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one of ``values`` stands there; with none, whether anything does."""

    at: Pointer
    values: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of event is found in a body, and where its parts stand.

    ``items`` leads to a list; without it the body itself is the one item. ``fields`` stand in the
    item, ``whole`` in the body around it. The first rule whose ``when`` holds for an item has it.
    """

    kind: Kind
    items: Pointer | None = None
    when: Sign | None = None
    fields: dict[str, Pointer] = {}
    whole: dict[str, Pointer] = {}
    attachment_url: Pointer = ()  # inside each of ``attachments``


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """A service asks by GET whether we are who it means: the query's ``challenge`` is sent back
    when its ``token`` is the one that was agreed.
    """

    challenge: str
    token: str
    expected: str

    def __repr__(self) -> str:
        return f"Handshake({self.challenge!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("challenge", self.challenge)]


class IncomingSettings(msgspec.Struct, frozen=True, kw_only=True):
    signature: SigningScheme
    rules: tuple[Rule, ...]
    handshake: Handshake | None = None
    order_within: int = 300 * MILLISECOND  # that an event waits for those before it


class OutgoingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how what we write is handed over. ``answer_id``: where its answer says by which id
    the service knows it.
    """

    destination: Destination
    path: tuple[Template, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    signature: SigningScheme | None = None
    id_header: str = "Idempotency-Key"
    body: Body
    answer_id: Pointer | None = None
    ca_file: Path | None = None
    timeout: int = 10 * SECOND  # of everything, from finding the host to the last byte
    give_up_after: int = DAY
    at_once: int = 8  # conversations that are written to at a time

    def __repr__(self) -> str:
        return f"Outgoing({self.destination.host!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("host", self.destination.host)]


class HookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``label`` is the service's name, as agents read it. Without ``outgoing`` nothing is sent."""

    id: str  # begins the ids of all that came this way: it never changes
    label: str
    entry_point: str
    incoming: IncomingSettings
    outgoing: OutgoingSettings | None = None
    reopens_within: int = 7 * DAY  # who answered last is asked first for so long …
    same_agent_for: int = 4 * HOUR  # … and has it to themselves for so long
