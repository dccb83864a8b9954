"""Reads a positioned YAML tree into the structs of ``document``, reporting every problem.

What cannot be read falls back to "not written" where that is possible, so that one slip does not
hide the next. Names given and names used are collected on the way for the reference check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

import msgspec
from msgspec import inspect

from config.catalog.values import parse_decimal, parse_integer
from config.problems import Path, Place, ProblemList, excerpt, suggest
from config.yaml_nodes import Mapping, Node, Refused, Scalar, Sequence

T = TypeVar("T", bound=msgspec.Struct)
V = TypeVar("V")
N = TypeVar("N", int, float)


class Broken:
    """The value of a node that could not be read; the problem has been reported."""


BROKEN: Final = Broken()

KindReader = Callable[["Reader", Node, Path], object]


@dataclass(frozen=True, slots=True)
class Reference:
    kind: str
    name: str
    place: Place
    path: Path


@cache
def _shape(model: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(model)


class Reader:
    """One reading of one file. ``known`` names what is defined outside the file, by kind;
    ``how_to_define`` says what to do about a name of a kind that is defined nowhere.
    """

    def __init__(
        self,
        problems: ProblemList,
        kinds: dict[str, KindReader],
        known: dict[str, Collection[str]],
        how_to_define: Callable[[str], str] | None = None,
    ) -> None:
        self.problems = problems
        self._kinds = kinds
        self._how_to_define = how_to_define or _how_to_define
        self._defined: dict[str, set[str]] = {kind: set(names) for kind, names in known.items()}
        self._references: list[Reference] = []

    def read(self, model: type[T], node: Node, path: Path = ()) -> T | None:
        """The document, or None when nothing useful could be read."""
        value = self._read(_shape(model), node, path)
        return value if isinstance(value, model) else None

    def refer(self, kind: str, name: str, place: Place, path: Path) -> None:
        self._references.append(Reference(kind, name, place, path))

    def check_references(self) -> None:
        """Every name used must be given somewhere; call it when all has been read."""
        for reference in self._references:
            known = self._defined.get(reference.kind, set())
            if reference.name in known or self.problems.full():
                continue
            otherwise = self._how_to_define(reference.kind)
            self.problems.add(
                reference.place,
                reference.path,
                f"the {reference.kind} '{excerpt(reference.name)}' is not defined",
                suggest(reference.name, sorted(known), otherwise=otherwise),
            )

    def problem(self, node: Place, path: Path, what: str, fix: str) -> Broken:
        if not isinstance(node, Refused):
            self.problems.add(node, path, what, fix)
        return BROKEN

    def text_as(self, parse: Callable[[str], V], node: Node, path: Path) -> V | Broken:
        """A scalar read by ``parse``, whose ValueError says what to write."""
        if not isinstance(node, Scalar):
            return self.problem(node, path, f"{_found(node)} stands here", "write a single value")
        if node.is_null:
            return self.problem(node, path, "the value is missing", "write one or remove the key")
        try:
            return parse(node.text)
        except ValueError as error:
            return self.problem(node, path, f"'{excerpt(node.text)}' cannot be used", str(error))

    def _read(self, shape: inspect.Type, node: Node, path: Path) -> object:
        match shape:
            case inspect.Metadata():
                return self._read_metadata(shape, node, path)
            case inspect.UnionType():
                return self._read_union(shape, node, path)
            case inspect.StructType():
                return self._read_struct(shape, node, path)
            case inspect.DictType():
                return self._read_dict(shape, node, path)
            case inspect.VarTupleType():
                return self._read_list(shape, node, path)
            case inspect.LiteralType():
                return self.text_as(lambda text: _one_of(text, shape.values), node, path)
            case inspect.StrType():
                return self.text_as(lambda text: _within_text(text, shape), node, path)
            case inspect.IntType():
                return self.text_as(lambda text: _within(parse_integer(text), shape), node, path)
            case inspect.FloatType():
                return self.text_as(lambda text: _within(parse_decimal(text), shape), node, path)
            case inspect.BoolType():
                return self.text_as(_boolean, node, path)
            case _:
                raise TypeError(f"the document model uses {shape}, which the reader cannot read")

    def _read_metadata(self, shape: inspect.Metadata, node: Node, path: Path) -> object:
        extra = shape.extra or {}
        if kind := extra.get("kind"):
            return self._kinds[kind](self, node, path)
        value = self._read(shape.type, node, path)
        if isinstance(value, str) and "refers" in extra:
            self.refer(extra["refers"], value, node, path)
        return value

    def _read_union(self, shape: inspect.UnionType, node: Node, path: Path) -> object:
        members = [one for one in shape.types if not isinstance(one, inspect.NoneType)]
        if isinstance(node, Scalar) and node.is_null and len(members) < len(shape.types):
            return None
        fitting = [one for one in members if _fits(one, node)] or members
        return self._read(fitting[0], node, path)

    def _read_struct(self, shape: inspect.StructType, node: Node, path: Path) -> object:
        if isinstance(node, Scalar) and node.is_null:
            node = Mapping(node.line, node.column)
        if not isinstance(node, Mapping):
            return self.problem(
                node, path, f"{_found(node)} stands here", "write 'key: value' lines"
            )
        fields = {one.encode_name: one for one in shape.fields}
        self._refuse_unknown(node, fields, path)
        values: dict[str, object] = {}
        broken = False
        for one in fields.values():
            value = self._read_field(one, node, path)
            if not isinstance(value, Broken):
                values[one.name] = value
            elif one.required:
                broken = True
        return BROKEN if broken else shape.cls(**values)

    def _read_field(self, one: inspect.Field, node: Mapping, path: Path) -> object:
        if one.encode_name in node.entries:
            value = node.entries[one.encode_name][1]
            return self._read(one.type, value, (*path, one.encode_name))
        if one.required:
            key = one.encode_name
            return self.problem(node, path, f"'{key}' is missing", f"add a line '{key}: …'")
        return one.default

    def _refuse_unknown(self, node: Mapping, known: Collection[str], path: Path) -> None:
        for name, (key, _) in node.entries.items():
            if name not in known and not self.problems.full():
                fix = suggest(name, known, otherwise=f"known here: {', '.join(known)}")
                self.problem(
                    key, (*path, name), f"the key '{excerpt(name)}' is not known here", fix
                )

    def _read_dict(self, shape: inspect.DictType, node: Node, path: Path) -> object:
        if not isinstance(node, Mapping):
            return self.problem(node, path, f"{_found(node)} stands here", "write 'name: …' lines")
        if shape.max_length is not None and len(node.entries) > shape.max_length:
            fix = f"keep to {shape.max_length} at most"
            return self.problem(node, path, f"there are {len(node.entries)} entries", fix)
        self._define(shape.key_type, node)
        values = {}
        for name, (key, value) in node.entries.items():
            inside = (*path, name)
            good_key = self._read(shape.key_type, key, inside)
            good_value = self._read(shape.value_type, value, inside)
            if not isinstance(good_key, Broken) and not isinstance(good_value, Broken):
                values[good_key] = good_value
        return values

    def _define(self, key_type: inspect.Type, node: Mapping) -> None:
        """Names count as given even when what follows is wrong: one slip, one problem."""
        if isinstance(key_type, inspect.Metadata) and "defines" in (key_type.extra or {}):
            kind = (key_type.extra or {})["defines"]
            self._defined.setdefault(kind, set()).update(node.entries)

    def _read_list(self, shape: inspect.VarTupleType, node: Node, path: Path) -> object:
        if not isinstance(node, Sequence):
            return self.problem(
                node, path, f"{_found(node)} stands here", "write a list: [one, two]"
            )
        values = []
        for index, item in enumerate(node.items):
            value = self._read(shape.item_type, item, (*path, index))
            if not isinstance(value, Broken):
                values.append(value)
        return tuple(values)


def _bare(shape: inspect.Type) -> inspect.Type:
    return _bare(shape.type) if isinstance(shape, inspect.Metadata) else shape


def _fits(shape: inspect.Type, node: Node) -> bool:
    if isinstance(shape, inspect.Metadata) and "kind" in (shape.extra or {}):
        return True
    bare = _bare(shape)
    match node:
        case Mapping():
            return isinstance(bare, inspect.StructType | inspect.DictType)
        case Sequence():
            return isinstance(bare, inspect.VarTupleType)
        case _:
            return not isinstance(
                bare, inspect.StructType | inspect.DictType | inspect.VarTupleType
            )


def _found(node: Node) -> str:
    match node:
        case Mapping():
            return "a mapping ('key: value')"
        case Sequence():
            return "a list"
        case Scalar() if node.is_null:
            return "nothing"
        case _:
            return "a single value"


def _one_of(text: str, allowed: Collection[object]) -> str:
    if text in allowed:
        return text
    words = [str(one) for one in allowed]
    raise ValueError(suggest(text, words, otherwise=f"write one of: {', '.join(words)}"))


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("write true or false")
    return text == "true"


def _within_text(text: str, shape: inspect.StrType) -> str:
    if shape.pattern is not None and not re.fullmatch(shape.pattern, text, re.ASCII):
        raise ValueError(
            "write lower-case letters a-z, digits, '_', '.' or '-', first a letter or digit"
        )
    if shape.min_length is not None and len(text.strip()) < shape.min_length:
        raise ValueError("write a text")
    if shape.max_length is not None and len(text) > shape.max_length:
        raise ValueError(f"write {shape.max_length} characters at most")
    return text


def _within(value: N, shape: inspect.IntType | inspect.FloatType) -> N:
    low, high = shape.ge, shape.le
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"write a number from {low} to {high}")
    return value


def _how_to_define(kind: str) -> str:
    if kind in {"channel", "strategy"}:
        return f"use a {kind} named in the documentation"
    section = {"hours": "hours"}.get(kind, f"{kind}s")
    return f"define it under '{section}:' or use another"
