"""``router.branch.copying``: what does not fit is asked for anew, and nobody acts on it."""

from __future__ import annotations

import pytest

from router.branch.copying import LogCopy
from router.branch.messages import Told
from router.branch.store import BranchStore
from router.core.events import Entry
from router.core.state import State
from router.journal.codec import encode, encode_snapshot
from router.ports import FlowPrompt, Snapshot


@pytest.fixture
async def copy(tmp_path):
    store = BranchStore(tmp_path)
    store.open()
    made = LogCopy(store)
    made.open()
    yield made
    await store.close()


def told(position, **more):
    entry = Entry(position=position, at=position, cause="x", by="x", events=())
    return Told(session=5, position=position, record=encode(entry), **more)


async def test_each_entry_is_told_and_kept(copy):
    heard = []

    async def hear(entry):
        heard.append(entry.position)

    copy.on_entry = hear
    assert await copy.fold(told(1, prompts={}))
    assert await copy.fold(told(2, prompts={}))
    assert heard == [1, 2]
    assert copy.following.position == copy.replica.position == 2
    assert not copy.keeping.done


@pytest.mark.parametrize("record", [b"", b"no record", told(7, prompts={}).record])
async def test_an_entry_that_does_not_fit_makes_the_copy_worth_nothing(copy, record):
    await copy.fold(told(1, prompts={}))
    bad = Told(session=5, position=2, record=record, prompts={})
    assert not await copy.fold(bad)
    assert copy.following.position == 0
    assert copy.replica.position == 1


async def test_a_state_that_cannot_be_read_leaves_everything_as_it_was(copy):
    await copy.fold(told(1, prompts={}))
    copy.begin_anew(b"no snapshot")
    assert copy.replica.position == copy.following.position == 1


async def test_what_comes_behind_another_state_is_told_with_it(copy):
    """Who begins anew looks at the state themselves: an entry before that would be a riddle."""
    heard = []

    async def hear(entry):
        heard.append(entry.position)

    copy.on_entry = hear
    state = State()
    state.position, state.at = 3, 3
    copy.begin_anew(encode_snapshot(Snapshot(position=3, at=3, body=state.snapshot())))
    assert await copy.fold(told(4, prompts={}))
    assert heard == []
    assert copy.replica.position == 4


async def test_questions_of_calls_that_are_over_are_forgotten(copy):
    asked = FlowPrompt(turn=1, kind="play")
    copy.note_prompts({f"lee:{number}": asked for number in range(101)})
    assert copy._prompts == {}
    assert copy.prompt("lee:1") is None
