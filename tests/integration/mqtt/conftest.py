"""A broker for the tests of a file, one for a test that ends it, and a centre."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from router.edge.settings import EdgeSettings
from tests.mqtt.centre import LEEDS, Centre, Peer
from tests.mqtt.centre import centre as a_centre
from tests.mqtt.server import Mosquitto, require_mosquitto


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    require_mosquitto()
    with Mosquitto() as running:
        yield running


@pytest.fixture
def settings(broker: Mosquitto) -> EdgeSettings:
    return EdgeSettings(
        host="127.0.0.1", port=broker.port, clients={"leeds": LEEDS}, figures_every=200_000
    )


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    async with a_centre() as made:
        yield made


@pytest.fixture
def peers() -> Iterator[list[Peer]]:
    """Whoever is put here is ended."""
    made: list[Peer] = []
    yield made
    for peer in made:
        peer.end()
