"""A socket that is read within limits and until a deadline, and can be cut by another thread."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from typing import Final

from cti_adapters.email.imap.outcomes import Nonsense, Unreachable

_PIECE: Final = 65_536


class BoundedStream:
    """Used by one thread. ``cut`` alone may be called by any other.

    ``deadline`` is a moment of ``time.monotonic``; ``left`` is how many bytes may still come
    before the end of the command.
    """

    def __init__(self, longest_line: int) -> None:
        self.deadline = 0.0
        self.left = 0
        self._longest_line = longest_line
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._cut = False
        self._wakes, self._waker = socket.socketpair()
        self._wakes.settimeout(0)
        self._waker.settimeout(0)

    # -- by any thread ----------------------------------------------------------------------------

    def cut(self) -> None:
        """Whoever reads or writes sees the end of the connection."""
        self._cut = True
        self.wake()
        plain = self._socket
        if plain is not None:
            with contextlib.suppress(OSError):
                # The method of the plain socket: that of a TLS socket forgets its state, which
                # the reading thread is using.
                socket.socket.shutdown(plain, socket.SHUT_RDWR)

    def wake(self) -> None:
        """Ends a ``wait``, now or the next."""
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    # -- by the thread that uses it ---------------------------------------------------------------

    def connect(self, host: str, port: int) -> None:
        self._check()
        made = socket.create_connection((host, port), timeout=self._seconds())
        self._socket = made
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._check()

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Raises ``Nonsense`` when something was sent ahead of the encryption: it may be forged."""
        if self._buffer:
            raise Nonsense("Something was said to us ahead of the encryption: it is not trusted.")
        plain = self._open()
        plain.settimeout(self._seconds())
        self._socket = context.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False
        )
        self._check()
        self._socket.settimeout(self._seconds())
        self._socket.do_handshake()

    def close(self) -> None:
        for one in (self._socket, self._wakes, self._waker):
            if one is not None:
                with contextlib.suppress(OSError):
                    one.close()

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """All of it, in pieces, since a deadline of the socket would be one for each."""
        view = memoryview(data)
        while view:
            plain = self._open()
            plain.settimeout(self._seconds())
            view = view[plain.send(view[:_PIECE]) :]

    def readline(self) -> bytes:
        """Up to the line's end; empty when the connection ended."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            if len(self._buffer) > self._longest_line:
                raise Nonsense("The mail server sent a line without end.")
            searched = len(self._buffer)
            if not self._receive():
                return b""
        if end > self._longest_line:
            raise Nonsense("The mail server sent a line without end.")
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        """Exactly so many bytes, or fewer when the connection ended."""
        if size > self.left + len(self._buffer):
            raise Nonsense("The mail server sends more than was asked of it.")
        while len(self._buffer) < size and self._receive():
            pass
        return self._take(min(size, len(self._buffer)))

    def wait(self, seconds: float) -> bool:
        """Whether something can be read before so many seconds are over or somebody wakes us."""
        if self._buffer or self._pending():
            return True
        ready, _, _ = select.select([self._open(), self._wakes], [], [], max(seconds, 0))
        self._check()
        return any(one is not self._wakes for one in ready)

    def woken(self) -> bool:
        """Whether somebody woke us since this was asked before."""
        with contextlib.suppress(BlockingIOError):
            return bool(self._wakes.recv(_PIECE))
        return False

    def _pending(self) -> bool:
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def _receive(self) -> bool:
        if self.left <= 0:
            raise Nonsense("The mail server sends more than was asked of it.")
        plain = self._open()
        plain.settimeout(self._seconds())
        data = plain.recv(min(_PIECE, self.left))
        self.left -= len(data)
        self._buffer += data
        self._check()
        return bool(data)

    def _take(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return taken

    def _open(self) -> socket.socket:
        self._check()
        if self._socket is None:
            raise Unreachable("There is no connection with the mail server.")
        return self._socket

    def _seconds(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _check(self) -> None:
        if self._cut:
            raise Unreachable("The connection with the mail server was given up.")
