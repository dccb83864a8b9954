"""Header fields: where they end, what they say. Nothing here takes more than linear time.

The standard library's header classes are not used: they take seconds for one long ``To``, and
deeply nested comments exhaust the stack.
"""

from __future__ import annotations

import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from cti_adapters.email.charsets import decode, known
from router.text import one_line

MAX_BLOCK: Final = 512 * 1024  # bytes of one part's header fields
MAX_FIELDS: Final = 1_000  # of one part
MAX_VALUE: Final = 64 * 1024  # bytes of one field that are looked at
MAX_PARAMETERS: Final = 50
_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_PARAMETER: Final = re.compile(
    r';\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))', re.DOTALL
)
_SECTION: Final = re.compile(r"([^*]+)\*(\d{1,3})?(\*)?$")
_TYPE: Final = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]{1,80})/([A-Za-z0-9!#$&^_.+-]{1,80})")


class TooMuch(Exception):
    """A mail passes a limit that no honest one comes near; the text is a sentence for people."""


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Header fields in their order, names in small letters, values as bytes, unfolded and cut."""

    items: tuple[tuple[str, bytes], ...] = ()
    cut: bool = False  # a value was longer than ``MAX_VALUE``

    def all(self, name: str) -> list[bytes]:
        return [value for field, value in self.items if field == name]

    def first(self, name: str) -> bytes:
        return next((value for field, value in self.items if field == name), b"")

    def has(self, name: str) -> bool:
        return any(field == name for field, _ in self.items)


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A value with parameters, such as Content-Type; all names in small letters."""

    value: str = ""
    parameters: dict[str, str] = {}


def split(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """The header fields from ``start`` on and the offset where the body begins. They end at an
    empty line, or at the first line that is none. Raises ``TooMuch``.
    """
    items: list[tuple[str, bytes]] = []
    name, pieces, size, cut = "", [b""], 0, False
    place = start
    while place < end:
        stop = raw.find(b"\n", place, min(end, start + MAX_BLOCK + 1))
        if stop < 0:
            stop = end
        if stop - start > MAX_BLOCK:
            raise TooMuch(f"Its header is longer than {MAX_BLOCK // 1024} KiB.")
        line = raw[place:stop].rstrip(b"\r")
        if not line.strip():
            place = stop + 1
            break
        if line[:1] in (b" ", b"\t"):
            if size < MAX_VALUE:
                pieces.append(line)
            else:
                cut = True
            size += len(line)
        elif found := _FIELD.match(line):
            if name:
                items.append((name, b"".join(pieces)))
            if len(items) >= MAX_FIELDS:
                raise TooMuch(f"Its header has more than {MAX_FIELDS:,} fields.")
            name = found.group(1).decode("ascii").lower()
            pieces = [line[found.end() :]]
            size = len(pieces[0])
        elif place != start or not line.startswith((b"From ", b">From ")):
            break  # a body without the empty line before it
        place = stop + 1
    if name:
        items.append((name, b"".join(pieces)))
    cut = cut or any(len(value) > MAX_VALUE for _, value in items)
    fields = tuple((name, value.strip()[:MAX_VALUE]) for name, value in items)
    return Fields(items=fields, cut=cut), min(place, end)


def raw_text(value: bytes, hint: str = "") -> str:
    """A value as it stands: encoded words still encoded, raw 8-bit bytes read as best they can."""
    return value.decode("ascii") if value.isascii() else decode(value, "", hint)


def text(value: bytes | str, hint: str = "") -> str:
    """A value as people read it, on one line."""
    return one_line(unworded(value if isinstance(value, str) else raw_text(value, hint)))


def unworded(value: str) -> str:
    """``value`` with its encoded words (RFC 2047) decoded. Words that follow one another in one
    charset are joined as bytes, for many senders cut in the middle of a character.
    """
    if "=?" not in value:
        return value
    result: list[str] = []
    pending: list[bytes] = []
    charset, place = "", 0
    for found in _WORD.finditer(value):
        between = value[place : found.start()]
        label = found.group(1).split("*")[0].lower()
        if pending and (between.strip() or label != charset):
            result.append(decode(b"".join(pending), charset))
            pending = []
        if between.strip() or not place:
            result.append(between)
        charset = label
        pending.append(_word(found.group(2), found.group(3)))
        place = found.end()
    if pending:
        result.append(decode(b"".join(pending), charset))
    return "".join([*result, value[place:]])


def _word(kind: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if kind in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def described(value: bytes, hint: str = "") -> Described:
    """A value with parameters, those of RFC 2231 joined and decoded, and names in encoded words,
    which the standards forbid and many write.
    """
    written = raw_text(value[:8_192], hint)
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for number, found in enumerate(_PARAMETER.finditer(written)):
        if number >= MAX_PARAMETERS:
            break
        name, quoted, bare = found.group(1).lower(), found.group(2), found.group(3)
        content = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (bare or "").strip()
        if parted := _SECTION.match(name):
            section = int(parted.group(2) or 0)
            extended = bool(parted.group(3)) or parted.group(2) is None
            sections.setdefault(parted.group(1), {}).setdefault(section, (content, extended))
        else:
            plain.setdefault(name, one_line(unworded(content.strip('"'))))
    joined = {name: one_line(_joined(pieces)) for name, pieces in sections.items()}
    return Described(
        value=written.split(";", 1)[0].strip().lower()[:200], parameters={**plain, **joined}
    )


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    charset, data = "", b""
    for place, number in enumerate(sorted(pieces)):
        content, extended = pieces[number]
        if extended:
            if place == 0 and content.count("'") >= 2:
                charset, _, content = content.split("'", 2)
            data += unquote_to_bytes(content)
        else:
            data += content.encode("utf-8", "replace")
    return decode(data, charset if known(charset) else "")


def content_type(fields: Fields, otherwise: str = "text/plain", hint: str = "") -> Described:
    """Content-Type; ``otherwise`` where there is none that can be understood."""
    found = described(fields.first("content-type"), hint)
    kind = _TYPE.match(found.value)
    value = f"{kind.group(1)}/{kind.group(2)}" if kind else otherwise
    return Described(value=value, parameters=found.parameters)
