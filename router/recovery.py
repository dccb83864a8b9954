"""From a stored journal to a state: the newest usable snapshot, then the entries after it."""

from __future__ import annotations

import logging

import msgspec

from router.core.events import Entry
from router.core.state import State
from router.ports import EntriesTrimmed, Journal, JournalDamaged, NotOurVersion, Snapshot

_log = logging.getLogger(__name__)


async def recover(journal: Journal) -> State:
    """The state after the journal's last entry. Raises ``JournalDamaged``.

    A snapshot only saves time: one that cannot be restored is passed over and every entry folded,
    if all of them are still kept.
    """
    snapshot = await journal.load_snapshot()
    state = _restored(snapshot) if snapshot is not None else State()
    state.set_index_aside()
    try:
        async for entry in journal.read(after=state.position):
            _fold(state, entry)
    except EntriesTrimmed as gap:
        raise NotOurVersion(
            f"{gap} No snapshot is there that this version of Patchbay can read: start the version"
            " that wrote the newest one, or put a backup back."
        ) from gap
    state.reindex(state.at)
    return state


def _fold(state: State, entry: Entry) -> None:
    try:
        state.apply_entry(entry)
    except Exception as problem:
        raise JournalDamaged(
            f"Entry {entry.position} of the journal does not fit those before it ({problem!r}):"
            " put a backup of the journal in its place, and report this as a fault in Patchbay."
        ) from problem


def _restored(snapshot: Snapshot) -> State:
    try:
        state = State.restore(snapshot.body)
    except (ValueError, msgspec.MsgspecError) as problem:
        _log.warning("snapshot at %d cannot be restored: %s", snapshot.position, problem)
        return State()
    if state.position != snapshot.position:
        _log.warning("snapshot at %d holds position %d", snapshot.position, state.position)
        return State()
    return state


def copy_of(state: State) -> State:
    """An independent state with the same content."""
    return State.restore(state.snapshot())
