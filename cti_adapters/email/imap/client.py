"""One mailbox on an IMAP server, for asyncio: imaplib in a thread, cut when it hangs.

Every call has a time limit, and one that is cancelled or too late costs the connection: nobody can
know what the server still has to say about it. Then ``connected`` is False, and ``connect`` makes
a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from cti_adapters.email.imap.outcomes import (
    Fetched,
    Gone,
    ImapError,
    LoginRefused,
    Refused,
    Selected,
    TooLarge,
    Unreachable,
)
from cti_adapters.email.imap.session import Session, told_apart
from cti_adapters.email.imap.words import Unsayable
from cti_adapters.email.imap.worker import Worker
from cti_adapters.email.oauth import TokenError, TokenRefused
from cti_adapters.email.settings import ImapSettings
from router.core.durations import SECOND

_GRACE: Final = 2.0  # seconds beyond a limit until the thread is cut instead of giving up itself
_IDLE_ENDS_WITHIN: Final = 30.0  # seconds
_LEAVES_WITHIN: Final = 2.0  # seconds
_PAGE: Final = 200

R = TypeVar("R")


class Tokens(Protocol):
    """Where access tokens come from."""

    async def token(self) -> str: ...

    def forget(self) -> None: ...


class ImapClient:
    """Calls are made one after the other; a call ends a ``wait`` that is under way.

    Every method raises ``ImapError`` (see ``outcomes``), and ``Unsayable`` for what cannot be said
    to a server, such as a folder's name with a line break.
    """

    def __init__(self, settings: ImapSettings, tokens: Tokens | None = None) -> None:
        """``tokens`` must be given when the account has OAuth2."""
        self._settings = settings
        self._tokens = tokens
        self._session: Session | None = None
        self._worker: Worker | None = None
        self._turn = asyncio.Lock()
        self._waiting = False
        self.selected: Selected | None = None

    @property
    def connected(self) -> bool:
        return self._session is not None

    # -- beginning and end ------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect, encrypt and sign in. After ``LoginRefused`` wait long before trying again."""
        self.wake()
        async with self._turn:
            self._cut()
            token = await self._token()
            self._session = session = Session(self._settings)
            self._worker = Worker(f"imap-{self._settings.host}")
            account = self._settings.account

            def begin() -> None:
                session.connect()
                session.sign_in(account, token)

            limit = self._settings.connect_timeout / SECOND + 2 * self._settings.timeout / SECOND
            try:
                await self._run(begin, limit)
            except Refused:
                self._cut()
                raise
            except LoginRefused:
                self._cut()
                if self._tokens is not None:
                    self._tokens.forget()
                raise

    async def close(self) -> None:
        """Take leave of the server when that is quick; a call under way ends as ``Unreachable``."""
        self.wake()
        session, worker = self._session, self._worker
        if session is None or worker is None:
            return
        try:
            async with asyncio.timeout(_LEAVES_WITHIN):
                await self._sign_out(session)
        except TimeoutError:
            pass
        finally:
            self._cut()
        await asyncio.to_thread(worker.join, _LEAVES_WITHIN)

    async def _sign_out(self, session: Session) -> None:
        async with self._turn:
            if session is self._session:
                with contextlib.suppress(ImapError):
                    await self._run(session.sign_out, _LEAVES_WITHIN)

    # -- folders ----------------------------------------------------------------------------------

    async def select(self, folder: str = "", *, read_only: bool = False) -> Selected:
        """The settings' folder, unless another. UIDs that were kept from before are worth nothing
        when its ``uidvalidity`` is another one now.
        """
        name = folder or self._settings.folder
        self.selected = None
        selected = await self._call(lambda it: it.select(name, read_only=read_only))
        self.selected = selected
        return selected

    async def create(self, folder: str) -> None:
        """One that is there already is well."""
        await self._call(lambda it: it.create(folder))

    async def append(self, folder: str, mail: bytes, flags: Sequence[str] = (r"\Seen",)) -> None:
        """Lay a mail into a folder. When the connection breaks it may be there or not."""
        await self._call(
            lambda it: it.append(folder, mail, flags), self._settings.fetch_timeout / SECOND
        )

    # -- mails ------------------------------------------------------------------------------------

    async def new_uids(self, after: int, most: int = _PAGE) -> tuple[int, ...]:
        """The lowest ``most`` UIDs above ``after`` (1,000 at most), ascending; fewer: no more."""
        # A search by halves in a folder of 2^32 mails is 32 questions.
        return await self._call(lambda it: it.new_uids(after, most), many=3)

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """UID to bytes, of those that are still there."""
        return await self._call(lambda it: it.sizes(uids))

    async def senders(self, uids: Sequence[int]) -> dict[int, bytes]:
        """UID to its header field From, as far as the server tells it; 200 at once."""
        return await self._call(lambda it: it.senders(uids), many=2)

    async def fetch(self, uid: int, largest: int) -> Fetched | TooLarge | Gone:
        """A mail of ``largest`` bytes at most, without marking it as seen."""
        seconds = 2 * self._settings.fetch_timeout / SECOND
        return await self._call(lambda it: it.fetch(uid, largest), seconds)

    async def mark(self, uids: Sequence[int], flags: Sequence[str]) -> None:
        r"""Set flags (``\Seen``) and keywords (``$Routed``) of those that are still there."""
        await self._call(lambda it: it.mark(uids, flags))

    async def move(self, uids: Sequence[int], folder: str) -> None:
        await self._call(lambda it: it.move(uids, folder), many=5)

    async def find(self, message_id: str, most: int = 10) -> tuple[int, ...]:
        """UIDs of mails in the selected folder with this Message-ID, given without ``<>``."""
        return await self._call(lambda it: it.find(message_id, most))

    async def wait(self, seconds: float) -> bool:
        """Until new mails are announced (True), the time is over, or another call is made. Mails
        are announced until ``new_uids`` is asked for them.

        A server without IDLE is asked from time to time.
        """
        slack = _IDLE_ENDS_WITHIN + self._settings.timeout / SECOND
        async with self._turn:
            session = self._usable()
            self._waiting = True
            try:
                return await self._run(lambda: session.wait(seconds), seconds + slack)
            finally:
                self._waiting = False

    def wake(self) -> None:
        """End a ``wait`` that is under way."""
        if self._waiting and self._session is not None:
            self._session.stream.wake()

    # -- inside -----------------------------------------------------------------------------------

    async def _token(self) -> str:
        if self._settings.account.oauth is None:
            return ""
        if self._tokens is None:
            raise LoginRefused("This account has OAuth2, and nobody gives it access tokens.")
        try:
            return await self._tokens.token()
        except TokenRefused as refused:
            raise LoginRefused(str(refused)) from None
        except TokenError as error:
            raise Unreachable(str(error)) from None

    async def _call(self, job: Callable[[Session], R], seconds: float = 0, *, many: int = 1) -> R:
        """``seconds`` for it, unless the usual limit of one command, ``many`` times."""
        self.wake()
        async with self._turn:
            session = self._usable()
            limit = seconds or many * self._settings.timeout / SECOND
            return await self._run(lambda: job(session), limit)

    def _usable(self) -> Session:
        if self._session is None:
            raise Unreachable("There is no connection with the mail server.")
        return self._session

    async def _run(self, job: Callable[[], R], seconds: float) -> R:
        """In the thread. Whatever goes wrong but a refusal ends the connection."""
        worker = self._worker
        if worker is None:
            raise Unreachable("There is no connection with the mail server.")
        try:
            async with asyncio.timeout(seconds + _GRACE):
                return await asyncio.wrap_future(worker.submit(lambda: told_apart(job)))
        except TimeoutError:
            self._cut()
            raise Unreachable("The mail server did not answer in time.") from None
        except (Refused, Unsayable):
            raise
        except BaseException:
            self._cut()
            raise

    def _cut(self) -> None:
        """The thread, wherever it hangs, sees the end of the connection, and ends."""
        session, worker = self._session, self._worker
        self._session = self._worker = self.selected = None
        if session is not None and worker is not None:
            session.stream.cut()
            worker.submit(session.close)
            worker.end()
