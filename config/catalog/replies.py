"""The text of canned replies: which fields it may have, and how it is written.

A field stands in braces, ``{customer.first_name}``, and may say what stands there when the value is
not known, ``{customer.first_name|there}``. A brace that is meant as one is written twice. The desk
fills the fields in (``web/src/desk/canned/fill.ts``): once, as plain text.
"""

from __future__ import annotations

import re
from typing import Final

from config.problems import excerpt, suggest

MAX_REPLIES: Final = 500
MAX_TEXT: Final = 4_000  # what one line of a chat may have
MAX_FALLBACK: Final = 60
FIELDS: Final = (
    "customer.name",
    "customer.first_name",
    "customer.address",
    "agent.name",
    "agent.full_name",
    "contact.subject",
    "queue.label",
)
LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def parse_reply(text: str) -> str:
    """``text`` as it is, when everything in braces is a field. Raises ``ValueError``."""
    if not text.strip():
        raise ValueError("write a text")
    if len(text) > MAX_TEXT:
        raise ValueError(f"write {MAX_TEXT} characters at most")
    for part in _PART.finditer(text):
        if part[1] is not None:
            _check_field(part[1])
        elif part[0] in "{}":
            raise ValueError(f"write {part[0] * 2} for a brace that begins or ends no field")
    return text


def _check_field(inside: str) -> None:
    name, bar, fallback = inside.partition("|")
    if name not in FIELDS:
        known = f"known: {', '.join(FIELDS)}"
        hint = suggest(name, FIELDS, otherwise=known)
        raise ValueError(f"there is no field {{{excerpt(name)}}}; {hint}")
    if bar and not (0 < len(fallback.strip()) <= MAX_FALLBACK and fallback.isprintable()):
        raise ValueError(f"after | write what stands there instead, {MAX_FALLBACK} letters at most")


def parse_language(text: str) -> str:
    """A language tag such as ``en`` or ``zh-Hant``. Raises ``ValueError``."""
    if not re.fullmatch(LANGUAGE, text, re.ASCII):
        raise ValueError("write a language as en, es or zh-Hant")
    return text
