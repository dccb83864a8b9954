"""A chat as plain text for a mail, in the visitor's language. Pure.

Only what the visitor has seen is in it, under the names they have seen. It is text and stays text:
nothing is made of markup or links in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from cti_adapters.webchat.messages import Line
from router.core.durations import SECOND
from router.text import one_line

MOST: Final = 60_000  # characters; the newest are kept


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What mails about chats say. ``{day}`` is the day of the chat, ``{to}`` an address."""

    continued: str  # the subject of an agent's mail …
    quoted: str  # … and what stands above the chat in it
    sent: str  # the line in the chat that says so
    subject: str  # of a transcript …
    above: str
    below: str
    left_out: str
    asked: str  # the subject of what was asked in a form, about ``{about}``
    visitor: str
    team: str


ENGLISH: Final = Words(
    continued="Your chat with us on {day}",
    quoted="Our chat on {day}:",
    sent="Continued by e-mail to {to}.",
    subject="Transcript of your chat on {day}",
    above="Here is the chat of {day}, as it was asked for in the chat on our site.",
    below="Was it not you who asked? Then somebody typed your address; nothing is to be done.",
    left_out="(The beginning is left out.)",
    asked="Your question: {about}",
    visitor="You",
    team="Team",
)
CHINESE: Final = Words(
    continued="关于您 {day} 与我们的对话",
    quoted="{day} 的对话：",
    sent="已改用邮件继续：{to}",
    subject="{day} 的对话记录",
    above="这是 {day} 的对话记录，由您在我们网站的对话中索取。",
    below="如果不是您索取的，说明有人误填了您的邮箱，请忽略本邮件。",
    left_out="（开头部分已省略。）",
    asked="您的咨询：{about}",
    visitor="您",
    team="客服",
)


def words_in(language: str) -> Words:
    """``language`` as a browser says it: ``zh-CN``."""
    return CHINESE if language.lower().partition("-")[0] == "zh" else ENGLISH


def day_of(lines: Sequence[Line], at: int, zone: ZoneInfo) -> str:
    """When the chat began; ``at`` (microseconds UTC) when nothing was said in it."""
    began = lines[0].at if lines else at
    return f"{_time(began, zone):%Y-%m-%d}"


def transcript(lines: Sequence[Line], words: Words, zone: ZoneInfo) -> str:
    """Every line with its time and who said it; the newest when there are too many."""
    written = [_written(line, words, zone) for line in lines]
    room, kept = MOST, len(written)
    while kept and room >= len(written[kept - 1]):
        kept -= 1
        room -= len(written[kept]) + 1
    return "\n".join([*([words.left_out] if kept else []), *written[kept:]])


def quoted(text: str) -> str:
    """As mail programs fold it."""
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _written(line: Line, words: Words, zone: ZoneInfo) -> str:
    who = {"customer": words.visitor, "agent": one_line(line.name) or words.team}.get(line.author)
    said = line.text.replace("\n", "\n    ")
    time = f"[{_time(line.at, zone):%H:%M}]"
    return f"{time} {who}: {said}" if who else f"{time} {said}"


def _time(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, zone)
