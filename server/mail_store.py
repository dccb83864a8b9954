"""The mail store in the database: mails that came, mails of ours, and their threads.

What a mail holds is kept as it is; beside it stands only what is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database, DatabaseUnavailable, insert_missing, upsert
from cti_adapters.email.model import Mail
from cti_adapters.email.ports import (
    Became,
    Cursor,
    Incoming,
    MailStore,
    MailThread,
    Outgoing,
    Sending,
    StoreUnavailable,
    ThreadNote,
)

_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
MOST_LOOKED_THROUGH: Final = 5_000  # of our newest mails, for those that are automatic
MOST_ALIKE: Final = 50  # threads with the same subject that are looked through

_INCOMING: Final = msgspec.msgpack.Decoder(Incoming)
_OUTGOING: Final = msgspec.msgpack.Decoder(Outgoing)
_THREAD: Final = msgspec.msgpack.Decoder(MailThread)
_NOTE: Final = msgspec.msgpack.Decoder(ThreadNote)
_ENCODER: Final = msgspec.msgpack.Encoder()


Found = TypeVar("Found")


class MailCursorRow(Base):
    __tablename__ = "mail_cursors"

    mailbox: Mapped[str] = mapped_column(String(64), primary_key=True)
    folder: Mapped[str] = mapped_column(String(200), primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)


class IncomingMailRow(Base):
    """``number`` is the order in which they came; ``message_key`` stands for the Message-ID."""

    __tablename__ = "incoming_mails"
    __table_args__ = (
        Index("ix_incoming_mails_became_number", "became", "number"),
        Index("ix_incoming_mails_became_due", "became", "due"),
    )

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    message_key: Mapped[str] = mapped_column(String(32), index=True)
    became: Mapped[str] = mapped_column(String(16))
    due: Mapped[int] = mapped_column(BigInteger)
    thread: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class OutgoingMailRow(Base):
    __tablename__ = "outgoing_mails"
    __table_args__ = (Index("ix_outgoing_mails_state_due", "state", "due"),)

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(128), unique=True)
    message_key: Mapped[str] = mapped_column(String(32), index=True)
    state: Mapped[str] = mapped_column(String(16))
    due: Mapped[int] = mapped_column(BigInteger)
    thread: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class MailThreadRow(Base):
    __tablename__ = "mail_threads"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject_key: Mapped[str] = mapped_column(String(32), index=True)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class MailNoteRow(Base):
    __tablename__ = "mail_notes"

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    thread: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


_SETTLE: Final = (
    update(IncomingMailRow)
    .where(IncomingMailRow.id == bindparam("new_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("message_key", "became", "due", "thread", "body")
        }
    )
)


class SqlMailStore(MailStore):
    """Each question and each change is one visit to the database (see ``Database.ask``): a mail
    takes a dozen of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- mailboxes ----------------------------------------------------------------------------

    async def cursor(self, mailbox: str, folder: str) -> Cursor | None:
        query = select(MailCursorRow.validity, MailCursorRow.uid).where(
            MailCursorRow.mailbox == mailbox, MailCursorRow.folder == folder
        )
        row = await self._ask(lambda it: it.execute(query).first())
        return None if row is None else Cursor(validity=row.validity, uid=row.uid)

    async def move_cursor(self, mailbox: str, folder: str, cursor: Cursor) -> None:
        row = {"mailbox": mailbox, "folder": folder, **msgspec.structs.asdict(cursor)}
        key = ("mailbox", "folder")
        await self._change(lambda it: it.execute(upsert(it, MailCursorRow, key=key), [row]))

    # -- mails that came ----------------------------------------------------------------------

    async def keep_all(self, incoming: Sequence[Incoming]) -> list[bool]:
        rows = [_incoming_row(one) for one in incoming]

        def keep(connection: Connection) -> list[bool]:
            missing = insert_missing(connection, IncomingMailRow, key=("id",))
            return [connection.execute(missing, row).rowcount == 1 for row in rows]

        return await self._change(keep)

    async def incoming(self, mail: str) -> Incoming | None:
        query = select(IncomingMailRow.body).where(IncomingMailRow.id == mail)
        body = await self._ask(lambda it: it.scalar(query))
        return None if body is None else _INCOMING.decode(body)

    async def waiting(self, by: int, limit: int) -> list[Incoming]:
        query = (
            select(IncomingMailRow.body)
            .where(IncomingMailRow.became == Became.NEW, IncomingMailRow.due <= by)
            .order_by(IncomingMailRow.number)
            .limit(limit)
        )
        return await self._all(query, _INCOMING)

    async def that_became(self, became: Became, limit: int) -> list[Incoming]:
        query = (
            select(IncomingMailRow.body)
            .where(IncomingMailRow.became == became)
            .order_by(IncomingMailRow.number.desc())
            .limit(limit)
        )
        return await self._all(query, _INCOMING)

    async def next_due(self) -> int | None:
        came = select(func.min(IncomingMailRow.due)).where(IncomingMailRow.became == Became.NEW)
        went = select(func.min(OutgoingMailRow.due)).where(OutgoingMailRow.state == Sending.HELD)
        due = await self._ask(lambda it: (it.scalar(came), it.scalar(went)))
        return min((one for one in due if one is not None), default=None)

    async def settle(self, incoming: Incoming, thread: MailThread | None) -> None:
        row = _incoming_row(incoming)
        changed = {f"new_{name}": value for name, value in row.items()}

        def settle(connection: Connection) -> None:
            connection.execute(_SETTLE, changed)
            if thread is not None:
                _write_thread(connection, thread)

        await self._change(settle)

    # -- threads ------------------------------------------------------------------------------

    async def thread(self, thread: str) -> MailThread | None:
        return await self._ask(lambda it: _thread(it, thread))

    async def begin(self, thread: MailThread) -> MailThread:
        row = _thread_row(thread)

        def begin(connection: Connection) -> MailThread | None:
            connection.execute(insert_missing(connection, MailThreadRow, key=("id",)), row)
            return _thread(connection, thread.id)

        return await self._change(begin) or thread

    async def threads_of(self, message_ids: Collection[str]) -> list[MailThread]:
        keys = [_key(one) for one in message_ids if one]
        if not keys:
            return []
        ours = select(OutgoingMailRow.thread).where(OutgoingMailRow.message_key.in_(keys))
        theirs = select(IncomingMailRow.thread).where(IncomingMailRow.message_key.in_(keys))

        def find(connection: Connection) -> list[MailThread]:
            names = [*connection.scalars(ours), *connection.scalars(theirs)]
            found = [_thread(connection, name) for name in dict.fromkeys(names) if name]
            return [thread for thread in found if thread is not None]

        return await self._ask(find)

    async def threads_about(self, subject: str, sender: str, since: int) -> list[MailThread]:
        query = (
            select(MailThreadRow.body)
            .where(MailThreadRow.subject_key == _key(subject), MailThreadRow.updated_at >= since)
            .order_by(MailThreadRow.updated_at.desc())
            .limit(MOST_ALIKE)
        )
        threads = await self._all(query, _THREAD)
        return [thread for thread in threads if sender in thread.participants]

    async def answered(self, thread: str, agent: str, at: int, to: Collection[str]) -> None:
        def answered(connection: Connection) -> None:
            known = _thread(connection, thread)
            if known is not None:
                _write_thread(connection, known.with_answer(agent, at, to))

        await self._change(answered)

    # -- notes --------------------------------------------------------------------------------

    async def note(self, note: ThreadNote) -> ThreadNote:
        row = {"id": note.id, "thread": note.thread, "body": _ENCODER.encode(note)}
        query = select(MailNoteRow.body).where(MailNoteRow.id == note.id)

        def keep(connection: Connection) -> bytes | None:
            connection.execute(insert_missing(connection, MailNoteRow, key=("id",)), row)
            return connection.scalar(query)

        body = await self._change(keep)
        return note if body is None else _NOTE.decode(body)

    async def notes_of(self, thread: str, limit: int) -> list[ThreadNote]:
        query = (
            select(MailNoteRow.body)
            .where(MailNoteRow.thread == thread)
            .order_by(MailNoteRow.number.desc())
            .limit(limit)
        )
        return (await self._all(query, _NOTE))[::-1]

    # -- mails of ours ------------------------------------------------------------------------

    async def prepare(self, outgoing: Outgoing) -> Outgoing:
        row = _outgoing_row(outgoing)
        query = select(OutgoingMailRow.body).where(OutgoingMailRow.id == outgoing.id)

        def prepare(connection: Connection) -> bytes | None:
            connection.execute(insert_missing(connection, OutgoingMailRow, key=("id",)), row)
            return connection.scalar(query)

        body = await self._change(prepare)
        return outgoing if body is None else _OUTGOING.decode(body)

    async def outgoing(self, mail: str) -> Outgoing | None:
        return await self._outgoing(OutgoingMailRow.id == mail)

    async def outgoing_with(self, message_id: str) -> Outgoing | None:
        return await self._outgoing(OutgoingMailRow.message_key == _key(message_id))

    async def _outgoing(self, which: Any) -> Outgoing | None:  # noqa: ANN401 - SQLAlchemy's
        query = select(OutgoingMailRow.body).where(which).limit(1)
        body = await self._ask(lambda it: it.scalar(query))
        return None if body is None else _OUTGOING.decode(body)

    async def came(self, message_id: str) -> bool:
        key = _key(message_id)
        query = select(IncomingMailRow.number).where(IncomingMailRow.message_key == key).limit(1)
        return await self._ask(lambda it: it.scalar(query)) is not None

    async def advance(self, outgoing: Outgoing, *, was: Collection[Sending]) -> bool:
        change = (
            update(OutgoingMailRow)
            .where(OutgoingMailRow.id == outgoing.id, OutgoingMailRow.state.in_(was))
            .values(**_outgoing_row(outgoing))
        )
        return await self._change(lambda it: it.execute(change).rowcount == 1)

    async def automatic_since(self, at: int) -> list[Outgoing]:
        query = (
            select(OutgoingMailRow.body)
            .order_by(OutgoingMailRow.number.desc())
            .limit(MOST_LOOKED_THROUGH)
        )
        newest = await self._all(query, _OUTGOING)
        return [one for one in newest[::-1] if not one.agent and one.at >= at]

    async def to_send(self, by: int, limit: int) -> list[Outgoing]:
        query = (
            select(OutgoingMailRow.body)
            .where(OutgoingMailRow.state == Sending.HELD, OutgoingMailRow.due <= by)
            .order_by(OutgoingMailRow.due)
            .limit(limit)
        )
        return await self._all(query, _OUTGOING)

    async def in_state(self, state: Sending, limit: int) -> list[Outgoing]:
        query = (
            select(OutgoingMailRow.body)
            .where(OutgoingMailRow.state == state)
            .order_by(OutgoingMailRow.number)
            .limit(limit)
        )
        return await self._all(query, _OUTGOING)

    async def mails_of(self, thread: str, limit: int) -> tuple[list[Incoming], list[Outgoing]]:
        came = (
            select(IncomingMailRow.body)
            .where(IncomingMailRow.thread == thread)
            .order_by(IncomingMailRow.number.desc())
            .limit(limit)
        )
        went = (
            select(OutgoingMailRow.body)
            .where(OutgoingMailRow.thread == thread)
            .order_by(OutgoingMailRow.number.desc())
            .limit(limit)
        )
        incoming, outgoing = await self._all(came, _INCOMING), await self._all(went, _OUTGOING)
        return incoming[::-1], outgoing[::-1]

    # -- the database -------------------------------------------------------------------------

    async def _all(self, query: Select[bytes], of: msgspec.msgpack.Decoder[Found]) -> list[Found]:
        return await self._ask(lambda it: [of.decode(body) for body in it.scalars(query)])

    async def _ask(self, question: Callable[[Connection], Found]) -> Found:
        try:
            return await self._database.ask(question)
        except DatabaseUnavailable as error:
            raise StoreUnavailable(str(error)) from error

    async def _change(self, change: Callable[[Connection], Found]) -> Found:
        try:
            return await self._database.change(change)
        except DatabaseUnavailable as error:
            raise StoreUnavailable(str(error)) from error


