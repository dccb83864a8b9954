"""How things are written to an IMAP server, and read from what it says. No I/O."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Final

from cti_adapters.email.imap.outcomes import Nonsense

MAX_UID: Final = 2**32 - 1
_PLAIN_RUN: Final = re.compile(r"[\x20-\x7e]+|[^\x20-\x7e]+")
_UID: Final = re.compile(rb"(?<![A-Z0-9.])UID (\d{1,10})(?!\d)", re.ASCII)
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d{1,19})(?!\d)", re.ASCII)
_QUOTED_BODY: Final = re.compile(rb'BODY\[[A-Z]*\](?:<0>)? "((?:[^"\\]|\\["\\])*)"', re.ASCII)
_NO_BODY: Final = re.compile(rb"BODY\[[A-Z]*\](?:<0>)? NIL", re.ASCII)
_FLAG: Final = re.compile(r"\\?[A-Za-z0-9$_.-]{1,64}", re.ASCII)
_MESSAGE_ID: Final = re.compile(r"[\x21-\x7e]{1,990}", re.ASCII)


class Unsayable(ValueError):
    """Our own words cannot be said to a server."""


Part = bytes | tuple[bytes, bytes]
"""One piece of an untagged response: a line, or a line's beginning and the literal after it."""


def quoted(text: str) -> str:
    """A quoted string. ``Unsayable`` for what cannot stand in one."""
    if not text.isascii() or not text.isprintable():
        raise Unsayable("this cannot be said to a mail server: use letters, digits and signs")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_name(name: str) -> str:
    """A folder's name, quoted, in modified UTF-7 (RFC 3501, 5.1.3)."""
    if not name or any(ord(one) < 32 or ord(one) == 127 for one in name):
        raise Unsayable("a folder's name has no control characters")
    parts = [run.replace("&", "&-") if run.isascii() else _shifted(run) for run in _runs(name)]
    return quoted("".join(parts))


def _runs(name: str) -> list[str]:
    return _PLAIN_RUN.findall(name)


def _shifted(run: str) -> str:
    try:
        encoded = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    except UnicodeEncodeError:
        raise Unsayable("a folder's name has whole characters") from None
    return f"&{encoded.decode('ascii')}-"


def uid_set(uids: Iterable[int]) -> str:
    """``1,2,5``. ``Unsayable`` for none, and for what is no UID."""
    numbers = list(uids)
    if not numbers or not all(0 < one <= MAX_UID for one in numbers):
        raise Unsayable("name the UIDs of mails")
    return ",".join(map(str, numbers))


def flag_list(flags: Sequence[str]) -> str:
    r"""``(\Seen $Routed)``. ``Unsayable`` for what is no flag."""
    if not flags or not all(_FLAG.fullmatch(one) for one in flags):
        raise Unsayable(r"write flags as \Seen and keywords as letters")
    return f"({' '.join(flags)})"


def message_id_search(message_id: str) -> tuple[str, str, str]:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Unsayable("a Message-ID has no spaces and control characters")
    return "HEADER", "Message-ID", quoted(message_id)


def number(text: bytes | str, what: str) -> int:
    """Of 32 bits and more than none. Raises ``Nonsense``."""
    word = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    if not re.fullmatch(r"\d{1,10}", word, re.ASCII) or not 0 < int(word) <= MAX_UID:
        raise Nonsense(f"The mail server gave no {what}.")
    return int(word)


def uids_of_fetch(parts: Iterable[Part | None]) -> list[int]:
    """From the answer to ``FETCH … (UID)``, in its order."""
    found = (_UID.search(part) for part in parts if isinstance(part, bytes))
    return [number(match[1], "UID") for match in found if match]


def sizes_of_fetch(parts: Iterable[Part | None]) -> dict[int, int]:
    """UID to bytes, from the answer to ``UID FETCH … (UID RFC822.SIZE)``."""
    sizes: dict[int, int] = {}
    for part in parts:
        if isinstance(part, bytes):
            uid, size = _UID.search(part), _SIZE.search(part)
            if uid and size:
                sizes[number(uid[1], "UID")] = int(size[1])
    return sizes


def body_of_fetch(parts: Sequence[Part | None], uid: int) -> bytes | None:
    """The one body in the answer to ``UID FETCH uid (UID BODY.PEEK[…])``, None when there is none.

    Servers put other news between, and write a short body as a quoted string.
    """
    for index, part in enumerate(parts):
        if isinstance(part, tuple):
            before, literal = part
            after = parts[index + 1] if index + 1 < len(parts) else b""
            around = before + b" " + (after if isinstance(after, bytes) else b"")
            if b"BODY[" in before.upper() and _is_about(around, uid):
                return literal
        elif part is not None and _is_about(part, uid):
            if match := _QUOTED_BODY.search(part):
                return re.sub(rb"\\(.)", rb"\1", match[1])
            if _NO_BODY.search(part):
                return b""
    return None


def bodies_of_fetch(parts: Sequence[Part | None]) -> dict[int, bytes]:
    """UID to body, from the answer to ``UID FETCH … (UID BODY.PEEK[…])``; what a server writes
    otherwise than as a literal is left out.
    """
    bodies: dict[int, bytes] = {}
    for index, part in enumerate(parts):
        if isinstance(part, tuple):
            after = parts[index + 1] if index + 1 < len(parts) else b""
            told = _UID.search(part[0]) or _UID.search(after if isinstance(after, bytes) else b"")
            if told:
                bodies[number(told[1], "UID")] = part[1]
    return bodies


def _is_about(text: bytes, uid: int) -> bool:
    return any(int(found) == uid for found in _UID.findall(text))


def uids_of_search(parts: Iterable[Part | None], most: int) -> tuple[int, ...]:
    """Ascending and each once."""
    words = [word for part in parts if isinstance(part, bytes) for word in part.split()]
    return tuple(sorted({number(word, "UID") for word in words[:most]}))
