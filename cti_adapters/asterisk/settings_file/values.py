"""Text values of the file that mean more than text. What enters a dialplan, a header or the name of
a channel is limited to characters that mean nothing there.

A ValueError carries one sentence that says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import phonenumbers

from config.catalog.kinds import KINDS as CATALOG_KINDS
from config.catalog.reader import KindReader

WORD: Final = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
HOST: Final = r"^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$"
DIALLED: Final = r"^\+?[0-9A-Za-z*#_-]{1,32}$"
CALLER_ID: Final = r"^\+?[0-9]{1,20}$"
PREFIX: Final = r"^\+[0-9]{0,15}$"
KEY: Final = r"^[0-9*#]$"
LANGUAGE: Final = r"^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"
COUNTRY: Final = r"^[A-Z]{2}$"
RECORDED: Final = r"^([a-z0-9][a-z0-9_.-]*|\*)$"
VARIABLE: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"
CHANNEL: Final = r"^[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9_.@:/+-]+$"
PHONE: Final = r"^[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9_.@:/+-]*\{agent\}[A-Za-z0-9_.@:/+-]*$"
TRUNK: Final = r"^[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9_.@:/+-]*\{number\}[A-Za-z0-9_.@:/+-]*$"
PLACE: Final = r"^/[A-Za-z0-9_./-]*$"
WEBSOCKET: Final = r"^wss?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9_./-]*)?$"
ICE: Final = r"^(stuns?|turns?):[A-Za-z0-9.-]+(:[0-9]{1,5})?(\?transport=(udp|tcp))?$"

MAX_ID: Final = 20
"""Characters of a system's id. Asterisk takes a channel's Uniqueid of 149; ours tells of a leg when
it was called up, its agent (64) and its contact: the system's id, a Linkedid (31), and a time.
"""

_LONGEST: Final = 200


def _matching(pattern: str, advice: str) -> Callable[[str], str]:
    known = re.compile(pattern, re.ASCII)

    def parse(text: str) -> str:
        if len(text) > _LONGEST or not known.fullmatch(text):
            raise ValueError(advice)
        return text

    return parse


def parse_country(text: str) -> str:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("write a country's two letters, such as GB or US")
    return text


def parse_place(text: str) -> str:
    """A folder as Asterisk sees it."""
    if len(text) > _LONGEST or not re.fullmatch(PLACE, text, re.ASCII) or ".." in text:
        raise ValueError("write a path from / with letters a-z, digits, '_', '-' and '.' alone")
    return text.rstrip("/")


def parse_websocket(text: str) -> str:
    try:
        if re.fullmatch(WEBSOCKET, text, re.ASCII) and urlsplit(text).port != 0:
            return text
    except ValueError:
        pass
    raise ValueError("write the address as wss://pbx.example:8089/ws")


PARSERS: Final[dict[str, Callable[[str], str]]] = {
    "word": _matching(WORD, "write letters a-z, digits, '_', '.' or '-' alone"),
    "host": _matching(HOST, "write a host's name or address, such as pbx.example"),
    "dialled": _matching(DIALLED, "write the number as the trunk sends it, such as +442079460018"),
    "caller_id": _matching(CALLER_ID, "write a number such as +442079460018"),
    "prefix": _matching(PREFIX, "write how numbers begin, with the country code: +44"),
    "key": _matching(KEY, "write one key of a telephone: 0 to 9, * or #"),
    "language": _matching(LANGUAGE, "write a language's letters, such as en or zh-CN"),
    "recorded": _matching(RECORDED, "write the ids of queues, or '*' for all"),
    "variable": _matching(VARIABLE, "write the name of an environment variable"),
    "channel": _matching(CHANNEL, "write what Asterisk dials, such as PJSIP/6001"),
    "phone": _matching(PHONE, "write what Asterisk dials with {agent} once, such as PJSIP/{agent}"),
    "trunk": _matching(
        TRUNK, "write what Asterisk dials with {number} once, such as PJSIP/{number}@trunk"
    ),
    "ice": _matching(ICE, "write stun:host or turns:host:port"),
    "country": parse_country,
    "place": parse_place,
    "websocket": parse_websocket,
}


def _read_as(parse: Callable[[str], str]) -> KindReader:
    return lambda reader, node, path: reader.text_as(parse, node, path)


KINDS: Final[dict[str, KindReader]] = {
    **CATALOG_KINDS,
    **{kind: _read_as(parse) for kind, parse in PARSERS.items()},
}
