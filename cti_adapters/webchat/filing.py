"""Files that visitors and agents send each other: bounded, looked at, kept, and then a line.

A file is kept by what it is, so sending one again costs nothing; the line refers to it.
"""

from __future__ import annotations

from typing import Final

from cti_adapters.webchat.file_kinds import clean_name, kind_of
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from router.core.commands import PostMessage
from router.core.events import Rejected
from router.core.model import Author, Message, MessageFile
from router.files import Files, FilesUnavailable
from router.ports import CommandSink

MAX_AT_ONCE: Final = 8  # being received and looked at


class Room:
    """What a chat's files come to. ``author`` has their own count."""

    def __init__(self, messages: list[Message], author: Author) -> None:
        files = [file for one in messages for file in one.files if one.author == author]
        self.count = len(files)
        self.size = sum(file.size for file in files)


class Filing:
    def __init__(self, files: Files, sink: CommandSink, settings: ChatSettings) -> None:
        self._files = files
        self._sink = sink
        self._settings = settings
        self.under_way = 0

    def check(self, room: Room, size: int) -> None:
        """Raises ``Refused`` when no file of ``size`` bytes (0: not known yet) can be taken."""
        limits = self._settings
        if size > limits.file_size:
            raise Refused("file_too_large")
        if room.count >= limits.files_per_chat or room.size + size > limits.file_bytes_per_chat:
            raise Refused("too_many_files")

    async def take(self, room: Room, content: bytes, name: str, post: PostMessage) -> MessageFile:
        """Keep ``content`` and say so in the thread, with ``post`` for the line.

        Raises ``Refused``, ``Overloaded`` or ``JournalUnavailable``.
        """
        self.check(room, len(content))
        kind = kind_of(content)
        if kind is None or kind.content_type not in self._settings.file_types:
            raise Refused("file_type")
        try:
            kept = await self._files.keep(content)
        except FilesUnavailable:
            raise Refused("overloaded") from None
        file = MessageFile(
            id=kept,
            name=clean_name(name, kind),
            content_type=kind.content_type,
            size=len(content),
        )
        outcome = await self._sink.submit(_line(post, file))
        if isinstance(outcome, Rejected):
            raise Refused("chat_over")
        return file

    async def content(self, file: MessageFile) -> bytes | None:
        return await self._files.content(file.id)


def _line(post: PostMessage, file: MessageFile) -> PostMessage:
    """Its text is the file's name, so that whoever knows nothing of files still reads it."""
    return PostMessage(
        id=post.id,
        by=post.by,
        contact=post.contact,
        message=post.message,
        author=post.author,
        text=file.name,
        agent=post.agent,
        files=(file,),
    )
