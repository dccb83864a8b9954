"""How the texts of the file are read: as those of any endpoint, and what is signed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from config.catalog.reader import KindReader
from config.endpoints import values
from config.endpoints.values import matching, read_as
from router.outgoing.templates import Template, parse_template, slots

MAX_ID: Final = 20  # characters of a hook's id
WORD: Final = r"^[!-~]{1,100}$"
_SIGNED: Final = re.compile(r"[ -~]{1,200}")


def parse_signed(text: str) -> Template:
    """``{timestamp}.{body}``: these two places and what stands between them."""
    if not _SIGNED.fullmatch(text):
        raise ValueError("write it as '{timestamp}.{body}'")
    template = parse_template(text)
    named = list(slots(template))
    if named.count("body") != 1 or set(named) - {"body", "timestamp"}:
        raise ValueError("write it as '{timestamp}.{body}', with the body once")
    return template


def _signed(text: str) -> str:
    parse_signed(text)
    return text


PARSERS: Final[dict[str, Callable[[str], str]]] = {
    **values.PARSERS,
    "signed": _signed,
    "word": matching(WORD, "write visible characters of ASCII, without spaces", 100),
}
KINDS: Final[dict[str, KindReader]] = {
    **values.KINDS,
    "signed": read_as(PARSERS["signed"]),
    "word": read_as(PARSERS["word"]),
}
