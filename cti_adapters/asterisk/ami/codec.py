"""AMI, the language of Asterisk's manager interface, without any input or output.

A message is lines of ``Key: value``, each ended by CR LF, and an empty line. Nothing else ends a
line: a bare CR or LF is part of its value. Values are UTF-8 in principle; bytes that are not are
replaced. Keys may be repeated. What ``Command`` prints comes as repeated ``Output`` headers, and
from Asterisk 13 and older as bare text after ``Response: Follows``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, Literal

import msgspec

Header = tuple[str, str]

# Asterisk 22 reads lines of 1,024 bytes and 128 lines a message: of a longer line it takes the
# rest for a line of its own.
MAX_SENT_LINE: Final = 1_022
MAX_SENT_LINES: Final = 128

_LINE_END: Final = b"\r\n"
_END: Final = _LINE_END * 2
_BANNER: Final = b"Asterisk Call Manager/"
_MAX_BANNER: Final = 128
_KEY: Final = re.compile(r"[!-9;-~]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PREAMBLE: Final = frozenset({"Response", "ActionID", "Privilege", "Message"})
_FOLLOWS: Final = "Response: Follows"
_END_OF_OUTPUT: Final = "--END COMMAND--"


class UnsafeValue(ValueError):
    """A key or a value that Asterisk would read as something else. The text shows no values."""


class ProtocolError(Exception):
    """The other side breaks the protocol or has fallen silent: the connection is of no more use."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one message may have, in bytes and in lines; more is not AMI, or an attack."""

    line: int = 65_536
    message: int = 1_048_576
    lines: int = 20_000
    headers: int = 2_000


