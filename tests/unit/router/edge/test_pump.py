"""``router.edge.pump``: a position never passes what the broker has not confirmed."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.edge.connection import BrokerRefuses
from router.edge.naming import Topics
from router.edge.pump import EventPump, MemoryPosition, PositionUnavailable, Window
from router.edge.settings import Privacy


def settled(problem: BaseException | None = None) -> asyncio.Future[None]:
    future = asyncio.get_running_loop().create_future()
    if problem is None:
        future.set_result(None)
    else:
        future.set_exception(problem)
    return future


@given(st.lists(st.integers(0, 3), max_size=12), st.randoms())
def test_all_up_to_where_it_stands_is_confirmed(sizes, chance):
    async def confirmed_in_any_order() -> None:
        window, missing = Window(), []
        for position, size in enumerate(sizes, start=1):
            window.add(position, size)
            missing += [position] * size
        chance.shuffle(missing)
        while missing:
            assert window.reached < min(missing)
            assert window.reached == min(missing) - 1
            window.done(missing.pop(), settled())
        assert window.reached == len(sizes)
        await window.empty()

    asyncio.run(confirmed_in_any_order())


async def test_what_was_given_up_with_a_connection_is_not_confirmed():
    window = Window()
    window.add(7, 1)
    lost = settled()
    lost = asyncio.get_running_loop().create_future()
    lost.cancel()
    window.done(7, lost)
    assert window.reached == 0


async def test_a_message_that_is_refused_ends_it_and_moves_nothing():
    window = Window()
    window.add(7, 1)
    window.add(8, 1)
    window.done(8, settled(BrokerRefuses("no")))
    window.done(7, settled())
    assert window.reached == 7
    with pytest.raises(BrokerRefuses):
        await window.fails()


class Unavailable(MemoryPosition):
    async def save(self, position: int) -> None:
        raise PositionUnavailable(f"no room for {position}")


def pump(store: MemoryPosition) -> EventPump:
    return EventPump(lambda _after: _nothing(), store, Topics("main"), Privacy())


async def _nothing():
    return
    yield


@pytest.mark.parametrize(("kept", "begins"), [(None, 9), (4, 4), (9, 9), (12, 9)])
async def test_it_begins_where_it_was_left_or_now(kept, begins):
    store = MemoryPosition(kept)
    made = pump(store)
    await made.begin(9)
    assert made.position == begins
    assert store.position == begins


async def test_a_position_that_cannot_be_kept_stops_nothing(caplog):
    made = pump(Unavailable(4))
    await made.begin(9)
    made.position = 6
    await made.save()
    assert "cannot be kept" in caplog.text
