"""What every store of the MQTT edge's position promises (``router.edge.pump``)."""

from __future__ import annotations

import pytest

from crm.database import DatabaseUnavailable
from router.edge.pump import MemoryPosition, PositionStore, PositionUnavailable
from server.mqtt import SqlPosition


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def position(kind, request) -> PositionStore:
    if kind == "memory":
        return MemoryPosition()
    return SqlPosition(request.getfixturevalue("database"), "mqtt/main")


async def test_a_position_is_what_was_saved_last(position):
    assert await position.load() is None
    for at in (7, 9, 3):
        await position.save(at)
        assert await position.load() == at


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_tenants_have_positions_of_their_own(position, database):
    other = SqlPosition(database, "mqtt/other")
    await position.save(7)
    assert await other.load() is None
    await other.save(2)
    assert (await position.load(), await other.load()) == (7, 2)


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_database_that_is_away_is_told_in_a_sentence(position, database, monkeypatch):
    async def away(_what):
        raise DatabaseUnavailable("The disk is full.")

    monkeypatch.setattr(database, "ask", away)
    monkeypatch.setattr(database, "change", away)
    with pytest.raises(PositionUnavailable, match="full"):
        await position.load()
    with pytest.raises(PositionUnavailable, match="full"):
        await position.save(7)
