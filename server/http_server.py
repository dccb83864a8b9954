"""uvicorn as this service uses it: limits set, signals left to us, shutdown in order."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from server.connections import BoundedWebSocket, PunctualHttp

GRACE_SECONDS = 5


class HttpServer(uvicorn.Server):
    """Ends when ``should_exit`` is set. Signals are handled by ``server.signals``."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises what it captured again afterwards, which would end the process before
        # the engine is stopped and the demo's directory is gone.
        yield


def http_server(app: ASGIApp, *, max_frame: int) -> HttpServer:
    """A server for ``app``; give ``serve`` the sockets to listen on."""
    return HttpServer(
        uvicorn.Config(
            app,
            http=PunctualHttp,
            ws=BoundedWebSocket,
            ws_max_size=max_frame,
            ws_per_message_deflate=False,  # its memory lets few clients exhaust the machine
            ws_ping_interval=20,
            ws_ping_timeout=20,
            lifespan="off",
            log_config=None,
            access_log=False,  # addresses of requests carry names and numbers of customers
            proxy_headers=False,
            server_header=False,
            date_header=True,
            h11_max_incomplete_event_size=32 * 1024,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


class PortTaken(Exception):
    """Nothing can listen there; the text says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket on ``host`` and ``port`` (0: any free one). Raises ``PortTaken``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {port} of {host} cannot be used ({error.strerror}): "
            "end what listens there, or choose another with --port."
        ) from None
    listening.listen(2_048)
    listening.setblocking(False)  # noqa: FBT003 - its only argument
    return listening


def listen_near(host: str, preferred: int) -> socket.socket:
    """A socket on the preferred port, or any free one when it is taken."""
    try:
        return listen(host, preferred)
    except PortTaken:
        return listen(host, 0)
