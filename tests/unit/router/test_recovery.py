"""Snapshot and tail together give the state that the whole journal gives."""

from __future__ import annotations

import pytest

from router.core.commands import SetReady, SignIn
from router.core.events import ContactArrived, Entry, Held, Offered
from router.core.machine import RoutingCore
from router.core.state import State
from router.journal.memory import MemoryJournal
from router.ports import JournalDamaged, Snapshot
from router.recovery import copy_of, recover
from tests.unit.router.core.centre import Centre, agent, queue


def entry(position: int) -> Entry:
    arrived = ContactArrived(
        contact=f"k{position}", sequence=1, channel="voice", direction="inbound"
    )
    return Entry(position=position, at=position, cause=f"c{position}", by="", events=(arrived,))


async def journal_of(count: int) -> MemoryJournal:
    journal = MemoryJournal()
    await journal.append([entry(position) for position in range(1, count + 1)])
    return journal


def snapshot_at(count: int) -> Snapshot:
    state = State()
    for position in range(1, count + 1):
        state.apply_entry(entry(position))
    return Snapshot(position=count, at=count, body=state.snapshot())


async def test_without_a_snapshot_every_entry_is_folded() -> None:
    state = await recover(await journal_of(5))
    assert state.position == 5
    assert len(state.contacts) == 5


async def test_an_empty_journal_is_an_empty_state() -> None:
    assert (await recover(MemoryJournal())).position == 0


@pytest.mark.parametrize("count", [1, 4, 7])
async def test_snapshot_and_tail_equal_the_whole(count: int) -> None:
    journal = await journal_of(7)
    whole = await recover(journal)
    await journal.save_snapshot(snapshot_at(count))
    assert (await recover(journal)).snapshot() == whole.snapshot()


async def test_what_was_recovered_can_decide_at_once() -> None:
    centre = Centre(queue(), agent("ann"))
    centre.arrive("k1")
    journal = MemoryJournal()
    await journal.append(centre.log)
    core = RoutingCore(await recover(journal))
    core.handle(SignIn(id="in", agent="ann"), centre.at)
    ready = core.handle(SetReady(id="ready", agent="ann"), centre.at)
    assert isinstance(ready, list)
    assert any(isinstance(event, Offered) and event.contact == "k1" for event in ready)


@pytest.mark.parametrize(
    "useless",
    [
        Snapshot(position=3, at=3, body=b"not a state"),
        Snapshot(position=3, at=3, body=b""),
        Snapshot(position=3, at=3, body=snapshot_at(2).body),
    ],
    ids=["other bytes", "empty", "another position"],
)
async def test_a_snapshot_that_cannot_be_used_costs_only_time(useless: Snapshot) -> None:
    journal = await journal_of(5)
    await journal.save_snapshot(useless)
    assert (await recover(journal)).snapshot() == snapshot_at(5).body


async def test_an_entry_that_does_not_fit_is_named() -> None:
    journal = await journal_of(2)
    held = Entry(position=3, at=3, cause="c", by="", events=(Held(contact="nobody", sequence=1),))
    await journal.append([held])
    with pytest.raises(JournalDamaged, match=r"Entry 3 .*backup"):
        await recover(journal)


def test_a_copy_is_independent() -> None:
    state = State()
    state.apply_entry(entry(1))
    copy = copy_of(state)
    copy.apply_entry(entry(2))
    assert set(state.contacts) == {"k1"}
    assert set(copy.contacts) == {"k1", "k2"}