class Message(msgspec.Struct, frozen=True, eq=False):
    """One message of Asterisk. ``headers`` in their order; ``output`` is what a command printed,
    and any line that is not a header.
    """

    headers: tuple[Header, ...]
    output: tuple[str, ...] = ()
    _first: dict[str, str] = msgspec.field(default_factory=dict)  # filled by the first ``get``

    @property
    def kind(self) -> Literal["response", "event"]:
        """The first header decides: an event may have a header ``Response`` as well."""
        is_response = bool(self.headers) and self.headers[0][0] == "Response"
        return "response" if is_response else "event"

    @property
    def name(self) -> str:
        """The event's name, or whether the response is ``Success`` or ``Error``."""
        known = bool(self.headers) and self.headers[0][0] in ("Event", "Response")
        return self.headers[0][1] if known else ""

    def get(self, key: str, default: str = "") -> str:
        """The first value of ``key``, in whatever case; ``default`` when there is none."""
        if not self._first:
            self._first.update((name.lower(), value) for name, value in reversed(self.headers))
        return self._first.get(key.lower(), default)

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of ``key``, in whatever case."""
        wanted = key.lower()
        return tuple(value for name, value in self.headers if name.lower() == wanted)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self.headers == other.headers and self.output == other.output

    def __hash__(self) -> int:
        return hash((self.headers, self.output))

    def __repr__(self) -> str:
        return f"Message({self.headers!r}, {self.output!r})"

    def variables(self, prefix: str = "") -> dict[str, str]:
        """Channel variables by name; the last value counts.

        They are in the headers ``Variable``, ``ChanVariable`` and ``ChanVariable(channel)``, and
        for the other channel of an event with its ``prefix`` in front: ``Dest``, ``LocalTwo`` …
        """
        start = prefix.lower()
        found: dict[str, str] = {}
        for key, value in self.headers:
            name, equals, content = value.partition("=")
            kind = key.lower().partition("(")[0]
            if equals and kind in (f"{start}chanvariable", f"{start}variable"):
                found[name] = content
        return found


def encode(action: str, headers: Iterable[Header] = ()) -> bytes:
    """An action as it goes over the wire.

    Raises ``UnsafeValue`` for what would be read as another header, another action or other
    values: control characters, a key with a colon or a space, lines too long or too many.
    """
    lines = [_line("Action", action)]
    for key, value in headers:
        if key.lower() == "action":
            raise UnsafeValue("An action has one name: do not give the header Action as well.")
        lines.append(_line(key, value))
    if len(lines) > MAX_SENT_LINES:
        raise UnsafeValue(f"{action} may have {MAX_SENT_LINES} headers at most.")
    return _LINE_END.join(lines) + _END


def _line(key: str, value: str) -> bytes:
    if not _KEY.fullmatch(key):
        raise UnsafeValue(f"{key[:40]!r} cannot be the key of a header: no spaces, no colons.")
    if _CONTROL.search(value):
        raise UnsafeValue(f"The value of {key} has control characters: remove them.")
    try:
        line = f"{key}: {value}".encode()
    except UnicodeEncodeError:
        raise UnsafeValue(f"The value of {key} is not valid text: remove what is not.") from None
    if len(line) > MAX_SENT_LINE:
        raise UnsafeValue(f"The value of {key} is too long for Asterisk: shorten it.")
    return line


class Decoder:
    """Bytes as they come in, messages as they are complete. It begins with the banner.

    Events named in ``unread`` are left out, if their bytes are ``whole``, which costs a tenth of
    reading them. When ``feed`` raises ``ProtocolError`` the stream cannot be read on, and every
    later call raises it again.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        unread: Iterable[str] = (),
        whole: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        self.banner = ""
        """The server's first line, once it is there."""
        self._limits = limits or Limits()
        self._unread = frozenset(f"Event: {name}".encode() for name in unread)
        self._whole = whole
        self._buffer = bytearray()
        self._searched = 0  # no message ends before this
        self._error = ""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that ``data`` completes. Raises ``ProtocolError``."""
        if self._error:
            raise ProtocolError(self._error)
        self._buffer += data
        try:
            if not self.banner and not self._read_banner():
                return []
            return self._read_messages()
        except ProtocolError as error:
            self._error = str(error)
            self._buffer.clear()
            raise

    def _read_banner(self) -> bool:
        start = self._buffer[: len(_BANNER)]
        if not _BANNER.startswith(start):
            raise ProtocolError("What answers there is not Asterisk's manager interface.")
        end = self._buffer.find(_LINE_END, 0, _MAX_BANNER)
        if end < 0:
            if len(self._buffer) >= _MAX_BANNER:
                raise ProtocolError("What answers there has too long a first line for Asterisk.")
            return False
        self.banner = self._buffer[:end].decode("utf-8", "replace")
        del self._buffer[: end + 2]
        return True

    def _read_messages(self) -> list[Message]:
        buffer = self._buffer
        messages: list[Message] = []
        start = 0
        end = buffer.find(_END, self._searched)
        while end >= 0:
            self._check_size(end - start)
            block = buffer[start:end]
            if not self._is_left_out(block):
                message = _decode(block, self._limits)
                if message is not None:
                    messages.append(message)
            start = end + len(_END)
            end = buffer.find(_END, start)
        del buffer[:start]
        self._searched = max(0, len(buffer) - len(_END) + 1)
        self._check_size(self._searched)
        return messages

    def _is_left_out(self, block: bytearray) -> bool:
        return bytes(block.partition(_LINE_END)[0]) in self._unread and self._whole(bytes(block))

    def _check_size(self, size: int) -> None:
        if size > self._limits.message:
            raise ProtocolError(f"Asterisk sent a message of over {self._limits.message} bytes.")


def _decode(block: bytearray, limits: Limits) -> Message | None:
    """None for nothing: one empty line more between two messages does no harm."""
    if block.count(_LINE_END) > limits.lines:
        raise ProtocolError(f"Asterisk sent a message of over {limits.lines} lines.")
    text = block.decode("utf-8", "replace").removeprefix("\r\n")
    if not text:
        return None
    lines = text.split("\r\n")
    if len(block) > limits.line and max(map(len, lines)) > limits.line:
        raise ProtocolError(f"Asterisk sent a line of over {limits.line} characters.")
    message = _with_bare_output(lines) if lines[0] == _FOLLOWS else _with_headers(lines)
    if len(message.headers) > limits.headers:
        raise ProtocolError(f"Asterisk sent a message of over {limits.headers} headers.")
    return message


def _with_headers(lines: list[str]) -> Message:
    headers: list[Header] = []
    output: list[str] = []
    for line in lines:
        key, colon, value = line.partition(": ")
        if not colon or ":" in key:
            key, colon, value = line.partition(":")
        if not colon:
            output.append(line)
        elif key == "Output":
            output.append(value)
        else:
            headers.append((key, value))
    return Message(tuple(headers), tuple(output))


def _with_bare_output(lines: list[str]) -> Message:
    """Only here an LF alone ends a line; the text begins after the headers that are known."""
    bare = next((n for n, line in enumerate(lines) if line.partition(":")[0] not in _PREAMBLE), 0)
    output = "\n".join(lines[bare:]).removesuffix(_END_OF_OUTPUT).removesuffix("\n")
    return Message(_with_headers(lines[:bare]).headers, tuple(output.split("\n")))
