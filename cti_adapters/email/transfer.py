"""Transfer encodings as they come: with junk in between, cut off, or escaped wrongly.

Every function takes time in proportion to its input, gives at most as many bytes as it gets, and
never raises.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_JUNK: Final = bytes(byte for byte in range(256) if byte not in _ALPHABET)
_LOOSE_END: Final = re.compile(rb"=[ \t]{1,20}(\r?\n)")
_JOINTS: Final = 100  # pieces of base64 put end to end; beyond, it is junk with equal signs


def decoded(data: bytes, encoding: str) -> bytes:
    """``data`` without the transfer encoding that ``encoding`` names; as it is when that is none
    that is known.
    """
    match encoding.strip().lower():
        case "base64":
            return from_base64(data)
        case "quoted-printable":
            return from_quoted_printable(data)
        case _:
            return data


def from_base64(data: bytes) -> bytes:
    """All that can be decoded. Padding in the middle joins two pieces, as some senders write."""
    kept = data.translate(None, _JUNK)
    ends = kept.rstrip(b"=")
    if b"=" not in ends:
        return _piece(ends)
    if ends.count(b"=") > _JOINTS:
        return _piece(ends.replace(b"=", b""))
    return b"".join(_piece(piece) for piece in re.split(rb"=+", ends))


def _piece(letters: bytes) -> bytes:
    surplus = len(letters) % 4
    if surplus == 1:
        letters = letters[:-1]
        surplus = 0
    return binascii.a2b_base64(letters + b"=" * (-surplus % 4))


def from_quoted_printable(data: bytes) -> bytes:
    """A wrong escape stays as it stands."""
    return binascii.a2b_qp(_LOOSE_END.sub(rb"=\1", data))
