"""Is it alive, is it ready, and its figures for Prometheus."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from server.answers import answer, gives
from server.guard import GuardedRoute, services_of

router = APIRouter(route_class=GuardedRoute, tags=["service"])


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    alive: bool = True


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """``reasons`` are sentences for the operator; there are none when it is ready.

    ``warnings`` want an operator as well, but keep no contact out.
    """

    ready: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    position: int


@router.get("/healthz")
@gives(Alive)
async def healthz() -> Response:
    return answer(Alive())


@router.get("/readyz")
@gives(Ready)
async def readyz(request: Request) -> Response:
    """200 when contacts can be taken in, 503 with the reasons otherwise."""
    services = services_of(request)
    reasons = await services.not_ready_because()
    body = Ready(
        ready=not reasons,
        reasons=tuple(reasons),
        warnings=tuple(services.warnings()),
        position=services.replica.position,
    )
    return answer(body, status=503 if reasons else 200)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text."""
    body, content_type = services_of(request).metrics()
    return PlainTextResponse(body, media_type=content_type)
