"""The control connection to a baresip process: commands go out, events come in.

Each message is JSON, written as "length:text,".
"""

from __future__ import annotations

import json
import socket
import threading
import time

Event = dict[str, object]


class Control:
    """Events are read in a thread of its own, so that baresip never waits for a test."""

    def __init__(self, port: int, *, timeout: float = 10) -> None:
        """Raises ConnectionError, when nobody listens in time."""
        self._socket = _connected(port, timeout)
        self.events: list[Event] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()

    def command(self, name: str, parameter: str = "") -> None:
        text = json.dumps({"command": name, "params": parameter, "token": name}).encode()
        self._socket.sendall(b"%d:%s," % (len(text), text))

    def _read(self) -> None:
        pending = b""
        while data := self._receive():
            pending += data
            while (found := _first(pending)) is not None:
                message, pending = found
                self.events.append(message)

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65_536)
        except OSError:
            return b""


def _first(pending: bytes) -> tuple[Event, bytes] | None:
    length, colon, rest = pending.partition(b":")
    if not colon or len(rest) <= int(length):
        return None
    message = json.loads(rest[: int(length)].decode(errors="replace"))
    return message, rest[int(length) + 1 :]


def _connected(port: int, timeout: float) -> socket.socket:
    end = time.monotonic() + timeout
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
