"""Words found in what a customer wrote: whole words, whatever their capitals and accents.

A text is cut into words at everything that is no letter and no digit. Where a script sets no spaces
(Chinese, Japanese, Thai) or hangs endings on words (Korean), every character counts as a word, so
that a phrase is found inside a text. There are no patterns, so no phrase takes long to look for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

MAX_PHRASE: Final = 80  # characters of a word or phrase that is looked for
MAX_PHRASES: Final = 50
MAX_SEARCHED: Final = 20_000  # characters of a text
_REMEMBERED: Final = 30_000  # characters
_LETTERS: Final = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_ACCENTS: Final = (range(0x0300, 0x0370), range(0x0591, 0x05C8), range(0x064B, 0x0653))
_BARE: Final = {**_LETTERS, **{point: None for points in _ACCENTS for point in points}}
_EACH_CHARACTER: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FFF),  # parts of Han characters
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


class Words:
    """A text in which phrases are looked for. Beyond 20,000 characters nothing is found."""

    __slots__ = ("_known", "_text")

    def __init__(self, *texts: str) -> None:
        parts = [_spaced(part) for part in _bounded(texts)]
        self._text = " | ".join(parts).join("  ")  # no phrase reaches over the bar
        self._known = frozenset(self._text.split(" "))

    def has(self, phrase: str) -> bool:
        """Whether ``phrase`` stands there: its words, next to each other and in order."""
        wanted = _phrase(phrase)
        if not wanted or wanted.partition(" ")[0] not in self._known:
            return False
        return f" {wanted} " in self._text

    def has_any(self, phrases: Iterable[str]) -> bool:
        return any(self.has(one) for one in phrases)


def has_words(phrase: str) -> bool:
    """Whether there is anything in ``phrase`` to be looked for."""
    return bool(_phrase(phrase))


def _bounded(texts: Iterable[str]) -> Iterator[str]:
    room = MAX_SEARCHED
    for one in texts:
        yield one[:room]
        room -= len(one[:room])


@lru_cache(maxsize=4_096)
def _phrase(phrase: str) -> str:
    return _spaced(phrase[:MAX_PHRASE])


def _spaced(text: str) -> str:
    """The words of ``text`` with one space between them."""
    return " ".join(_plain(text).translate(_CUT).split())


def _plain(text: str) -> str:
    """In small letters, without accents, full-width and other forms as the usual ones."""
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", text.casefold()).translate(_BARE)
    return unicodedata.normalize("NFC", small.casefold())


class _Cut(dict[int, str]):
    """What each character becomes: part of a word, a word by itself, or a gap."""

    def __missing__(self, point: int) -> str:
        one = chr(point)
        if not _counts(one):
            cut = " "
        elif any(first <= point <= last for first, last in _EACH_CHARACTER):
            cut = f" {one} "
        else:
            cut = one
        if len(self) < _REMEMBERED:
            self[point] = cut
        return cut


def _counts(one: str) -> bool:
    """Whether it is part of a word: letters, digits, and the vowel signs that stand with them."""
    return unicodedata.category(one)[0] in "LMN"


_CUT: Final = _Cut()
