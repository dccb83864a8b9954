"""Which kept files are still needed, however long ago they were kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from crm.database import Database
from cti_adapters.email.model import Mail
from cti_adapters.email.ports import Became, Incoming, Outgoing, Sending
from router.replica import Replica
from server.drafts import StudioDraftRow
from server.mail_store import IncomingMailRow, OutgoingMailRow

_NAME: Final = re.compile(r"\b[0-9a-f]{64}\b")
_LEAVING: Final = [
    state for state in Sending if state not in {Sending.SENT, Sending.FAILED, Sending.UNDONE}
]
_INCOMING: Final = msgspec.msgpack.Decoder(Incoming)
_OUTGOING: Final = msgspec.msgpack.Decoder(Outgoing)


class FileReferences:
    """Mails that wait to be taken in or to leave, drafts of mails, and contacts that are not over
    need their files. Whatever else names a file keeps it anew, or is forgotten before it.
    """

    def __init__(self, database: Database, replica: Replica) -> None:
        self._database = database
        self._replica = replica

    async def among(self, names: Sequence[str]) -> set[str]:
        """Those of ``names`` that are needed. Raises ``DatabaseUnavailable``."""
        kept = await self._database.ask(lambda it: set(_of_mails(it)))
        return (kept | set(self._of_contacts())) & set(names)

    def _of_contacts(self) -> Iterator[str]:
        for contact in list(self._replica.state.contacts.values()):
            for message in contact.messages:
                yield from (file.id for file in message.files)


def _of_mails(connection: Connection) -> Iterator[str]:
    waiting = select(IncomingMailRow.body).where(IncomingMailRow.became == Became.NEW)
    for body in connection.scalars(waiting):
        incoming = _INCOMING.decode(body)
        yield incoming.raw
        if isinstance(incoming.mail, Mail):
            yield from (file.sha256 for file in incoming.mail.attachments)
    leaving = select(OutgoingMailRow.body).where(OutgoingMailRow.state.in_(_LEAVING))
    for body in connection.scalars(leaving):
        yield _OUTGOING.decode(body).raw
    drafts = select(StudioDraftRow.content).where(StudioDraftRow.kind == "mail")
    for content in connection.scalars(drafts):
        yield from _NAME.findall(content)