def _key(text: str) -> str:
    """Short enough for an index, whatever a stranger wrote."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def _incoming_row(incoming: Incoming) -> dict[str, object]:
    message_id = incoming.mail.message_id if isinstance(incoming.mail, Mail) else ""
    return {
        "id": incoming.id,
        "message_key": _key(message_id) if message_id else "",
        "became": incoming.became,
        "due": incoming.due,
        "thread": incoming.thread,
        "body": _ENCODER.encode(incoming),
    }


def _outgoing_row(outgoing: Outgoing) -> dict[str, object]:
    return {
        "id": outgoing.id,
        "message_key": _key(outgoing.message_id),
        "state": outgoing.state,
        "due": outgoing.due,
        "thread": outgoing.thread,
        "body": _ENCODER.encode(outgoing),
    }


def _thread(connection: Connection, name: str) -> MailThread | None:
    body = connection.scalar(select(MailThreadRow.body).where(MailThreadRow.id == name))
    return None if body is None else _THREAD.decode(body)


def _write_thread(connection: Connection, thread: MailThread) -> None:
    connection.execute(upsert(connection, MailThreadRow, key=("id",)), [_thread_row(thread)])


def _thread_row(thread: MailThread) -> dict[str, object]:
    return {
        "id": thread.id,
        "subject_key": _key(thread.subject),
        "updated_at": thread.updated_at,
        "body": _ENCODER.encode(thread),
    }
