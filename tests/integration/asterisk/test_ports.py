"""Tests that run at the same time do not take each other's ports."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys

import pytest

from tests.asterisk import free_ports, sipp
from tests.asterisk.free_ports import free_port, has_port
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Caller

TAKES_ALL = """
from tests.asterisk import free_ports
free_ports._RANGE = range({port}, {port} + 1)
try:
    free_ports.free_port()
except OSError:
    print("none is left")
"""
DIALPLAN = """
[from-trunk]
exten => _X.,1,Hangup(17)
"""


def test_a_port_is_given_to_one_process_alone() -> None:
    code = TAKES_ALL.format(port=free_port())
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert other.stdout == "none is left\n"


def test_ports_that_belong_together_follow_each_other_and_are_given_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_ports, "_RANGE", range(free_port(4), free_ports._RANGE.stop))
    first = {free_port(2) + step for _ in range(10) for step in range(2)}
    assert first.isdisjoint(free_port() for _ in range(10))


def test_whether_a_process_has_a_port_can_be_seen() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as plain:
        port = free_port()
        assert not has_port(os.getpid(), port)
        plain.bind(("127.0.0.1", port))
        assert has_port(os.getpid(), port)


@pytest.mark.parametrize("which", range(3))
def test_callers_whose_port_somebody_took_first_take_another(
    server: AsteriskServer, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as plain:
        plain.bind(("127.0.0.1", free_port(4)))
        given = [free_port(), free_port(4), free_port()]
        given[which] = plain.getsockname()[1]
        monkeypatch.setattr(
            sipp, "free_port", lambda *asked: given.pop(0) if given else free_port(*asked)
        )
        with Caller("100", refused_with=486).call(server) as callers:
            assert callers.wait().successful == 1
            assert given == []
