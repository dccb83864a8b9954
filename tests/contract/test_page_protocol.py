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


@pytest.mark.parametrize("tag", TAGS)
def test_the_pages_know_every_message(tag: str) -> None:
    assert f"'{tag}'" in PROTOCOL


@pytest.mark.parametrize("struct", [*interfaces(desk), *interfaces(board)])
def test_the_pages_know_every_field(struct: type[msgspec.Struct]) -> None:
    body = PROTOCOL.split(f"interface {struct.__name__} ")[1].split("\n}")[0]
    fields = set(struct.__struct_fields__) - INHERITED
    assert {field for field in fields if not re.search(rf"\b{field}\b", body)} == set()
