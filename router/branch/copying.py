"""The branch's copy of the log: the state folded from it, what flows ask, and who is told of both.

It is kept on the disk, so that calls are looked after when the centre cannot be reached.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from router.branch.following import Following
from router.branch.keeping import Keeping
from router.branch.messages import Prompts, Told
from router.branch.store import BranchStore
from router.core.events import Entry
from router.core.model import ContactState
from router.core.state import State
from router.journal.codec import RecordDamaged, decode, decode_snapshot
from router.ports import FlowPrompt
from router.replica import Replica

TRIES_AGAIN: Final = 2.0  # seconds, when calls could not be taken up

log = logging.getLogger(__name__)

OnEntry = Callable[[Entry], Awaitable[None]]
OnAnew = Callable[[], Awaitable[None]]


class LogCopy:
    """``open`` it; ``following`` says what it lacks. ``on_entry`` is told of each entry,
    ``on_anew`` of another state in place of the one there was.
    """

    def __init__(self, store: BranchStore) -> None:
        self.replica = Replica(State())
        self.following = Following(0, 0, 0)
        self.keeping = Keeping(store, self.replica)
        self.on_entry: OnEntry | None = None
        self.on_anew: OnAnew | None = None
        self._store = store
        self._prompts: Prompts = {}
        self._anew = asyncio.Event()  # another state, of which ``on_anew`` was not told

    def open(self) -> None:
        """Take up what is on the disk. Raises ``BranchFolderUnusable``."""
        state = self._store.load_state()
        if state is not None:
            self.replica.state = state
        now = self.replica.state
        self.following = Following(now.position, now.at, self._store.last_session())

    def prompt(self, contact: str) -> FlowPrompt | None:
        """What its flow asks; None when it is in no flow."""
        live = self.replica.state.contacts.get(contact)
        if live is None or live.state is not ContactState.IN_FLOW:
            return None
        return self._prompts.get(contact)

    async def fold(self, told: Told) -> bool:
        """Whether it fits. If not, the copy is of no use, and ``following`` asks for all of it."""
        try:
            entry = decode(told.record)
            self.replica.feed(entry)
        except (RecordDamaged, ValueError, KeyError) as problem:
            log.warning("an entry of the log does not fit, the state is asked anew: %s", problem)
            self.following.reached(0, 0)
            return False
        self.following.reached(entry.position, entry.at)
        self.keeping.note(entry.position, told.record)
        self.note_prompts(told.prompts)
        if self.on_entry is not None and not self._anew.is_set():
            await self.on_entry(entry)
        return True

    def begin_anew(self, body: bytes) -> None:
        """``body`` is a sealed snapshot of the centre's state."""
        try:
            state = State.restore(decode_snapshot(body).body)
        except (RecordDamaged, msgspec.MsgspecError, ValueError, KeyError) as problem:
            log.warning("the state of the centre cannot be read: %s", problem)
            return
        log.info("the state of the centre came whole, up to entry %d", state.position)
        self.replica.state = state
        self.keeping.begin_anew(state.position, body)
        self._prompts = {}
        self.following.reached(state.position, state.at)
        self._anew.set()

    def note_prompts(self, prompts: Prompts) -> None:
        self._prompts |= prompts
        contacts = self.replica.state.contacts
        if len(self._prompts) > 2 * len(contacts) + 100:
            self._prompts = {one: self._prompts[one] for one in self._prompts if one in contacts}

    async def tell_anew(self) -> None:
        """Until it is cancelled: apart from the connection, whose end must not keep anybody from
        hearing of it.
        """
        while True:
            await self._anew.wait()
            self._anew.clear()
            try:
                if self.on_anew is not None:
                    await self.on_anew()
            except Exception:
                log.exception("calls could not be taken up; it is tried again")
                self._anew.set()
                await asyncio.sleep(TRIES_AGAIN)
