"""The gate in front of every API route: origin, session and role, before anything is read."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from server.accounts import Identity
from server.errors import ApiError
from server.roles import OPERATIONS, PUBLIC, SIGNED, VISITORS, may
from server.services import Services

COOKIE = "patchbay_session"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,100}")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route whose name is an operation of the role table; it cannot be built otherwise."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401
        super().__init__(path, endpoint, **options)
        if self.name not in OPERATIONS:
            raise LookupError(f"{self.name} is missing in server.roles.OPERATIONS")

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        operation = self.name

        async def guarded(request: Request) -> Response:
            await admit(request, operation)
            return await handler(request)

        return guarded


async def admit(request: Request, operation: str) -> None:
    """Let the request through or raise ``ApiError``; afterwards ``identity_of`` answers."""
    services = services_of(request)
    origins = services.chat_origins if operation in VISITORS else services.origins
    writes = request.method not in READING and operation not in SIGNED
    if writes and not origins.allow(request.headers.get("origin")):
        raise foreign_origin(request.headers.get("origin"))
    if OPERATIONS[operation] is PUBLIC:
        return
    identity = await services.sign_in.identity(request.cookies.get(COOKIE))
    if identity is None:
        raise ApiError(401, "not_signed_in", "Sign in first.")
    if not may(operation, identity.roles):
        raise ApiError(403, "not_allowed", "Your role does not allow this.")
    request.state.identity = identity


def foreign_origin(origin: str | None) -> ApiError:
    if origin is None:
        message = "Send an Origin header with the address of this server."
    else:
        message = (
            "This page may not talk to Patchbay: add its address to PATCHBAY_ALLOWED_ORIGINS "
            "if it should."
        )
    return ApiError(403, "foreign_origin", message)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def identity_of(request: Request) -> Identity:
    """Who asks. Only for operations that need a sign-in."""
    identity: Identity = request.state.identity
    return identity


def command_id(request: Request) -> str:
    """The command id of a write: the user's ``Idempotency-Key``, else a fresh one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return f"http:{uuid.uuid4()}"
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise ApiError(
            400, "bad_idempotency_key", "Idempotency-Key takes 1 to 100 visible characters."
        )
    return f"http:{identity_of(request).user.id}:{key}"
