"""The standard library's IMAP4 over a bounded stream, with what it lacks: IDLE, and limits."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from typing import Any, Final

from cti_adapters.email.imap import words
from cti_adapters.email.imap.outcomes import Nonsense, Refused, Renumbered, Unreachable
from cti_adapters.email.imap.stream import BoundedStream
from cti_adapters.email.settings import ImapLimits
from cti_adapters.email.transport import printable

_DONE_WITHIN: Final = 20  # seconds for a server to end IDLE


class Protocol(imaplib.IMAP4):
    """Blocking. Whatever it raises but ``Refused`` leaves a connection that is of no more use.

    It keeps nothing from one command to the next but how many mails the folder has (``exists``),
    whether new ones were announced (``arrived``), and the folder's numbering.
    """

    def __init__(self, stream: BoundedStream, limits: ImapLimits) -> None:
        """``stream`` is connected; the greeting and the capabilities are read here."""
        self.stream = stream
        self.limits = limits
        self.exists = 0
        self.arrived = False
        self.uidvalidity = 0  # of the selected folder
        self._responses = 0
        self._largest_literal = limits.literal
        stream.left = limits.answer
        super().__init__()

    # -- what imaplib calls -----------------------------------------------------------------------

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """The stream is open."""

    def read(self, size: int) -> bytes:
        if size > self._largest_literal:
            raise Nonsense("The mail server sends more than was asked of it.")
        data = self.stream.read(size)
        if len(data) < size:
            raise Unreachable("The connection with the mail server broke.")
        return data

    def readline(self) -> bytes:
        return self.stream.readline()

    def send(self, data: Any) -> None:  # noqa: ANN401
        self.stream.send(data)

    def shutdown(self) -> None:
        self.stream.close()

    def _append_untagged(self, typ: str, dat: Any) -> None:  # noqa: ANN401
        self._responses += 1
        if self._responses > self.limits.responses:
            raise Nonsense("The mail server says more than was asked of it.")
        match typ:
            case "EXISTS":
                self._mails(_count(dat))
            case "EXPUNGE":
                self.exists = max(self.exists - 1, 0)
            case "UIDVALIDITY":
                self._numbering(words.number(_bytes(dat).split(b"]")[0], "numbering of its folder"))
            case _:
                pass
        super()._append_untagged(typ, dat)  # type: ignore[misc]  # private, so not in its stubs

    def _mails(self, count: int) -> None:
        self.arrived |= count > self.exists
        self.exists = count

    def _numbering(self, value: int) -> None:
        if self.uidvalidity not in {0, value}:
            raise Renumbered("The mail server numbered the folder anew.")

    # -- what the session calls -------------------------------------------------------------------

    def begin(self, seconds: float, *, literal: int = 0) -> None:
        """Before every command: how long it may take, and which literal it may bring, in bytes."""
        self._largest_literal = max(literal, self.limits.literal)
        self._responses = 0
        self.stream.deadline = time.monotonic() + seconds
        self.stream.left = self.limits.answer + literal
        self.untagged_responses.clear()

    def do(self, name: str, *arguments: str) -> list[bytes]:
        """The text of the answer; ``Refused`` when it is no."""
        typ, data = self._simple_command(name, *arguments)
        if typ != "OK":
            raise Refused(f"The mail server refused {name}: {printable(_last(data))}")
        return list(data)

    def told(self, kind: str) -> list[Any]:
        """The untagged responses of this kind to the last command."""
        return list(self.untagged_responses.get(kind, ()))

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """STARTTLS. What was said before is forgotten: it may have been forged."""
        if self.state != "NONAUTH":
            raise Nonsense("Somebody is signed in already, before the encryption.")
        if "STARTTLS" not in self.capabilities:
            raise Refused("The mail server has no STARTTLS: use its port for TLS, mostly 993.")
        self.do("STARTTLS")
        self.stream.encrypt(context, host)
        self.untagged_responses.clear()
        self.refresh()

    def refresh(self) -> None:
        """Ask for the capabilities: they change with encryption and with signing in."""
        self._get_capabilities()

    def await_news(self, seconds: float) -> bool:
        """Wait until mails are announced (True), or the time is over or somebody wakes us."""
        tag: bytes = self._new_tag()
        self.send(tag + b" IDLE\r\n")
        while self._get_response() is not None:
            if self.tagged_commands[tag]:
                raise Refused("The mail server refused IDLE.")
        self._listen(time.monotonic() + seconds)
        self.stream.deadline = time.monotonic() + _DONE_WITHIN
        self.send(b"DONE\r\n")
        typ, data = self._command_complete("IDLE", tag)
        if typ != "OK":
            raise Refused(f"The mail server refused IDLE: {printable(_last(data))}")
        return self.arrived

    def _listen(self, until: float) -> None:
        while not self.arrived and (left := until - time.monotonic()) > 0:
            if not self.stream.wait(left):
                return
            self.stream.deadline = time.monotonic() + _DONE_WITHIN
            self._get_response()
            self._check_bye()

    def nothing(self) -> None:
        self.do("NOOP")


def _count(data: Any) -> int:  # noqa: ANN401
    word = _bytes(data).split(b" ", 1)[0]
    if not re.fullmatch(rb"\d{1,10}", word, re.ASCII):
        raise Nonsense("The mail server gave no number of mails.")
    return int(word)


def _bytes(data: Any) -> bytes:  # noqa: ANN401
    return data if isinstance(data, bytes) else b""


def _last(data: Any) -> bytes:  # noqa: ANN401
    return _bytes(data[-1]) if data else b""
