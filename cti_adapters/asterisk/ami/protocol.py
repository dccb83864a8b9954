"""One connection to Asterisk's manager interface, without any input or output.

Bytes and the time go in, outcomes and bytes to send come out. Time is microseconds.

**Tampering.** Callers can write line ends, so that an event of their channel ends where they want
and others follow (see ``tampering``). From the first block that shows it nothing is believed until
an action is answered that is sent then: events are written whole between two answers, so whatever
was written by a caller has passed by then. What is answered to us counts all the while: nobody can
guess our ActionIDs. They also stand before everything that callers write in the entries of our
lists, so whose entry is not whole has written what broke it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

import msgspec

from cti_adapters.asterisk.ami.codec import Decoder, Header, Message, ProtocolError, encode
from cti_adapters.asterisk.ami.errors import AmiDown
from cti_adapters.asterisk.ami.login import login
from cti_adapters.asterisk.ami.names import Names
from cti_adapters.asterisk.ami.pending import NEVER, Answered, Pending, PendingActions, Unanswered
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.ami.tampering import (
    is_by_another,
    is_open_ended,
    is_proof,
    is_whole,
    is_whole_at_sight,
)

Token = TypeVar("Token")

MARK: Final = "ActionID"


class LoggedIn(msgspec.Struct, frozen=True):
    """From here on there are events, and actions may be sent."""

    banner: str


class Tampered(msgspec.Struct, frozen=True):
    """What broke a list open is in the entry of this channel."""

    channel: str
    by_another: bool = False  # or maybe by the other end of its line


class Believed(msgspec.Struct, frozen=True):
    """Events are believed again; so many blocks were not, among them some that were ``forged``."""

    lost: int
    forged: bool = True


Outcome = Message | LoggedIn | Answered[Token] | Unanswered[Token] | Tampered | Believed
"""A bare message is an event."""


class AmiProtocol(Generic[Token]):
    """``mark`` begins the ActionIDs. Nobody may be able to guess it, and it must be another for
    each connection: what bears it is taken for an answer to us.
    """

    def __init__(self, settings: AmiSettings, mark: str, at: int) -> None:
        self.logged_in = False
        self._settings = settings
        self._mark = mark
        self._sent = 0  # actions
        self._decoder = Decoder(settings.limits, settings.unread, is_whole_at_sight)
        self._login = login(settings)
        self._login_mark = ""
        self._login_by = at + settings.connect_timeout
        self._pending: PendingActions[Token] = PendingActions(
            settings.unanswered, settings.list_entries
        )
        self._names = Names()
        self._entry: Message | None = None  # of a list, the last that came
        self._believe_from = ""  # the ActionID whose answer ends the doubt there is
        self._believe_by = NEVER
        self._lost = 0  # blocks, since there is doubt
        self._was_forged = False  # one of them
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
            return self._response(message, at)
        if not self.logged_in:
            return None
        if self._pending.is_entry(message):
            return self._list_entry(message, at)
        return self._event(message, at)

    def _response(self, message: Message, at: int) -> Outcome[Token] | None:
        mark = message.get(MARK)
        if not self.logged_in:
            return self._log_in(message) if mark == self._login_mark else None
        if self._believe_from and mark == self._believe_from:
            return self._believe()
        return self._pending.respond(message, at)

    def _list_entry(self, entry: Message, at: int) -> Outcome[Token] | None:
        if not is_whole(entry):
            self._entry = None
            self._pending.leave_out(entry, at)
            self._forged(at)
            return _culprit(entry)
        self._entry = None if entry.get("EventList") else entry
        answered = self._pending.enter(entry, at)
        if answered is not None:
            self._names.learn(answered.reply.entries)
        return answered

    def _event(self, event: Message, at: int) -> Outcome[Token] | None:
        if not is_whole(event):
            self._forged(at)
            return self._taken_back()
        if self._believe_from:
            self._lost += 1
            return None
        if not self._names.agree(event):
            self._forged(at)
            return None
        if is_open_ended(event):
            self._doubt(at)
        return None if event.name in self._settings.unread else event

    def _taken_back(self) -> Tampered | None:
        """In the middle of a list, what is not whole is the rest of the entry before it."""
        entry, self._entry = self._entry, None
        if entry is None:
            return None
        self._pending.take_back(entry)
        return Tampered(entry.get("Channel"))

    def _forged(self, at: int) -> None:
        """The block at hand is dropped, and so is what follows."""
        self._lost += 1
        self._was_forged = True
        self._doubt(at)

    def _doubt(self, at: int) -> None:
        """What follows the block at hand."""
        if not self._believe_from:
            self._believe_from, data = self._marked("Ping", ())
            self._believe_by = at + self._settings.action_timeout
            self._to_send.append(data)

    def _believe(self) -> Believed | None:
        believed = Believed(self._lost, self._was_forged) if self._lost else None
        self._lost, self._was_forged = 0, False
        self._believe_from, self._believe_by = "", NEVER
        return believed

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
        return min(self._pending.deadline, self._silence_by, self._believe_by)

    def tick(self, at: int) -> list[Outcome[Token]]:
        """Actions that have waited too long. Pings when nothing is heard.

        Raises ``ProtocolError`` when a ping, the login or the action of a doubt is not answered.
        """
        if self.logged_in:
            self._keep_alive(at)
            if at >= self._believe_by:
                raise ProtocolError(f"The PBX at {self._settings.place} does not answer any more.")
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


def _culprit(entry: Message) -> Tampered | None:
    if not is_proof(entry):
        return None
    return Tampered(entry.get("Channel"), by_another=is_by_another(entry))
