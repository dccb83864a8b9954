"""A flow's prompt as it is in writing: what is said, what an answer means, how long is silence.

What stands in the thread is named after the turn, so that saying it again has no effect. Those ids
have a ``/``, which no id of a customer's has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from router.core.checks import MAX_TEXT as MAX_LINE
from router.core.durations import HOUR, MINUTE
from router.ports import FlowPrompt, PromptLine
from router.text import lines, one_line

MASKED: Final = "****"
LEAST_PATIENCE: Final = 5 * MINUTE
"""Flows give the seconds that a caller needs to press a key. In writing people type, look for their
card, answer the door and come back; what is asked does not pass by meanwhile, it stays there."""
MOST_PATIENCE: Final = HOUR


def patience(prompt: FlowPrompt) -> int:
    """How long without an answer is silence, microseconds."""
    return min(max(prompt.within, LEAST_PATIENCE), MOST_PATIENCE)


def said(say: Iterable[PromptLine]) -> list[str]:
    """The texts among ``say``; a recording without one cannot be read."""
    return [text for line in say if (text := lines(line.text)[:MAX_LINE].strip())]


def line_id(turn: int, number: int) -> str:
    return f"flow/{turn}/{number}"


def last_line_id(turn: int, number: int) -> str:
    return f"flow/{turn}/last/{number}"


def answer_id(turn: int) -> str:
    return f"flow/{turn}/answer"


def asks(prompt: FlowPrompt | None) -> bool:
    """Whether there is something to answer."""
    return prompt is not None and prompt.kind in ("choice", "text")


def meaning(prompt: FlowPrompt, text: str) -> str:
    """What the flow is told: a button's key for the key or its words, else the text as it is."""
    if prompt.kind == "choice":
        return _chosen(prompt, text) or text
    if prompt.digits and prompt.end_key:
        return text.removesuffix(prompt.end_key).rstrip()
    return text


def words(prompt: FlowPrompt, text: str) -> str:
    """What the thread shows of the answer ``text``: the button's words, and nothing of a secret."""
    if prompt.secret:
        return MASKED
    chosen = _chosen(prompt, text) if prompt.kind == "choice" else None
    return text if chosen is None else button_words(prompt, chosen)


def button_words(prompt: FlowPrompt, key: str) -> str:
    """What people read on the button ``key``."""
    text = next(one.text for one in prompt.buttons if one.key == key)
    return one_line(text) or key


def _chosen(prompt: FlowPrompt, text: str) -> str | None:
    said_words = one_line(text)
    if any(button.key == said_words for button in prompt.buttons):
        return said_words
    folded = said_words.casefold()
    for button in prompt.buttons:
        if folded and folded in (button.key.casefold(), one_line(button.text).casefold()):
            return button.key
    return None
