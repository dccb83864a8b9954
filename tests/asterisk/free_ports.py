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


def free_port(together: int = 1) -> int:
    """A port of 127.0.0.1, free for UDP and TCP, and never given twice by this process; the first
    of so many ``together``.
    """
    for port in random.sample(_RANGE, len(_RANGE)):
        ports = range(port, port + together)
        if _given.isdisjoint(ports) and all(
            _is_free(one, kind) for one in ports for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        ):
            _given.update(ports)
            return port
    raise OSError(f"no free port from {_RANGE.start} to {_RANGE.stop - 1}; close something")


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
