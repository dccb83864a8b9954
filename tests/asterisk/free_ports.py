"""Ports that nobody listens on, below those that the system gives to outgoing connections.

A server that is killed and started again keeps its ports, so none of them may be handed to a
client in between.
"""

from __future__ import annotations

import contextlib
import random
import socket

_RANGE = range(10_000, 16_384)
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1, free for UDP and TCP, and never given twice by this process."""
    for port in random.sample(_RANGE, len(_RANGE)):
        if port not in _given and all(
            _is_free(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        ):
            _given.add(port)
            return port
    raise OSError(f"no free port from {_RANGE.start} to {_RANGE.stop - 1}; close something")


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
