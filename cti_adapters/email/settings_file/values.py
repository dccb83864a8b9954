"""Text values of the file that mean more than text. None of them can become a second line of a
mail, or of what is said to a server.

A ValueError carries one sentence that says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from config.catalog.kinds import KINDS as CATALOG_KINDS
from config.catalog.reader import KindReader
from cti_adapters.email.transport import is_loopback

HOST: Final = r"^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$"
VARIABLE: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"
ADDRESS: Final = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$"
)
WORD: Final = r"^[^\s\u0000-\u001f\u007f]([^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f])?$"
URL: Final = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9_./~%-]*)?(\?[A-Za-z0-9_=&.%-]*)?$"

MAX_ID: Final = 20  # characters of a mailbox's id: contacts' ids begin with it
_LONGEST: Final = 320


def _matching(pattern: str, advice: str) -> Callable[[str], str]:
    known = re.compile(pattern, re.ASCII)

    def parse(text: str) -> str:
        if len(text) > _LONGEST or not known.fullmatch(text):
            raise ValueError(advice)
        return text

    return parse


def parse_word(text: str) -> str:
    """A name as people and servers write it, in one line."""
    if len(text) > _LONGEST or not text.isprintable() or text != text.strip() or not text:
        raise ValueError("write one line, without spaces at its ends")
    return text


def parse_url(text: str) -> str:
    """Where tokens are asked for: on another machine, with encryption alone."""
    advice = "write the address as https://login.example/oauth2/token"
    if len(text) > _LONGEST or not re.fullmatch(URL, text, re.ASCII):
        raise ValueError(advice)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(advice) from None
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ValueError(advice)
    return text


PARSERS: Final[dict[str, Callable[[str], str]]] = {
    "host": _matching(HOST, "write a host's name or address, such as imap.shop.example"),
    "variable": _matching(VARIABLE, "write the name of an environment variable"),
    "address": _matching(ADDRESS, "write a mail address, such as support@shop.example"),
    "word": parse_word,
    "url": parse_url,
}


def _read_as(parse: Callable[[str], str]) -> KindReader:
    return lambda reader, node, path: reader.text_as(parse, node, path)


KINDS: Final[dict[str, KindReader]] = {
    **CATALOG_KINDS,
    **{kind: _read_as(parse) for kind, parse in PARSERS.items()},
}
