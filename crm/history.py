"""The customers' timeline, kept by following the journal.

Contacts that have not ended, those that have, and how far the journal was read are stored in one
transaction: after a crash the follower goes on exactly where the database stands, and reading an
entry twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select

from crm import drafts, fold, past
from crm.database import Database, DatabaseUnavailable, upsert
from crm.fold import OpenContact
from crm.models import FollowerRow, OpenContactRow
from crm.past import EndedContact
from router.core import events as e
from router.core.events import Entry
from router.ports import Heard

FOLLOWER: Final = "contact_history"
SAVE_EVERY: Final = 0.25  # seconds: one commit holds what happened meanwhile
FIRST_RETRY, LONGEST_RETRY = 0.5, 30.0  # seconds
MAX_UNSAVED: Final = 2_000  # entries; past it the follower waits for the database
IDLE_ENTRIES: Final = 500  # entries that say nothing here move the stored position this rarely

log = logging.getLogger(__name__)


class _Batch(msgspec.Struct, kw_only=True):
    """What the next commit must bring to the database."""

    changed: dict[str, None] = {}  # contacts, in the order they changed first
    drafts: list[tuple[str, str]] = []  # agent and contact of notes now in the journal


class ContactHistory:
    """See the module. Make one with ``open``; ``close`` saves what is pending.

    ``handle`` only folds and returns; a task saves. While the database is out of reach nothing
    is lost: ``handle`` waits once too much is unsaved, and ``problem`` says why in one sentence.
    """

    def __init__(self, database: Database, position: int, contacts: dict[str, OpenContact]) -> None:
        self.problem = ""
        self._database = database
        self._contacts = contacts
        self._folded = position
        self._saved = position
        self._batch = _Batch()
        self._superseded = False
        self._saving: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    @classmethod
    async def open(cls, database: Database, last: int | None = None) -> ContactHistory:
        """Take up where the database stands.

        ``last`` is the journal's newest position: a database that has read past it followed
        another journal, and begins again with this one.
        """
        position, contacts = await database.ask(_kept)
        if last is not None and position > last:
            await _forget(database)
            position, contacts = 0, []
        return cls(database, position, {contact.contact: contact for contact in contacts})

    async def take_up(self, last: int) -> None:
        """Begin anew with what is stored by now: another node has kept it meanwhile."""
        stored = await ContactHistory.open(self._database, last)
        self._contacts, self._folded = stored._contacts, stored._folded  # noqa: SLF001 - its own
        self._saved = stored._saved  # noqa: SLF001
        self._superseded = False

    def position(self) -> int:
        """The last journal entry that is stored: follow from after it."""
        return self._saved

    def handle(self, entry: Entry) -> Heard:
        """Fold one entry; an entry seen before does nothing."""
        if entry.position <= self._folded or self._superseded:
            return None
        for event in entry.events:
            if isinstance(event, e.ContactEvent):
                self._fold(event, entry.at)
        self._folded = entry.position
        if self._folded - self._saved > MAX_UNSAVED:
            return self.settle()
        if self._batch.changed or self._folded - self._saved >= IDLE_ENTRIES:
            self._start_saving()
        return None

    async def settle(self) -> None:
        """Return once everything handled so far is stored."""
        wanted = self._folded
        self._hurry.set()
        try:
            while self._saved < wanted:
                await asyncio.shield(self._start_saving())
        finally:
            self._hurry.clear()

    async def close(self) -> None:
        """Store what is pending, or leave it: the journal has it, and it is read again."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
        if self._saved < self._folded:
            await self._try_to_save()

    def _fold(self, event: e.ContactEvent, at: int) -> None:
        if isinstance(event, e.ContactArrived):
            contact = fold.opened(event, at)
            if contact is None:
                return
            self._contacts[contact.contact] = contact
        else:
            known = self._contacts.get(event.contact)
            if known is None or not fold.apply(known, event, at):
                return
            if isinstance(event, e.WrapUpFinished):
                self._batch.drafts.append((event.agent, event.contact))
        self._batch.changed[event.contact] = None

    # -- saving -------------------------------------------------------------------------------

    def _start_saving(self) -> asyncio.Task[None]:
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save(), name=FOLLOWER)
        return self._saving

    async def _save(self) -> None:
        """Save until nothing is left; what comes during a commit goes into the next."""
        while True:
            await self._gather()
            retry = FIRST_RETRY
            while not await self._try_to_save():
                await asyncio.sleep(retry)
                retry = min(2 * retry, LONGEST_RETRY)
            if not self._batch.changed:
                return

    async def _gather(self) -> None:
        """Let a moment's entries come together, unless somebody waits for them."""
        try:
            async with asyncio.timeout(SAVE_EVERY):
                await self._hurry.wait()
        except TimeoutError:
            return

    async def _try_to_save(self) -> bool:
        batch, self._batch = self._batch, _Batch()
        position = self._folded
        contacts = [self._contacts[contact] for contact in batch.changed]
        finished = [contact.contact for contact in contacts if contact.is_finished]
        ended = [contact.ended() for contact in contacts if contact.is_ended]
        still_open = {c.contact: msgspec.msgpack.encode(c) for c in contacts if not c.is_finished}
        row = {"name": FOLLOWER, "position": position}
        stored = self._saved

        def save(connection: Connection) -> None:
            _check_ours(connection, stored)
            _store(connection, ended, still_open, finished)
            drafts.discard(connection, batch.drafts)
            connection.execute(upsert(connection, FollowerRow, key=("name",)), [row])

        try:
            await self._database.change(save)
        except _KeptByAnother:
            log.warning("another node keeps past contacts now")
            self._superseded, self._saved = True, position
            return True
        except BaseException as error:
            self._take_back(batch)
            if not isinstance(error, Exception):
                raise
            self._report(error)
            return False
        for contact in finished:
            del self._contacts[contact]
        self._saved = position
        self.problem = ""
        return True

    def _take_back(self, batch: _Batch) -> None:
        """The commit failed: its work goes before what came meanwhile."""
        later = self._batch
        self._batch = _Batch(
            changed=batch.changed | later.changed, drafts=batch.drafts + later.drafts
        )

    def _report(self, error: Exception) -> None:
        if not self.problem:
            log.warning("past contacts are not being stored: %s", error)
        # Anything else may quote what is stored, which is nobody's business but the log's.
        why = str(error) if isinstance(error, DatabaseUnavailable) else "the log says why."
        self.problem = f"Past contacts wait to be stored: {why}"


