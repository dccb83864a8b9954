"""Where the earlier mail begins that a reply carries along, so that a page may fold it.

Folding must never hide what the customer wrote: when something of theirs stands among or below the
quoted lines, nothing is folded.
"""

from __future__ import annotations

import re
from typing import Final

_LOOKED_AT: Final = 5_000  # lines
_WROTE: Final = re.compile(
    r"(?:on\b.{3,}\bwrote|am\b.{3,}\bschrieb\b.{0,80}|le\b.{3,}\ba écrit|el\b.{3,}\bescribió"
    r"|il\b.{3,}\bha scritto|em\b.{3,}\bescreveu|op\b.{3,}\bschreef\b.{0,80}"
    r"|den\b.{3,}\bskrev.{0,80}"
    r"|.{3,}\b(?:пишет|писал|написал(?:а|\(а\))?)|.{3,}写道|.{3,}寫道|.{3,}のメール|.{3,}wrote)"
    r"\s{0,3}[:\uff1a]$",
    re.IGNORECASE,
)
_BEGINS_WROTE: Final = re.compile(r"(?:on|am|le|el|il|em|op|den|在|於|于)\b.{3}", re.IGNORECASE)
_SEPARATOR: Final = re.compile(
    r"-{2,}\s?(?:original message|forwarded message|ursprüngliche nachricht|message d'origine"
    r"|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht"
    r"|原始邮件|原始郵件|原邮件|转发邮件|元のメッセージ|исходное сообщение)\s?-{2,}$",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"_{10,}$|-{20,}$")
_FROM: Final = re.compile(
    r"\*?(?:from|von|de|da|van|от|от кого|发件人|寄件者|差出人)\s?\*?[:\uff1a]", re.IGNORECASE
)
_SENT: Final = re.compile(
    r"\*?(?:sent|date|gesendet|datum|envoyé|enviado(?: el)?|fecha|inviato|data|verzonden|отправлено"
    r"|дата|发送时间|日期|寄件日期|送信日時)\s?\*?[:\uff1a]",
    re.IGNORECASE,
)


def quoted_from(text: str) -> int:
    """The offset in ``text`` where the quoted earlier mail begins; its length when there is none
    that may be folded. It is always the beginning of a line, or the length.
    """
    lines = text.splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    bare = [line.strip() for line in lines[:_LOOKED_AT]]
    starts = [
        place for place in (_header(bare), _tail(lines), _attribution(bare)) if place is not None
    ]
    return offsets[min(starts)] if starts else len(text)


def _header(lines: list[str]) -> int | None:
    """A line of dashes with words, or the sender's and the date's lines of an earlier mail."""
    for place, line in enumerate(lines):
        if _SEPARATOR.match(line[:200]):
            return place
        following = [later for later in lines[place + 1 : place + 4] if later]
        if _FROM.match(line[:40]) and any(_SENT.match(later[:40]) for later in following):
            ruled = place > 0 and _RULE.match(lines[place - 1][:200])
            return place - 1 if ruled else place
    return None


def _tail(lines: list[str]) -> int | None:
    """Lines with ``>`` up to the end, and who wrote them in the line or two above."""
    place = len(lines)
    while place and (not lines[place - 1].strip() or lines[place - 1].startswith(">")):
        place -= 1
    quoted = [later for later in range(place, len(lines)) if lines[later].startswith(">")]
    if not quoted:
        return None
    above = _wrote_above([line.strip() for line in lines[max(0, place - 4) : place]])
    return place - above if above else quoted[0]


def _wrote_above(lines: list[str]) -> int:
    """How many of the last lines say who wrote what follows."""
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    for count in (1, 2, 3):
        if last - count < 0:
            break
        if _says_who(" ".join(lines[last - count : last])):
            return len(lines) - last + count
    return 0


def _attribution(lines: list[str]) -> int | None:
    """Somebody "wrote:", and what follows bears no ``>`` at all, as in text made from HTML."""
    if any(line.startswith(">") for line in lines):
        return None
    for place, line in enumerate(lines):
        if len(line) > 12 and _says_who(line) and any(lines[place + 1 : place + 3]):
            return place
        joined = " ".join(lines[place : place + 2])
        if _BEGINS_WROTE.match(line[:10]) and _says_who(joined) and len(lines) > place + 2:
            return place
    return None


def _says_who(line: str) -> bool:
    return len(line) < 300 and line.endswith((":", "\uff1a")) and _WROTE.match(line) is not None
