"""The pages' types are written by hand: they must name every message and field of the service."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from agents import messages as desk
from reporting import messages as board

PROTOCOL = (Path(__file__).parents[2] / "web" / "src" / "lib" / "protocol.ts").read_text()
UNIONS = (desk.ServerMessage, desk.ClientMessage, board.ServerMessage, board.ClientMessage)
TAGS = [
    msgspec.inspect.type_info(message).tag for union in UNIONS for message in typing.get_args(union)
]
INHERITED = {"n", "at"}  # on every message, in the base interfaces


def interfaces(module: ModuleType) -> list[type[msgspec.Struct]]:
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and f"interface {name} " in PROTOCOL
    ]


def declared(name: str) -> str:
    """What the interface says of its fields, and the interfaces it extends."""
    found = re.search(
        rf"^(?:export )?interface {name}\b([^{{]*)\{{(.*?)^\}}", PROTOCOL, re.MULTILINE | re.DOTALL
    )
    if found is None:
        return ""
    head, body = found.groups()
    _, _, bases = head.partition("extends ")
    return "".join([body, *(declared(base) for base in re.findall(r"\b[A-Z]\w*", bases))])


@pytest.mark.parametrize("tag", TAGS)
def test_the_pages_know_every_message(tag: str) -> None:
    assert f"'{tag}'" in PROTOCOL


@pytest.mark.parametrize("struct", [*interfaces(desk), *interfaces(board)])
def test_the_pages_know_every_field(struct: type[msgspec.Struct]) -> None:
    body = declared(struct.__name__)
    fields = set(struct.__struct_fields__) - INHERITED
    assert {field for field in fields if not re.search(rf"\b{field}\b", body)} == set()
