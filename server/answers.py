"""What routes answer: msgspec structs as JSON, and the versions writers must have seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from fastapi import Response

from router.core.events import Rejected
from router.ports import Accepted, Outcome
from server.errors import ApiError, rejected

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

MARK = "__gives__"
NEWEST_VERSION = 2**31 - 1  # what every database can be asked for


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A write took effect; ``position`` is its place in the journal."""

    position: int


def gives(kind: object) -> Callable[[Endpoint], Endpoint]:
    """Tell the OpenAPI document what the body of the route's success is."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, MARK, kind)
        return endpoint

    return mark


def answer(body: object, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    """``body`` as JSON."""
    encoded = msgspec.json.encode(body)
    return Response(encoded, status, media_type="application/json", headers=headers)


def accepted(outcome: Outcome) -> Accepted:
    """What took effect. Raises ``ApiError`` when the core refused it."""
    if isinstance(outcome, Rejected):
        raise rejected(outcome)
    return outcome


def done(outcome: Outcome) -> Response:
    """The outcome of a command. Raises ``ApiError`` when the core refused it."""
    return answer(Done(position=accepted(outcome).position))


def seen_version(if_match: str | None) -> int:
    """The version a writer has seen, from ``If-Match``. Raises ``ApiError``."""
    if if_match is None:
        raise ApiError(428, "version_required", "Send If-Match with the version you have seen.")
    text = if_match.strip().removeprefix("W/").strip('"')
    number = int(text) if text.isdecimal() and text.isascii() and len(text) <= 10 else -1
    if not 0 <= number <= NEWEST_VERSION:
        raise ApiError(400, "bad_version", 'If-Match takes a version in quotes, e.g. "3".')
    return number
