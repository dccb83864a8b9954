"""One connection to Asterisk's manager interface, without any input or output.

Bytes and the time go in, outcomes and bytes to send come out. Time is microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

import msgspec

from cti_adapters.asterisk.ami.codec import Decoder, Header, Message, ProtocolError, encode
from cti_adapters.asterisk.ami.errors import AmiDown
from cti_adapters.asterisk.ami.login import login
from cti_adapters.asterisk.ami.pending import Answered, Pending, PendingActions, Unanswered
from cti_adapters.asterisk.ami.settings import AmiSettings

Token = TypeVar("Token")

MARK: Final = "ActionID"


class LoggedIn(msgspec.Struct, frozen=True):
    """From here on there are events, and actions may be sent."""

    banner: str


Outcome = Message | LoggedIn | Answered[Token] | Unanswered[Token]
"""A bare message is an event."""


class AmiProtocol(Generic[Token]):
    """``mark`` begins the ActionIDs: it must be another for each connection of each client to one
    Asterisk, because events of other clients' actions carry those clients' ActionIDs.
    """

    def __init__(self, settings: AmiSettings, mark: str, at: int) -> None:
        self.logged_in = False
        self._settings = settings
        self._mark = mark
        self._sent = 0  # actions
        self._decoder = Decoder(settings.limits, settings.unread)
        self._login = login(settings)
        self._login_mark = ""
        self._login_by = at + settings.connect_timeout
        self._pending: PendingActions[Token] = PendingActions(
            settings.unanswered, settings.list_entries
        )
        self._heard_at = at
        self._pinged_at: int | None = None  # since something was heard
        self._to_send: list[bytes] = []

    # -- what is sent ---------------------------------------------------------------------------

    def data_to_send(self) -> bytes:
        """What must go out now: ask after every other call."""
        data = b"".join(self._to_send)
        self._to_send.clear()
        return data

    def request(
        self,
        action: str,
        headers: Iterable[Header],
        token: Token,
        at: int,
        *,
        timeout: int | None = None,
        listing: bool = False,
    ) -> None:
        """Send ``action``; its outcome carries ``token``. ``listing``: the answer is a list.

        Raises ``AmiDown`` before the login, ``UnsafeValue``, and ``ProtocolError`` when too many
        actions are unanswered.
        """
        if not self.logged_in:
            raise AmiDown("The PBX has not let us in yet.")
        timeout = self._settings.action_timeout if timeout is None else timeout
        mark, data = self._marked(action, headers)
        self._pending.add(
            mark,
            Pending(
                action=action, token=token, listing=listing, timeout=timeout, deadline=at + timeout
            ),
        )
        self._to_send.append(data)

    def waiting(self) -> list[Token]:
        """Of every action that is unanswered."""
        return self._pending.tokens()

    def _marked(self, action: str, headers: Iterable[Header]) -> tuple[str, bytes]:
        self._sent += 1
        mark = f"{self._mark}-{self._sent}"
        return mark, encode(action, ((MARK, mark), *headers))

    # -- what is received -----------------------------------------------------------------------

    def receive(self, data: bytes, at: int) -> list[Outcome[Token]]:
        """What ``data`` brings, in the order of the wire.

        Raises ``ProtocolError`` and ``LoginRefused``: the connection is of no more use then.
        """
        self._heard_at, self._pinged_at = at, None
        had_banner = bool(self._decoder.banner)
        messages = self._decoder.feed(data)
        if self._decoder.banner and not had_banner:
            self._log_in(None)
        outcomes = (self._outcome(message, at) for message in messages)
        return [outcome for outcome in outcomes if outcome is not None]

    def _outcome(self, message: Message, at: int) -> Outcome[Token] | None:
        if message.kind == "response":
            if self.logged_in:
                return self._pending.respond(message, at)
            return self._log_in(message) if message.get(MARK) == self._login_mark else None
        if self._pending.is_entry(message):
            return self._pending.enter(message, at)
        return message if self.logged_in and message.name else None

    def _log_in(self, answer: Message | None) -> LoggedIn | None:
        """Take the next step: the first one when there is no answer yet."""
        try:
            action, headers = next(self._login) if answer is None else self._login.send(answer)
        except StopIteration:
            self.logged_in = True
            return LoggedIn(self._decoder.banner)
        self._login_mark, data = self._marked(action, headers)
        self._to_send.append(data)
        return None

    # -- time -----------------------------------------------------------------------------------

    def next_deadline(self) -> int:
        """When to call ``tick`` at the latest."""
        if not self.logged_in:
            return self._login_by
        return min(self._pending.deadline, self._silence_by)

    def tick(self, at: int) -> list[Outcome[Token]]:
        """Actions that have waited too long. Pings when nothing is heard.

        Raises ``ProtocolError`` when a ping or the login is not answered.
        """
        if self.logged_in:
            self._keep_alive(at)
            return list(self._pending.expire(at))
        if at >= self._login_by:
            raise ProtocolError(f"The PBX at {self._settings.place} does not answer the login.")
        return []

    @property
    def _silence_by(self) -> int:
        if self._pinged_at is None:
            return self._heard_at + self._settings.ping_every
        return self._pinged_at + self._settings.action_timeout

    def _keep_alive(self, at: int) -> None:
        if at < self._silence_by:
            return
        if self._pinged_at is not None:
            raise ProtocolError(f"The PBX at {self._settings.place} has fallen silent.")
        self._pinged_at = at
        _, data = self._marked("Ping", ())
        self._to_send.append(data)
