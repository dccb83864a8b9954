"""One Asterisk for all tests of a file; telephones that each test plugs in and out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.asterisk.baresip import Phone
from tests.asterisk.installed import require_asterisk
from tests.asterisk.server import AsteriskServer
from tests.integration.asterisk import router

NUMBER = "+442079460018"
ANN, BEN, CHI, CALLER = 1_000, 1_200, 1_400, 440  # hertz: the voices

Plug = Callable[..., Phone]


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[AsteriskServer]:
    """With the ``DIALPLAN`` of the file, if it has one of its own, and its ``SITE``."""
    require_asterisk()
    dialplan = getattr(request.module, "DIALPLAN", router.DIALPLAN)
    with AsteriskServer(dialplan, **getattr(request.module, "SITE", {})) as running:
        yield running


@pytest.fixture
def phone(server: AsteriskServer) -> Iterator[Plug]:
    """Plugs a telephone in; all of them are unplugged, and calls cleared, when the test ends."""
    plugged: list[Phone] = []

    def plug(name: str, **more: object) -> Phone:
        plugged.append(Phone(server, name, **more))  # type: ignore[arg-type]
        plugged[-1].start()
        return plugged[-1]

    yield plug
    for telephone in plugged:
        telephone.kill()
    _clear(server)


@pytest.fixture
def ann(phone: Plug) -> Phone:
    return phone("ann", frequency=ANN)


@pytest.fixture
def ben(phone: Plug) -> Phone:
    return phone("ben", frequency=BEN)


@pytest.fixture
def chi(phone: Plug) -> Phone:
    return phone("chi", frequency=CHI)


@pytest.fixture
def caller(phone: Plug) -> Phone:
    return phone(NUMBER, frequency=CALLER, registers=False)


def _clear(server: AsteriskServer) -> None:
    """Nothing of a test that failed is left to the next."""
    if server.running and (left := server.channels()):
        with server.judge() as judge:
            for name in left:
                judge.do("Hangup", Channel=name)
