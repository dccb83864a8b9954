"""How the texts of the file are read. A ValueError carries one sentence that says what to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from config.catalog.reader import KindReader
from config.endpoints import values
from config.endpoints.values import matching, parse_host, read_as
from config.problems import suggest
from router.edge.naming import NAME
from router.edge.requests import KINDS as COMMANDS

URL: Final = r"^mqtts?://[^\s/?#@\\]+$"
WORD: Final = r"^[!-~]{1,200}$"
_USUAL: Final = {"mqtt": 1883, "mqtts": 8883}


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    tls: bool
    host: str
    port: int


def parse_broker(text: str) -> Broker:
    if not re.fullmatch(URL, text, re.ASCII):
        raise ValueError("write it as mqtts://broker.example or mqtts://broker.example:8883")
    scheme = urlsplit(text).scheme
    host, port = parse_host(text.partition("://")[2])
    return Broker(tls=scheme == "mqtts", host=host, port=port or _USUAL[scheme])


def parse_command(text: str) -> str:
    if text not in COMMANDS:
        raise ValueError(suggest(text, COMMANDS, otherwise="see docs/mqtt.md for those there are"))
    return text


def _broker(text: str) -> str:
    parse_broker(text)
    return text


PARSERS: Final[dict[str, Callable[[str], str]]] = {
    "broker": _broker,
    "edge name": matching(NAME, "write small letters, digits, - and _, 32 at most", 32),
    "word": matching(WORD, "write visible characters of ASCII, without spaces", 200),
    "command": parse_command,
}
KINDS: Final[dict[str, KindReader]] = {
    **values.KINDS,
    **{kind: read_as(parse) for kind, parse in PARSERS.items()},
}