async def read_until(database: Database) -> int:
    """The position in the log up to which past contacts are stored. Raises
    ``DatabaseUnavailable``.
    """
    return await database.ask(_position)


def _position(connection: Connection) -> int:
    position = select(FollowerRow.position).where(FollowerRow.name == FOLLOWER)
    return connection.scalar(position) or 0


def _kept(connection: Connection) -> tuple[int, list[OpenContact]]:
    """How far the journal was read, and the contacts that had not ended there."""
    bodies = connection.scalars(select(OpenContactRow.body))
    contacts = [msgspec.msgpack.decode(body, type=OpenContact) for body in bodies]
    return _position(connection), contacts


class _KeptByAnother(Exception):
    """What is stored is not where we left it: this process no longer decides, and did not know."""


def _check_ours(connection: Connection, stored: int) -> None:
    """Raises ``_KeptByAnother``."""
    where = select(FollowerRow.position).where(FollowerRow.name == FOLLOWER).with_for_update()
    known = connection.scalar(where)
    if known is not None and known > stored:
        raise _KeptByAnother


def _store(
    connection: Connection,
    ended: list[EndedContact],
    still_open: dict[str, bytes],
    finished: list[str],
) -> None:
    past.store(connection, ended)
    if still_open:
        rows = [{"contact": contact, "body": body} for contact, body in still_open.items()]
        connection.execute(upsert(connection, OpenContactRow, key=("contact",)), rows)
    if finished:
        connection.execute(delete(OpenContactRow).where(OpenContactRow.contact.in_(finished)))


async def _forget(database: Database) -> None:
    """Past contacts stay; what was half known came from a journal that is not this one."""
    log.warning("the journal is another one than before: past contacts are read from its start")

    def forget(connection: Connection) -> None:
        connection.execute(delete(OpenContactRow))
        connection.execute(delete(FollowerRow).where(FollowerRow.name == FOLLOWER))

    await database.change(forget)
