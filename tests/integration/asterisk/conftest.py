"""One Asterisk for all tests of a file; telephones that each test starts anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.asterisk.baresip import Phone
from tests.asterisk.installed import ROOT, missing
from tests.asterisk.server import AsteriskServer
from tests.integration.asterisk.router import DIALPLAN

NUMBER = "+441632960001"
ANN, BEN, CHI, CALLER = 1000, 1200, 1400, 440  # hertz: the voices


@pytest.fixture(scope="module")
def server() -> Iterator[AsteriskServer]:
    reason = missing(ROOT, "baresip", "sipp")
    if reason:
        pytest.skip(reason)
    with AsteriskServer(DIALPLAN) as running:
        yield running


@pytest.fixture
def line(server: AsteriskServer) -> Iterator[AsteriskServer]:
    """The server, cleared of what a failed test left."""
    yield server
    for name in server.channels():
        with server.judge() as judge:
            judge.do("Hangup", Channel=name)


@pytest.fixture
def ann(line: AsteriskServer) -> Iterator[Phone]:
    with Phone(line, "ann", frequency=ANN) as phone:
        yield phone


@pytest.fixture
def ben(line: AsteriskServer) -> Iterator[Phone]:
    with Phone(line, "ben", frequency=BEN) as phone:
        yield phone


@pytest.fixture
def chi(line: AsteriskServer) -> Iterator[Phone]:
    with Phone(line, "chi", frequency=CHI) as phone:
        yield phone


@pytest.fixture
def caller(line: AsteriskServer) -> Iterator[Phone]:
    with Phone(line, NUMBER, frequency=CALLER, registers=False) as phone:
        yield phone
