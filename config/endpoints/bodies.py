"""A JSON body, written as YAML: its texts are templates, everything else stands as it is."""

from __future__ import annotations

import re
from typing import Final, assert_never

from config.catalog.reader import BROKEN, Broken, Reader
from config.problems import Path
from config.yaml_nodes import Mapping, Node, Refused, Scalar, Sequence
from router.outgoing.templates import Body, Fixed, parse_template

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", re.ASCII)
_WORDS: Final = {"true": True, "false": False}


def read_body(reader: Reader, node: Node, path: Path) -> Body | Broken:
    match node:
        case Mapping():
            found = {
                key: read_body(reader, one, (*path, key)) for key, (_, one) in node.entries.items()
            }
            return {key: one for key, one in found.items() if not isinstance(one, Broken)}
        case Sequence():
            items = [read_body(reader, one, (*path, i)) for i, one in enumerate(node.items)]
            return [one for one in items if not isinstance(one, Broken)]
        case Scalar():
            fixed = _fixed(node.text) if node.plain else None
            return reader.text_as(parse_template, node, path) if fixed is None else fixed
        case Refused():
            return BROKEN
        case _:
            assert_never(node)


def _fixed(text: str) -> Fixed | None:
    """What YAML would not take for a text."""
    if text in {"", "~", "null"}:
        return Fixed(None)
    if text in _WORDS:
        return Fixed(_WORDS[text])
    if _INTEGER.fullmatch(text):
        return Fixed(int(text))
    return Fixed(float(text)) if _DECIMAL.fullmatch(text) else None
