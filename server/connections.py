"""uvicorn's connections with the limits it leaves out: nobody holds one, or memory, for nothing."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

ARRIVING = (h11.IDLE, h11.SEND_BODY)


class PunctualHttp(H11Protocol):
    """A request must be there, to its last byte, ``request_seconds`` after it is awaited.

    Between two requests the server's own, shorter patience counts.
    """

    request_seconds: ClassVar[float] = 20.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = OneAfterAnother(transport, self.conn)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A request that became a websocket is there, though h11 never saw its end.
        upgraded = self.transport.get_protocol() is not self
        if not upgraded and self.conn.their_state in ARRIVING:
            self._await_request()
        else:
            self._cancel_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def _await_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.request_seconds, self.transport.abort)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class OneAfterAnother(FlowControl):
    """Reads nothing more while a request is answered and the next one is here already.

    uvicorn reads on whenever an application asks for the body, which it has: of somebody who
    writes requests without waiting for answers it keeps up to 256 KiB more with each answer.
    """

    def __init__(self, transport: asyncio.Transport, connection: h11.Connection) -> None:
        super().__init__(transport)
        self._connection = connection

    def resume_reading(self) -> None:
        if self.read_paused and not self._next_is_here():
            super().resume_reading()

    def _next_is_here(self) -> bool:
        asked, answered = self._connection.their_state, self._connection.our_state
        being_answered = asked is h11.DONE and answered is not h11.DONE
        return being_answered and bool(self._connection.trailing_data[0])


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """What a peer does not read is bounded, and a connection that must go does go."""

    max_fragments: ClassVar[int] = 256  # of one message: empty ones count in no limit on bytes

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:  # it asks without listening: the answers would pile up here
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < self.max_fragments:
            super().handle_cont(event)
        else:
            self.transport.abort()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()  # closing would wait for it to read what is left

    async def send(self, message: Any) -> None:  # noqa: ANN401 - any message of ASGI
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # a refusal completes it too, and is no fault to log
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
