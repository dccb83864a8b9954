"""Reads one mailbox: each mail is kept, then marked on its server, and only then passed.

Several are under way at once, and are kept in the order in which they were fetched. It begins with
one and doubles: a connection that breaks again and again still brings something each time.

Whatever stops in between is done again, and keeping twice is keeping once. How far a folder was
read is worth something only while its UIDs mean the same mails; where they do not any more, it is
read from its first mail, and what was kept is recognised.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Final, NamedTuple, Protocol, assert_never

import msgspec
from msgspec.structs import replace

from cti_adapters.email.fairness import FairLine, sender_of
from cti_adapters.email.imap.outcomes import (
    Fetched,
    Gone,
    ImapError,
    LoginRefused,
    Refused,
    Renumbered,
    Selected,
    TooLarge,
)
from cti_adapters.email.imap.words import Unsayable
from cti_adapters.email.model import Mail, Unreadable
from cti_adapters.email.oauth import TokenError
from cti_adapters.email.ports import (
    Became,
    Cursor,
    Incoming,
    MailStore,
    MailWatch,
    NobodyWatches,
    StoreUnavailable,
)
from cti_adapters.email.reader_pool import Reader, ReadersUnavailable
from cti_adapters.email.same_address import base_of
from cti_adapters.email.settings import MailboxSettings
from router.files import Files, FilesUnavailable
from router.ports import Clock
from router.tasks import end

SEEN: Final = r"\Seen"
WAIT: Final = 60.0  # seconds until it is looked again, whatever the server announces
FIRST_PAUSE: Final = 1.0  # seconds, doubled each time …
LONGEST_PAUSE: Final = 60.0  # … up to this
AFTER_REFUSAL: Final = 10 * 60.0  # or the account is locked
MOST_AHEAD: Final = 10_000  # mails whose senders are known before they are fetched
AT_ONCE: Final = 16  # mails that are fetched and not kept yet, at most …
AT_ONCE_BYTES: Final = 8 * 1024 * 1024  # … while they are not larger together

Due = Callable[[Mail, int], Awaitable[int]]
IsCustomer = Callable[[str], Awaitable[bool]]

log = logging.getLogger(__name__)


class Folder(Protocol):
    """What is asked of a mail server (``imap.client``)."""

    async def connect(self) -> None: ...
    async def select(self, folder: str = "", *, read_only: bool = False) -> Selected: ...
    async def create(self, folder: str) -> None: ...
    async def new_uids(self, after: int, most: int = 200) -> tuple[int, ...]: ...
    async def senders(self, uids: Sequence[int]) -> dict[int, bytes]: ...
    async def fetch(self, uid: int, largest: int) -> Fetched | TooLarge | Gone: ...
    async def mark(self, uids: Sequence[int], flags: Sequence[str]) -> None: ...
    async def move(self, uids: Sequence[int], folder: str) -> None: ...
    async def wait(self, seconds: float) -> bool: ...
    async def close(self) -> None: ...


class _Read(msgspec.Struct, frozen=True, kw_only=True):
    """A mail, and the name under which its bytes are kept."""

    raw: str
    mail: Mail | Unreadable


class _Coming(NamedTuple):
    """A mail of ``size`` bytes that was fetched and is being read."""

    uid: int
    size: int
    reading: asyncio.Task[_Read]


class Inbox:
    """``due`` says when a mail's turn is, ``is_customer`` whose address is known; ``kept`` is told
    that there is something new.

    ``read_until`` is when the folder was last read to its end, ``problem`` why it cannot be read
    now: one sentence, empty when it can.
    """

    def __init__(
        self,
        box: MailboxSettings,
        folder: Folder,
        store: MailStore,
        files: Files,
        reader: Reader,
        *,
        clock: Clock,
        due: Due,
        is_customer: IsCustomer,
        kept: Callable[[], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        watch: MailWatch | None = None,
    ) -> None:
        self._box = box
        self._folder = folder
        self._store = store
        self._files = files
        self._reader = reader
        self._clock = clock
        self._due = due
        self._is_customer = is_customer
        self._kept = kept
        self._pause = pause
        self._watch = watch or NobodyWatches()
        self._own = frozenset(base_of(one) for one in box.addresses)
        self._given: dict[str, int] = {}  # turns of mails that could not be kept yet, by digest
        self.read_until: int | None = None
        self.problem = ""

    async def run(self) -> None:
        """Follow the mailbox until cancelled."""
        seconds = FIRST_PAUSE
        while True:
            try:
                await self._follow()
            except LoginRefused as error:
                self._report(error)
                await self._pause(AFTER_REFUSAL)
                continue
            except Renumbered:
                continue
            except (
                ImapError,
                TokenError,
                Unsayable,
                StoreUnavailable,
                FilesUnavailable,
                ReadersUnavailable,
            ) as error:
                if self.read_until is not None and not self.problem:
                    seconds = FIRST_PAUSE  # it was well until now
                self._report(error)
            await self._pause(seconds)
            seconds = min(2 * seconds, LONGEST_PAUSE)

    def _report(self, error: Exception) -> None:
        if self.problem != str(error):
            log.warning("the mailbox %s cannot be read: %s", self._box.id, error)
        self.problem = str(error) or type(error).__name__
        self._watch.readable(self._box.id, well=False)

    async def _follow(self) -> None:
        try:
            await self._folder.connect()
            if self._box.after == "move":
                await self._folder.create(self._box.done_folder)
            selected = await self._folder.select()
            while True:
                await self.read(selected)
                await self._folder.wait(WAIT)
        finally:
            await self._folder.close()

    async def read(self, selected: Selected) -> None:
        """Everything that is new in the folder, and what comes meanwhile."""
        cursor = await self._cursor(selected)
        line, coming, most = FairLine(cursor.uid), deque[_Coming](), 1
        try:
            while True:
                began = self._clock.now()
                await self._look_ahead(line)
                await self._fetch(line, coming, most)
                if not coming:
                    break
                uids = await self._keep_first(coming)
                await self._mark(uids, selected)
                cursor = await self._pass(uids, cursor, line, selected)
                most = min(2 * most, AT_ONCE)
        finally:
            await end(*(one.reading for one in coming))
        self._given.clear()  # what is left is of mails that have gone meanwhile
        self.read_until = began
        self.problem = ""
        self._watch.readable(self._box.id, well=True)

    async def _look_ahead(self, line: FairLine) -> None:
        while len(line) < MOST_AHEAD and (uids := await self._folder.new_uids(line.seen)):
            fields = await self._senders(uids)
            senders = {uid: sender_of(fields.get(uid, b"")) for uid in uids}
            known = {one: await self._knows(one) for one in dict.fromkeys(senders.values())}
            for uid, sender in senders.items():
                line.add(uid, sender, our_own=sender in self._own, customer=known[sender])

    async def _knows(self, sender: str) -> bool:
        return bool(sender) and sender not in self._own and await self._is_customer(sender)

    async def _senders(self, uids: Sequence[int]) -> dict[int, bytes]:
        try:
            return await self._folder.senders(uids)
        except Refused:
            return {}  # then in the folder's own order

    async def _pass(
        self, uids: Sequence[int], cursor: Cursor, line: FairLine, selected: Selected
    ) -> Cursor:
        """What a crash makes us fetch again is recognised."""
        for uid in uids:
            line.passed(uid)
        if line.done == cursor.uid:
            return cursor  # an earlier one is still to come
        moved = replace(cursor, uid=line.done)
        await self._store.move_cursor(self._box.id, selected.folder, moved)
        return moved

    async def _cursor(self, selected: Selected) -> Cursor:
        """At first, what is in the folder already is left as it is: others have answered it."""
        known = await self._store.cursor(self._box.id, selected.folder)
        if known is not None and known.validity == selected.uidvalidity:
            return known
        first = Cursor(validity=selected.uidvalidity, uid=0)
        if known is None and not self._box.from_the_first:
            first = replace(first, uid=max(0, selected.uidnext - 1))
        await self._store.move_cursor(self._box.id, selected.folder, first)
        return first

    # -- mails --------------------------------------------------------------------------------

    async def _fetch(self, line: FairLine, coming: deque[_Coming], most: int) -> None:
        """Until ``most`` are under way. Each is read while the next is fetched."""
        while len(coming) < most and sum(one.size for one in coming) < AT_ONCE_BYTES:
            uid = line.take()
            if uid is None:
                return
            got = await self._folder.fetch(uid, self._box.largest)
            if isinstance(got, Gone):
                line.passed(uid)
                continue
            size = len(got.raw) if isinstance(got, Fetched) else len(got.header)
            coming.append(_Coming(uid, size, asyncio.create_task(self._read(got))))

    async def _keep_first(self, coming: deque[_Coming]) -> list[int]:
        """Keep the first, and those after it that are read by then, together; their UIDs."""
        await asyncio.wait({coming[0].reading})
        ready = list(takewhile(lambda one: one.reading.done(), coming))
        await self._keep([one.reading.result() for one in ready])
        return [coming.popleft().uid for _ in ready]

    async def _read(self, got: Fetched | TooLarge) -> _Read:
        match got:
            case TooLarge():
                return await self._read_beginning(got)
            case Fetched():
                return await self._read_all(got.raw)
            case _:
                assert_never(got)

    async def _read_all(self, raw: bytes) -> _Read:
        name, result = await asyncio.gather(self._files.keep(raw), self._reader.read(raw))
        if isinstance(result, Unreadable):
            return _Read(raw=name, mail=result)
        mail, contents = result
        for content in contents.values():
            await self._files.keep(content)
        return _Read(raw=name, mail=mail)

    async def _read_beginning(self, got: TooLarge) -> _Read:
        """People are told of a mail that is too large: its header says who wrote."""
        megabytes = got.size / 1024 / 1024
        told = f"This mail of {megabytes:,.0f} MB is too large and was not fetched."
        name = await self._files.keep(got.header)
        result = await self._reader.read(got.header.rstrip(b"\r\n") + b"\r\n\r\n")
        if isinstance(result, Unreadable):
            return _Read(raw=name, mail=replace(result, size=got.size))
        mail, _ = result
        return _Read(raw=name, mail=replace(mail, size=got.size, text=told, cut=(told,)))

    async def _keep(self, mails: Sequence[_Read]) -> None:
        now = self._clock.now()
        came = [await self._incoming(one, now) for one in mails if not await self._has(one)]
        new = await self._store.keep_all(came) if came else []
        for one in came:
            self._given.pop(one.id, None)
        for one in [one for one, is_new in zip(came, new, strict=True) if is_new]:
            if one.became is Became.UNREADABLE:
                log.warning("a mail to %s is kept apart, unread: %s", self._box.id, one.id)
        if any(new):
            self._kept()

    async def _has(self, read: _Read) -> bool:
        """A mail that is fetched again takes no turn: it had one."""
        return await self._store.incoming(read.mail.digest) is not None

    async def _incoming(self, read: _Read, now: int) -> Incoming:
        mail = read.mail
        came = Incoming(id=mail.digest, mailbox=self._box.id, at=now, raw=read.raw, mail=mail)
        if isinstance(mail, Unreadable):
            return replace(came, became=Became.UNREADABLE, reason=mail.reason)
        if mail.digest not in self._given:
            self._given[mail.digest] = await self._due(mail, now)
        return replace(came, due=self._given[mail.digest])

    async def _mark(self, uids: Sequence[int], selected: Selected) -> None:
        """A server that will not mark them has mails more that look unread, no more than that."""
        if not uids:
            return
        try:
            if self._box.after == "move":
                await self._folder.move(uids, self._box.done_folder)
            else:
                await self._folder.mark(uids, [SEEN])
        except Refused as error:
            log.warning("mails in %s stay unmarked: %s", selected.folder, error)
