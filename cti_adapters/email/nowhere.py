"""The e-mail channel of a centre that has no mailbox."""

from __future__ import annotations

from cti_adapters.email.channel import ClosableReader, Connections, MailParts
from cti_adapters.email.inbox import Folder
from cti_adapters.email.memory import MemoryMailStore
from cti_adapters.email.model import Mail, Unreadable
from cti_adapters.email.outbox import Post
from cti_adapters.email.reading import read
from cti_adapters.email.settings import MailboxSettings
from router.customers import Identification
from router.files import MemoryFiles
from router.ports import CustomerDirectory


def no_mail() -> MailParts:
    return MailParts(
        boxes=(),
        store=MemoryMailStore(),
        files=MemoryFiles(),
        reader=_Here(),
        connections=_Nowhere(),
        directory=_Nobody(),
        secret=b"",
    )


class _Here(ClosableReader):
    async def read(self, raw: bytes) -> tuple[Mail, dict[str, bytes]] | Unreadable:
        return read(raw)

    async def close(self) -> None: ...


class _Nowhere(Connections):
    def folder(self, box: MailboxSettings) -> Folder:
        raise LookupError(f"there is no way to the mailbox {box.id}")

    def post(self, box: MailboxSettings) -> Post:
        raise LookupError(f"there is no way to the mailbox {box.id}")


class _Nobody(CustomerDirectory):
    async def identify(self, channel: str, address: str) -> Identification:  # noqa: ARG002
        return Identification()
