"""Subjects: what they are about, whatever mail programs have written in front of it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cti_adapters.email.model import MAX_SUBJECT
from router.text import one_line

_REPLY: Final = (
    "re|r|aw|antw|antwort|sv|vs|vá|ref|rif|res|odp|ynt|cevap|atb|ats|rv:re|ad|bls|σχετ|απ"
    "|отв|ответ|回复|回覆|答复|答覆|返信|답장|회신|réf|rép|svar|hj"
)
_FORWARD: Final = (
    "fwd|fw|wg|tr|rv|enc|i|fs|vl|vb|doorst|pd|továbbítás|πρθ|пер|пересл"
    "|转发|轉寄|轉發|轉送|転送|전달"
)
_COUNT: Final = r"\s{0,3}(?:[\[(]\s?\d{1,4}\s?[\])]|\^\d{1,4}|\d{1,3})?\s{0,3}[::]"
_ANY_PREFIX: Final = re.compile(rf"(?:{_REPLY}|{_FORWARD}){_COUNT}\s*", re.IGNORECASE)
_REPLY_PREFIX: Final = re.compile(rf"(?:{_REPLY}){_COUNT}\s*", re.IGNORECASE)
_TAG: Final = re.compile(r"\[[^\[\]]{0,60}#[^\[\]]{0,60}\]")  # [#1234], [Ticket #12]
_WARNING: Final = re.compile(r"\[(?:ext|external|extern|externe?r? ?mail|外部)\]\s*", re.IGNORECASE)


def about(subject: str) -> str:
    """``subject`` as it is compared: without Re:, Fwd:, 回复：…, tags with ``#`` in brackets and
    warnings of mail servers, in small letters. Empty when nothing is left that has a letter or a
    digit.
    """
    text = without_prefixes(subject)
    return text if any(one.isalnum() for one in text) else ""


def without_prefixes(subject: str) -> str:
    """``about``, also of what says nothing."""
    text = unicodedata.normalize("NFKC", one_line(subject[:MAX_SUBJECT])).casefold()
    return _bare(" ".join(text.split()))


def reply_subject(subject: str) -> str:
    """``Re: …``, once, on one line that fits."""
    text = one_line(subject[:MAX_SUBJECT])
    while found := _REPLY_PREFIX.match(text):
        text = text[found.end() :]
    return f"Re: {text}"[:MAX_SUBJECT].strip()


def _bare(text: str) -> str:
    while True:
        rest = " ".join(_TAG.sub(" ", text).split())
        rest = _without(_WARNING, _without(_ANY_PREFIX, rest))
        if rest == text:
            return text
        text = rest


def _without(prefix: re.Pattern[str], text: str) -> str:
    found = prefix.match(text)
    return text[found.end() :] if found else text
