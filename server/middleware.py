"""What every answer and every request passes: security headers, a body limit, a last resort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import MAX_CHAT_FILE
from config.yaml_nodes import MAX_BYTES
from cti_adapters.email.composing import MAX_CONTENT
from ivr.uploads import MAX_BYTES as MAX_RECORDING
from server.errors import error_response

log = structlog.get_logger(__name__)

KIB = 1024
BODY_LIMIT = 64 * KIB
CATALOG_LIMIT = 2 * MAX_BYTES  # JSON escapes line ends and quotes: what is sent is longer
FLOW_LIMIT = 8 * KIB * KIB
ATTACHMENT_LIMIT = 2 * MAX_CONTENT
MAIL_LIMIT = KIB * KIB
HOOK_LIMIT = 256 * KIB
UPLOAD_LIMIT = 2 * MAX_RECORDING  # who is beyond the real limit is told so in better words
BODY_LIMITS = {  # by the beginning of the address
    "/api/v1/catalog": CATALOG_LIMIT,
    "/api/v1/flows": FLOW_LIMIT,
    "/api/v1/prompts": UPLOAD_LIMIT,
    "/api/v1/chat/": MAX_CHAT_FILE + KIB,
    "/api/v1/mail/files": ATTACHMENT_LIMIT,
    "/api/v1/mail": MAIL_LIMIT,
    "/api/v1/hooks": HOOK_LIMIT,
}

BASE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NO_DEVICES = "camera=(), geolocation=(), payment=(), usb=()"
EMBEDDABLE = ("/chat", "/chat/widget.js")
DESK = "/desk"
STUDIO = "/studio"


def content_security_policy(
    frame_ancestors: Iterable[str],
    connect_to: Iterable[str] = ("'self'",),
    frames: str = "'none'",
) -> str:
    """Nothing inline, nothing from elsewhere; framed only by ``frame_ancestors``, framing only
    ``frames``.
    """
    parts = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "media-src": "'self' data: blob:",
        "connect-src": " ".join(connect_to),
        "frame-src": frames,
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": " ".join(frame_ancestors) or "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class SecurityHeaders:
    """Adds the headers. The chat page may be framed by the sites that carry the widget; the desk
    may talk to the agents' telephone systems and, when there are any, use the microphone, and shows
    mails in frames; the studio may use it to record prompts. An answer's own policy stands.
    """

    def __init__(
        self, app: ASGIApp, chat_sites: Iterable[str] = (), phone_sites: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._policy = content_security_policy(["'self'"])
        self._chat_policy = content_security_policy(["'self'", *chat_sites])
        connect_to = ["'self'", *phone_sites]
        self._desk_policy = content_security_policy(["'self'"], connect_to, "'self'")
        self._microphones = {DESK: "(self)" if phone_sites else "()", STUDIO: "(self)"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), path)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        for name, value in BASE_HEADERS.items():
            headers.setdefault(name, value)
        embeddable = path in EMBEDDABLE
        headers.setdefault("Content-Security-Policy", self._policy_of(path))
        microphone = self._microphones.get(path, "()")
        headers["Permissions-Policy"] = f"{NO_DEVICES}, microphone={microphone}"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if embeddable else "same-origin"
        if path.startswith("/api/"):
            headers["Cache-Control"] = "no-store"

    def _policy_of(self, path: str) -> str:
        if path in EMBEDDABLE:
            return self._chat_policy
        return self._desk_policy if path == DESK else self._policy


class BodyLimit:
    """Refuses a request body above the limit of its address with 413, without reading it all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = _limit(scope["path"])
        if _announced(scope) > limit:
            await error_response(413, "too_large", "The request body is too large.")(
                scope, receive, send
            )
            return
        await self._app(scope, _counting(receive, limit), send)


def _limit(path: str) -> int:
    return next((most for begin, most in BODY_LIMITS.items() if path.startswith(begin)), BODY_LIMIT)


def _announced(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() and len(value) < 20 else 0


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413)
        return message

    return counted


class LastResort:
    """Our own bugs become a 500 of the usual shape, logged with everything we know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.error("request_failed", path=scope["path"], exc_info=error)  # noqa: TRY400
            message = "Something went wrong inside Patchbay: try again."
            await error_response(500, "internal", message)(scope, receive, send)
