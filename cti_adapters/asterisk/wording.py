"""What callers are told of their place and wait, in words, by language. Pure.

Waits are rounded to what people say: few texts are spoken again and again, and each is kept.
A language is added by a row of ``WORDS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from router.core.durations import HOUR, MINUTE

_FINE: Final = 10  # minutes; above, they are told in fives


class Spoken(msgspec.Struct, frozen=True):
    """``language`` is the one that ``text`` is in: another than asked for when there is none.
    ``audio`` names a recording of it, which may not be there, as it was in force ``at`` (0: now).
    """

    text: str
    language: str
    audio: str = ""
    at: int = 0


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """``{n}`` and ``{m}`` are numbers, as ``count`` says them; ``{key}`` one of ``keys``."""

    first: str
    place: str
    moment: str
    minute: str
    minutes: str
    between: str
    longer: str
    hour: str
    callback: str
    keys: dict[str, str]
    number: Callable[[int], str] = str
    count: Callable[[int], str] = str  # before a noun


def _chinese(number: int) -> str:
    """``二十三``; in digits from 100 on."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def _chinese_count(number: int) -> str:
    return "两" if number == 2 else _chinese(number)


_DIGITS: Final = "零一二三四五六七八九"
_KEYS: Final = {**{str(one): str(one) for one in range(10)}}

WORDS: Final[dict[str, Words]] = {
    "en": Words(
        first="You are next.",
        place="You are number {n}.",
        moment="The wait is less than a minute.",
        minute="The wait is about a minute.",
        minutes="The wait is about {n} minutes.",
        between="The wait is about {n} to {m} minutes.",
        longer="The wait is more than {n} minutes.",
        hour="The wait is more than an hour.",
        callback="To be called back on this number without losing your place, press {key}.",
        keys={**_KEYS, "*": "star", "#": "hash"},
    ),
    "zh": Words(
        first="下一位就是您。",
        place="您排在第{n}位。",
        moment="等候时间不到一分钟。",
        minute="大约还需等候一分钟。",
        minutes="大约还需等候{n}分钟。",
        between="大约还需等候{n}到{m}分钟。",
        longer="等候时间超过{n}分钟。",
        hour="等候时间超过一小时。",
        callback="如需我们回拨此号码并保留您的位置，请按{key}。",
        keys={**{key: _DIGITS[int(key)] for key in _KEYS}, "*": "星号键", "#": "井号键"},
        number=_chinese,
        count=_chinese_count,
    ),
}


def language_of(language: str, otherwise: str) -> str:
    """The language of ``WORDS`` for one that is asked for as ``zh-CN``, else ``otherwise``'s."""
    for wanted in (language, otherwise):
        primary = wanted.lower().replace("_", "-").partition("-")[0]
        if primary in WORDS:
            return primary
    return "en"


def position_words(language: str, position: int) -> Spoken:
    """``position`` counts from 1; ``language`` is one of ``WORDS``."""
    words = WORDS[language]
    text = words.first if position == 1 else words.place.format(n=words.number(position))
    return Spoken(text, language)


def wait_words(language: str, low: int, high: int) -> Spoken:
    """A wait between ``low`` and ``high`` microseconds; ``language`` is one of ``WORDS``."""
    return Spoken(_wait(WORDS[language], low, high), language)


def callback_words(language: str, key: str) -> Spoken:
    """``key`` is one of a telephone; ``language`` one of ``WORDS``."""
    words = WORDS[language]
    return Spoken(words.callback.format(key=words.keys[key]), language)


def _wait(words: Words, low: int, high: int) -> str:
    if high < MINUTE:
        return words.moment
    if low >= HOUR:
        return words.hour
    at_least = max(_grained(low // MINUTE, up=False), 1)
    if high > HOUR:
        return words.longer.format(n=words.count(at_least))
    at_most = _grained(-(-high // MINUTE), up=True)
    if at_least < at_most:
        return words.between.format(n=words.count(at_least), m=words.count(at_most))
    return words.minute if at_most == 1 else words.minutes.format(n=words.count(at_most))


def _grained(minutes: int, *, up: bool) -> int:
    if minutes <= _FINE:
        return minutes
    return -(-minutes // 5) * 5 if up else minutes // 5 * 5
