"""Whether an answer fits a question: the closed set of checks that need no code of an admin."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, assert_never

from ivr.core.conditions import whole_number
from ivr.core.nodes import MAX_ANSWER, Collect, Menu, OfferCallback
from router.text import one_line

_EMAIL: Final = re.compile(
    r"[A-Za-z0-9._%+'-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{2,63}", re.ASCII
)
_PHONE: Final = re.compile(r"\+?[0-9]{4,15}", re.ASCII)
_PUNCTUATION: Final = re.compile(r"[ ()./-]")


def chosen(question: Menu | OfferCallback, text: str) -> str | None:
    """The key that ``text`` means: itself, or the words of its button in any language."""
    said = one_line(text[:MAX_ANSWER]).casefold()
    words = choices(question)
    if said in words:
        return said
    for key, by_language in words.items():
        if said and any(said == one_line(one).casefold() for one in by_language.values()):
            return key
    return None


def choices(question: Menu | OfferCallback) -> dict[str, dict[str, str]]:
    """Each key with its words by language."""
    if isinstance(question, Menu):
        return question.choices
    return {
        question.accept: question.accept_words,
        question.decline: question.decline_words,
    }


def collected(question: Collect, text: str) -> str | None:
    """What is kept of ``text``, None when it does not fit."""
    if len(text) > MAX_ANSWER:
        return None
    value = one_line(text)
    if question.input == "digits" or question.check == "phone":
        value = _PUNCTUATION.sub("", value)
    if not question.min_length <= len(value) <= question.max_length:
        return None
    if question.input == "digits" and not _is_number(value, plus=question.check == "phone"):
        return None
    return value if _fits(question, value) else None


def _is_number(value: str, *, plus: bool) -> bool:
    digits = value.removeprefix("+") if plus else value
    return digits.isascii() and digits.isdigit()


def _fits(question: Collect, value: str) -> bool:
    match question.check:
        case "any":
            return True
        case "luhn":
            return luhn(value)
        case "date":
            return is_date(value)
        case "range":
            number = whole_number(value)
            return number is not None and _within(question, number)
        case "email":
            return _EMAIL.fullmatch(value) is not None and ".." not in value
        case "phone":
            return _PHONE.fullmatch(value) is not None
        case _:
            assert_never(question.check)


def _within(question: Collect, number: int) -> bool:
    least, most = question.least, question.most
    return (least is None or number >= least) and (most is None or number <= most)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    if not (digits.isascii() and digits.isdigit() and len(digits) > 1):
        return False
    doubled = (2 * int(one) for one in digits[-2::-2])
    total = sum(int(one) for one in digits[::-2]) + sum(one - 9 * (one > 9) for one in doubled)
    return total % 10 == 0


def is_date(digits: str) -> bool:
    """Whether ``digits`` are a day as YYYYMMDD, hyphens allowed."""
    bare = digits.replace("-", "")
    if not (bare.isascii() and bare.isdigit() and len(bare) == 8):
        return False
    try:
        dt.date(int(bare[:4]), int(bare[4:6]), int(bare[6:]))
    except ValueError:
        return False
    return True
