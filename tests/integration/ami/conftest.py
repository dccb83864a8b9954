"""A scripted PBX, and whoever has a client that is connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.asterisk.fake_ami import FakeAmi
from tests.integration.ami.owner import Owner


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as pbx:
        yield pbx


@pytest.fixture
async def owner(pbx: FakeAmi) -> AsyncIterator[Owner]:
    owner = Owner(port=pbx.port)
    await owner.client.start()
    await owner.until("FullyBooted")
    yield owner
    await owner.client.stop()
