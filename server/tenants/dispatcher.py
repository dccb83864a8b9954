"""Which tenant a connection is for: by the Host it names, exactly, and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import error_response
from server.tenants.door import answer

NOBODY: Final = "No centre is served under this name: check the address."
MISDIRECTED: Final = 421


class Dispatcher:
    """An ASGI application over those of the tenants, by their hosts. What comes in at the
    operator's port is the ``operator``'s, whatever host it names.
    """

    def __init__(
        self,
        doors: Mapping[str, tuple[str, ASGIApp]],
        operator_port: int | None = None,
        operator: ASGIApp | None = None,
    ) -> None:
        """``doors``: by host, the tenant's id and its application."""
        self._doors = doors
        self._operator_port = operator_port
        self._operator = operator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._operator is not None and _port_of(scope) == self._operator_port:
            await self._operator(scope, receive, send)
            return
        found = self._doors.get(host_of(scope))
        if found is None:
            response = error_response(MISDIRECTED, "unknown_host", NOBODY)
            await answer(response, scope, receive, send)
            return
        tenant, app = found
        structlog.contextvars.bind_contextvars(tenant=tenant)  # of this connection's task alone
        await app(scope, receive, send)


def host_of(scope: Scope) -> str:
    """The name that the request gives, in lower case and without a port; empty when it gives
    none, more than one, or something else.
    """
    given: list[bytes] = [value for name, value in scope["headers"] if name == b"host"]
    if len(given) != 1:
        return ""
    try:
        text = given[0].decode("ascii").lower()
    except UnicodeDecodeError:
        return ""
    name, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text
    return name if port.isdigit() and len(port) <= 5 else ""


def _port_of(scope: Scope) -> int | None:
    server: tuple[str, int | None] | None = scope.get("server")
    return server[1] if server else None
