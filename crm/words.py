"""Text from outside made safe to store, and folded for search. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

from crm.limits import MAX_KEY

# Controls (with NUL, which PostgreSQL refuses), lone surrogates (which UTF-8 cannot hold) and
# the invisible marks that turn the direction of text around and so can disguise it.
_DROPPED: Final = frozenset({"Cc", "Cs"})
_DIRECTION_MARKS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def paragraph(text: str) -> str:
    """``text`` without controls, keeping its line breaks; blanks around it are dropped."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or _visible(c))
    return unicodedata.normalize("NFC", kept).strip()


def line(text: str) -> str:
    """``text`` without controls, on one line, blanks collapsed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(paragraph(text).split())


def fold(text: str) -> str:
    """What two spellings of one name have in common: case, accents and widths are dropped."""
    if text.isascii():
        return line(text).lower()[:MAX_KEY]
    decomposed = unicodedata.normalize("NFKD", line(text)).casefold()
    letters = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", letters)[:MAX_KEY]


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _DROPPED and character not in _DIRECTION_MARKS
