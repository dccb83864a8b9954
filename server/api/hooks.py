"""Webhooks: what services send, and what could not be delivered to them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Request, Response

from cti_adapters.webhook.ports import Outgoing, StoreUnavailable
from cti_adapters.webhook.receiving import Code, Refused
from server.answers import answer, gives
from server.errors import ApiError, not_found
from server.guard import GuardedRoute, services_of

router = APIRouter(prefix="/api/v1/hooks", route_class=GuardedRoute, tags=["webhooks"])

LISTED: Final = 200
SLOWED_BY: Final = 0.5  # seconds: who floods waits on each connection, instead of taking our time
_SLOWED: Final[frozenset[Code]] = frozenset({"too_fast", "backlog_full", "bad_signature"})
_RETRY_AFTER: Final[dict[Code, str]] = {"too_fast": "2", "backlog_full": "10"}
MessageId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
HookId = Annotated[str, Path(max_length=64)]

_STATUS: Final[dict[Code, int]] = {
    "unknown_hook": 404,
    "no_handshake": 404,
    "bad_signature": 401,
    "bad_challenge": 400,
    "unreadable": 422,
    "too_fast": 429,
    "backlog_full": 503,
}


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """How many events there were, and how many of them were not known yet. All are kept."""

    events: int
    new: int


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was given up. ``at`` is when it was written, microseconds UTC."""

    id: str
    hook: str
    contact: str
    text: str
    author: str
    at: int
    attempts: int
    reason: str


class DeadLetters(msgspec.Struct, frozen=True, kw_only=True):
    messages: tuple[Undelivered, ...]


@router.get("/dead")
@gives(DeadLetters)
async def list_undelivered(request: Request) -> Response:
    """The newest messages that were given up."""
    found = await services_of(request).hooks.store.dead(LISTED)
    return answer(DeadLetters(messages=tuple(_undelivered(one) for one in found)))


@router.post("/dead/{message}/replay", status_code=204)
async def replay_undelivered(message: MessageId, request: Request) -> Response:
    """It is sent again, with the same id, before what was written after it."""
    outgoing = await _outgoing(request, message)
    if not await services_of(request).hooks.outbox.replay(outgoing):
        raise _settled()
    return Response(status_code=204)


@router.post("/dead/{message}/discard", status_code=204)
async def discard_undelivered(message: MessageId, request: Request) -> Response:
    """It is never sent."""
    outgoing = await _outgoing(request, message)
    if not await services_of(request).hooks.outbox.discard(outgoing):
        raise _settled()
    return Response(status_code=204)


@router.post("/{hook}")
@gives(Taken)
async def receive_hook(hook: HookId, request: Request) -> Response:
    """What a service sends, signed as was agreed with it. What is answered with 200 is durable; the
    same event again has no further effect.
    """
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        received = await services_of(request).hooks.door.receive(hook, headers, body)
    except Refused as refused:
        if refused.code in _SLOWED:
            await asyncio.sleep(SLOWED_BY)
        raise _refused(refused) from None
    except StoreUnavailable as error:
        raise ApiError(503, "not_kept", str(error), {"Retry-After": "5"}) from None
    return answer(Taken(events=received.events, new=received.new))


@router.get("/{hook}")
async def confirm_hook(hook: HookId, request: Request) -> Response:
    """A service asks whether this is the address it means."""
    try:
        challenge = services_of(request).hooks.door.challenge(hook, dict(request.query_params))
    except Refused as refused:
        raise _refused(refused) from None
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(challenge, media_type="text/plain; charset=utf-8", headers=headers)


def _refused(refused: Refused) -> ApiError:
    seconds = _RETRY_AFTER.get(refused.code)
    headers = {"Retry-After": seconds} if seconds else {}
    return ApiError(_STATUS[refused.code], refused.code, str(refused), headers)


def _settled() -> ApiError:
    return ApiError(409, "wrong_state", "This message is no longer among those given up.")


async def _outgoing(request: Request, message: str) -> Outgoing:
    outgoing = await services_of(request).hooks.store.outgoing(message)
    if outgoing is None:
        raise not_found("message", message[:12])
    return outgoing


def _undelivered(outgoing: Outgoing) -> Undelivered:
    return Undelivered(
        id=outgoing.id,
        hook=outgoing.hook,
        contact=outgoing.contact,
        text=outgoing.text,
        author=outgoing.author,
        at=outgoing.at,
        attempts=outgoing.attempts,
        reason=outgoing.reason,
    )
