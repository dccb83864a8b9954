"""Which web pages may talk to this service: the guard against foreign sites.

Browsers say where a request comes from in ``Origin``. Writes and websockets must come from an
address on the list; a missing or ``null`` origin is nobody's page and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class BadOrigin(ValueError):
    """A configured origin cannot be used; the text says what to write instead."""


def normalise_origin(text: str) -> str:
    """``scheme://host[:port]`` in lower case, without a default port. Raises ``BadOrigin``."""
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        raise BadOrigin(f"{text!r} has no valid host or port: write https://host.") from None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    # Compared whole: the parser overlooks what stands around a host in brackets.
    bare = not (parts.path.strip("/") or parts.query or parts.fragment)
    whole = parts.netloc in (host, f"{host}:{port}")
    if parts.scheme not in DEFAULT_PORTS or not host or not (bare and whole):
        raise BadOrigin(f"{text!r} is not an origin: write it as https://host or http://host:port.")
    suffix = "" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def own_origins(host: str, port: int) -> tuple[str, ...]:
    """The addresses under which a server on ``host`` and ``port`` is reached without a proxy."""
    names = [*LOOPBACK_NAMES]
    if host not in ("", "0.0.0.0", "::", "::1", "localhost", "127.0.0.1"):  # noqa: S104 - compared
        names.append(f"[{host}]" if ":" in host else host)
    return tuple(normalise_origin(f"http://{name}:{port}") for name in names)


class Origins:
    """An allow-list of origins."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = frozenset(normalise_origin(origin) for origin in allowed)

    def allow(self, origin: str | None) -> bool:
        """Whether a request with this ``Origin`` header may go on."""
        if not origin or origin == "null":
            return False
        try:
            return normalise_origin(origin) in self.allowed
        except BadOrigin:
            return False
