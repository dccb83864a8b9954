"""What mails said is forgotten when it is old. That a mail came is known for ever: it may lie in
its mailbox still, and be met again.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from crm.database import Database, upsert
from cti_adapters.email.model import Address, Mail
from cti_adapters.email.ports import Became, Incoming, Outgoing, Sending
from server.mail_store import (
    IncomingMailRow,
    MailCursorRow,
    MailNoteRow,
    MailThreadRow,
    OutgoingMailRow,
)

_INCOMING: Final = msgspec.msgpack.Decoder(Incoming)
_OUTGOING: Final = msgspec.msgpack.Decoder(Outgoing)


class MailPruning:
    """Of the mail store in the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prune(self, before: int, most: int) -> bool:
        """Forget up to ``most`` of each of before then (microseconds UTC): what mails that are
        settled said, mails of ours that are through, threads; whether there may be more. Raises
        ``DatabaseUnavailable``.
        """

        def prune(connection: Connection) -> bool:
            counts = (
                _empty_incoming(connection, before, most),
                _forget_outgoing(connection, before, most),
                _forget_threads(connection, before, most),
            )
            return most in counts

        return await self._database.change(prune)


def _empty_incoming(connection: Connection, before: int, most: int) -> int:
    """How many were looked at; how far it came is written down with it."""
    row, cursor = IncomingMailRow, MailCursorRow
    place = {"mailbox": "", "folder": "emptied"}  # no mailbox has an empty name
    known = select(cursor.uid).where(cursor.mailbox == "", cursor.folder == "emptied")
    done = connection.scalar(known) or 0
    oldest = select(row.number, row.body).where(row.number > done).order_by(row.number).limit(most)
    looked_at = 0
    for number, body in connection.execute(oldest).all():
        incoming = _INCOMING.decode(body)
        if incoming.at >= before:
            break
        looked_at, done = looked_at + 1, number
        if incoming.became is not Became.NEW:
            emptied = {
                "thread": "",
                "became": Became.FORGOTTEN,
                "body": msgspec.msgpack.encode(_emptied(incoming)),
            }
            connection.execute(update(row).where(row.number == number).values(emptied))
    if looked_at:
        moved = {**place, "validity": 0, "uid": done}
        connection.execute(upsert(connection, cursor, key=("mailbox", "folder")), [moved])
    return looked_at


def _emptied(incoming: Incoming) -> Incoming:
    known = incoming.mail
    mail = Mail(digest=known.digest, size=known.size, sender=Address(address=""))
    return msgspec.structs.replace(
        incoming, mail=mail, raw="", thread="", reason="", due=0, form=None, became=Became.FORGOTTEN
    )


def _forget_outgoing(connection: Connection, before: int, most: int) -> int:
    row = OutgoingMailRow
    over = row.state.in_((Sending.SENT, Sending.FAILED, Sending.UNDONE))
    oldest = select(row.number, row.body).where(over).order_by(row.number).limit(most)
    rows = connection.execute(oldest).all()
    gone = [number for number, body in rows if _OUTGOING.decode(body).at < before]
    if gone:
        connection.execute(delete(row).where(row.number.in_(gone)))
    return len(gone)


def _forget_threads(connection: Connection, before: int, most: int) -> int:
    row = MailThreadRow
    names = connection.scalars(select(row.id).where(row.updated_at < before).limit(most)).all()
    if names:
        connection.execute(delete(row).where(row.id.in_(names)))
        connection.execute(delete(MailNoteRow).where(MailNoteRow.thread.in_(names)))
    return len(names)
