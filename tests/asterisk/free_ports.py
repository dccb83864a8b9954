"""Ports that nobody listens on, below those that the system gives to outgoing connections.

A server that is killed and started again keeps its ports, so none of them may be handed to a
client in between, nor to a test of another process: each is marked in a file that all share.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import random
import socket
import tempfile
from pathlib import Path

_RANGE = range(10_000, 16_384)
_given: set[int] = set()


def free_port(together: int = 1) -> int:
    """A port of 127.0.0.1, free for UDP and TCP, and given to nobody else while this process
    lives; the first of so many ``together``.
    """
    for port in random.sample(_RANGE, len(_RANGE)):
        ports = range(port, port + together)
        if _given.isdisjoint(ports) and _are_free(ports) and _are_ours(ports):
            _given.update(ports)
            return port
    raise OSError(f"no free port from {_RANGE.start} to {_RANGE.stop - 1}; close something")


def has_port(process: int, port: int) -> bool:
    """Whether the process has the UDP port of 127.0.0.1."""
    address = f"0100007F:{port:04X}"  # as on all machines that store the lower byte first
    table = Path("/proc/net/udp").read_text(encoding="ascii").splitlines()
    owned = {f"socket:[{row[9]}]" for line in table if (row := line.split())[1] == address}
    return not owned.isdisjoint(_open_files(process))


def _open_files(process: int) -> set[str]:
    found = set()
    with contextlib.suppress(FileNotFoundError):  # the process has ended
        for file in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was closed
                found.add(str(file.readlink()))
    return found


def _are_free(ports: range) -> bool:
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return all(_is_free(port, kind) for port in ports for kind in kinds)


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _are_ours(ports: range) -> bool:
    """Locks one byte for each; the system unlocks them when this process ends."""
    try:
        fcntl.lockf(_marks(), fcntl.LOCK_EX | fcntl.LOCK_NB, len(ports), ports.start)
    except OSError:
        return False
    return True


@functools.cache
def _marks() -> int:
    """Never closed: that would unlock everything."""
    path = Path(tempfile.gettempdir()) / f"patchbay-test-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
