"""Recordings of prompts: what was uploaded for each name and language, every version of it.

Versions are only ever added: replacing one, renaming it, taking it back and deleting it are each a
version that says what is in force from then on. So a contact hears to its end what was in force
when it came. Files are in ``recording_files``; what is in force is in memory. Times and lengths are
microseconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog
from sqlalchemy import BigInteger, Connection, Integer, String, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database
from ivr.core.values import primary
from router.ports import Clock, Recordings
from server.recording_files import RecordingFiles

log = structlog.get_logger(__name__)

MAX_RECORDINGS: Final = 2_000
KEPT_VERSIONS: Final = 20  # of each; their sounds as well

Key = tuple[str, str]
"""A recording: its name, and its language."""


class RecordingVersionRow(Base):
    """``content`` is the SHA-256 of the file; empty: it was deleted."""

    __tablename__ = "recording_versions"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    language: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    label: Mapped[str] = mapped_column(String(80))
    content: Mapped[str] = mapped_column(String(64))
    length: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(64))


class RecordingVersion(msgspec.Struct, frozen=True, kw_only=True):
    """``content`` is the name of the sound among the files; empty once it was deleted."""

    version: int
    label: str
    content: str
    length: int
    at: int
    by: str


Versions = tuple[RecordingVersion, ...]


class TooManyRecordings(Exception):
    """There is room for no other; the text says what to do."""


class RecordingStore(Recordings):
    """Writes may raise ``DatabaseUnavailable``; they are refused with None when ``replaces`` is
    not the newest version (0: there is none, or it was deleted).
    """

    def __init__(self, database: Database, files: RecordingFiles, clock: Clock) -> None:
        self.files = files
        self._database = database
        self._clock = clock
        self._known: dict[str, dict[str, Versions]] = {}  # by name and language
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Raises ``FilesUnavailable`` and ``DatabaseUnavailable``."""
        await self.files.open()
        query = select(RecordingVersionRow.__table__).order_by(RecordingVersionRow.version)
        for one in await self._database.ask(lambda it: it.execute(query).mappings().all()):
            fields = dict(one)
            key = fields.pop("name"), fields.pop("language")
            self._learn(key, RecordingVersion(**fields))

    # -- looking ------------------------------------------------------------------------------

    def content(self, name: str, language: str, at: int) -> str:
        known = self._known.get(name, {})
        return next(filter(None, (_then(known[one], at) for one in _fitting(known, language))), "")

    async def read(self, content: str) -> bytes | None:
        try:
            return await self.files.content(content)
        except OSError as error:
            log.warning("recording_unreadable", content=content, reason=str(error))
            return None

    def in_force(self) -> Iterator[tuple[Key, RecordingVersion]]:
        """Everything that is not deleted, by name and language."""
        for name, known in sorted(self._known.items()):
            for language, versions in sorted(known.items()):
                if versions[-1].content:
                    yield (name, language), versions[-1]

    def versions(self, key: Key) -> Versions:
        """Oldest first; empty when there never was one."""
        return self._known.get(key[0], {}).get(key[1], ())

    def languages(self) -> Mapping[str, tuple[str, ...]]:
        """The languages in which each name is recorded now."""
        found: dict[str, tuple[str, ...]] = {}
        for (name, language), _ in self.in_force():
            found[name] = (*found.get(name, ()), language)
        return found

    # -- writing ------------------------------------------------------------------------------

    async def add(
        self, key: Key, upload: Path, *, label: str | None, replaces: int, by: str
    ) -> RecordingVersion | None:
        """Convert and keep ``upload``; ``label``: None leaves it as it is.

        Raises ``UnusableRecording``, ``FilesUnavailable`` and ``TooManyRecordings``.
        """
        async with self._writing:
            now = self._newest(key)
            nothing = replaces == 0 and (now is None or not now.content)
            if not nothing and (now is None or now.version != replaces):
                return None
            self._must_have_room(key)
            converted = await self.files.convert(upload)
            content = await self.files.keep(converted.sound)
            named = label if label is not None else now.label if now is not None else ""
            return await self._append(key, content, converted.length, label=named, by=by)

    async def rename(
        self, key: Key, label: str, *, replaces: int, by: str
    ) -> RecordingVersion | None:
        async with self._writing:
            now = self._newest(key)
            if now is None or now.version != replaces or not now.content:
                return None
            return await self._append(key, now.content, now.length, label=label, by=by)

    async def restore(
        self, key: Key, version: int, *, replaces: int, by: str
    ) -> RecordingVersion | None:
        """What ``version`` was is in force again, also after it was deleted. None as well when
        there is no such version, or it was a deletion.
        """
        async with self._writing:
            now = self._newest(key)
            old = next((one for one in self.versions(key) if one.version == version), None)
            if now is None or now.version != replaces or old is None or not old.content:
                return None
            return await self._append(key, old.content, old.length, label=old.label, by=by)

    async def delete(self, key: Key, *, replaces: int, by: str) -> RecordingVersion | None:
        async with self._writing:
            now = self._newest(key)
            if now is None or now.version != replaces or not now.content:
                return None
            return await self._append(key, "", 0, label=now.label, by=by)

    def _newest(self, key: Key) -> RecordingVersion | None:
        return next(reversed(self.versions(key)), None)

    def _must_have_room(self, key: Key) -> None:
        if not self.versions(key) and sum(map(len, self._known.values())) >= MAX_RECORDINGS:
            raise TooManyRecordings(
                f"There are {MAX_RECORDINGS} recordings already: replace one instead."
            )

    async def _append(
        self, key: Key, content: str, length: int, *, label: str, by: str
    ) -> RecordingVersion | None:
        before, row = self.versions(key), RecordingVersionRow
        new = RecordingVersion(
            version=before[-1].version + 1 if before else 1,
            label=label,
            content=content,
            length=length,
            at=self._clock.now(),
            by=by[:64],
        )
        fields = {"name": key[0], "language": key[1], **msgspec.structs.asdict(new)}
        mine, old = (row.name == key[0], row.language == key[1]), new.version - KEPT_VERSIONS

        def append(connection: Connection) -> None:
            connection.execute(insert(row), fields)
            connection.execute(delete(row).where(*mine, row.version <= old))

        try:
            await self._database.change(append)
        except IntegrityError:  # another process was faster
            return None
        self._learn(key, new)
        await self._discard(before)
        return new

    def _learn(self, key: Key, new: RecordingVersion) -> None:
        known = self._known.setdefault(key[0], {})
        known[key[1]] = (*known.get(key[1], ()), new)[-KEPT_VERSIONS:]

    async def _discard(self, before: Versions) -> None:
        """Sounds of ``before`` that no version has any more."""
        every = (one for known in self._known.values() for one in known.values())
        used = {one.content for versions in every for one in versions}
        for content in sorted({one.content for one in before if one.content} - used):
            await self.files.discard(content)


def _then(versions: Versions, at: int) -> str:
    """The content in force at ``at`` (0: now); before there was any, the first that is known."""
    if not at:
        return versions[-1].content
    return ([one for one in versions if one.at <= at] or versions[:1])[-1].content


def _fitting(known: Collection[str], language: str) -> list[str]:
    """The languages of ``known`` for those who speak ``language``, best first; any for none."""
    asked = language.lower().replace("_", "-")
    same = [one for one in sorted(known) if one.lower() == asked]
    kin = [one for one in sorted(known) if not asked or primary(one) == primary(asked)]
    return [*same, *kin]
