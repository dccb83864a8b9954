"""Text from outside, made plain: no control characters, no tricks with writing direction.

Markup is not touched and never interpreted: it is text like any other, and who shows it escapes
it. Joiners stay, because scripts and emoji need them.
"""

from __future__ import annotations

import re
from typing import Final

_DIRECTION: Final = "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_TRICKS: Final = re.compile(f"[\x00-\x09\x0e-\x1f\x7f-\x9f\ud800-\udfff{_DIRECTION}]+")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")


def lines(text: str) -> str:
    """``text`` with its line breaks as ``\\n`` and no other control character."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _TRICKS.sub("", _LINE_ENDS.sub("\n", text.replace("\t", " "))).strip()


def one_line(text: str) -> str:
    """``text`` on one line, for names, addresses and other labels."""
    return " ".join(lines(text).split())
