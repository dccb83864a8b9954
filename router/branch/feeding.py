"""The log out to one branch, in one session: from where it stands, or as the state in pieces."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from typing import Final

from router.branch.judging import is_own
from router.branch.messages import LARGEST_DOWN, PIECE, Asks, Hello, Piece, Prompts, Told, write
from router.branch.parts import CentreParts
from router.branch.serving import Session
from router.branch.withheld import image_for, withheld
from router.core.events import Entry, FlowAdvanced
from router.core.model import ContactState
from router.journal.codec import encode, encode_snapshot
from router.ports import EntriesTrimmed, Snapshot

FARTHEST: Final = 20_000  # entries a branch may lack; who lacks more gets a snapshot
PROMPTS_AT_ONCE: Final = 50

log = logging.getLogger(__name__)

Tell = Callable[[bytes], None]


class Feed:
    """``run`` it for as long as the ``session`` lasts; ``go_on`` when the branch has more of it."""

    def __init__(
        self, parts: CentreParts, session: Session, systems: Collection[str], tell: Tell
    ) -> None:
        self._parts = parts
        self._session = session
        self._systems = systems
        self._tell = tell
        self._moved = asyncio.Event()

    def go_on(self) -> None:
        """There is room again."""
        self._moved.set()

    async def run(self, hello: Hello) -> None:
        """Everything after what the branch has. Raises ``EngineStopped``."""
        position = hello.position if await self._continues(hello) else None
        while True:
            if position is None:
                position = self._send_state()
            self._session.sent = position
            self._send_prompts()
            try:
                await self._send_entries(position)
            except EntriesTrimmed:
                position = None
            else:
                return

    async def _continues(self, hello: Hello) -> bool:
        """Whether the branch's copy is of this log, and not too far behind."""
        now = self._parts.replica.position
        if not 0 < hello.position <= now or now - hello.position > FARTHEST:
            return False
        entries = self._parts.follow(hello.position - 1)
        try:
            return (await anext(entries)).at == hello.at
        except (EntriesTrimmed, StopAsyncIteration):
            return False
        finally:
            await _close(entries)

    # -- the state ----------------------------------------------------------------------------

    def _send_state(self) -> int:
        position = self._parts.replica.position
        state = self._parts.replica.state
        image = image_for(state, self._systems)
        body = encode_snapshot(Snapshot(position=position, at=state.at, body=image))
        pieces = range(0, len(body), PIECE)
        for number, begin in enumerate(pieces):
            piece = Piece(
                session=self._session.number,
                position=position,
                number=number,
                of=len(pieces),
                body=body[begin : begin + PIECE],
            )
            self._tell(write(piece))
        self._session.has = position
        return position

    def _send_prompts(self) -> None:
        contacts = self._parts.replica.state.contacts.values()
        asked = [
            one.id
            for one in contacts
            if one.state is ContactState.IN_FLOW and is_own(one.id, self._systems)
        ]
        for begin in range(0, len(asked), PROMPTS_AT_ONCE):
            some = asked[begin : begin + PROMPTS_AT_ONCE]
            self._send_asks({one: self._parts.flows.prompt(one) for one in some})

    def _send_asks(self, prompts: Prompts) -> None:
        """Halved until it can be read there."""
        asks = write(Asks(session=self._session.number, prompts=prompts))
        if len(asks) <= LARGEST_DOWN:
            self._tell(asks)
        elif len(prompts) > 1:
            both = list(prompts.items())
            for half in (both[: len(both) // 2], both[len(both) // 2 :]):
                self._send_asks(dict(half))
        else:
            log.error("a branch is not told what is asked of %s: it is too long", *prompts)

    # -- entries ------------------------------------------------------------------------------

    async def _send_entries(self, after: int) -> None:
        entries = self._parts.follow(after)
        try:
            async for entry in entries:
                while not self._session.room:
                    self._moved.clear()
                    await self._moved.wait()
                told = self._told(entry)
                if len(told) > LARGEST_DOWN:  # the state goes in pieces
                    raise EntriesTrimmed(entry.position, entry.position)
                self._session.sent = entry.position
                self._tell(told)
        finally:
            await _close(entries)

    def _told(self, entry: Entry) -> bytes:
        told = Told(
            session=self._session.number,
            position=entry.position,
            record=encode(withheld(entry, self._systems)),
            prompts=self._prompts_by(entry),
        )
        return write(told)

    def _prompts_by(self, entry: Entry) -> Prompts:
        turned = {
            event.contact
            for event in entry.events
            if isinstance(event, FlowAdvanced) and is_own(event.contact, self._systems)
        }
        return {contact: self._parts.flows.prompt(contact) for contact in sorted(turned)}


async def _close(entries: AsyncIterator[Entry]) -> None:
    close = getattr(entries, "aclose", None)
    if close is not None:
        with suppress(RuntimeError):
            await close()
