"""Text from outside, made plain: no control characters, no tricks with writing direction.

Markup is not touched and never interpreted: it is text like any other, and who shows it escapes
it. Joiners stay, because scripts and emoji need them.
"""

from __future__ import annotations

import unicodedata

_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_LINE_ENDS = str.maketrans({"\t": " ", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n"})


def lines(text: str) -> str:
    """``text`` with its line breaks as ``\\n`` and no other control character."""
    if text.isascii() and text.isprintable():
        return text.strip()
    unified = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    return "".join(c for c in unified if c == "\n" or _is_plain(c)).strip()


def one_line(text: str) -> str:
    """``text`` on one line, for names, addresses and other labels."""
    return " ".join(lines(text).split())


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTION
