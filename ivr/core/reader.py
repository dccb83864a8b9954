"""Reads an untrusted document (from YAML or JSON) into structs, reporting every problem.

It follows the structs by their type information. Numbers and truth values may come as text, as a
YAML file that keeps its scalars as text gives them. What cannot be read falls back to "not
written" where that is possible, so that one slip does not hide the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

from config.problems import Path, excerpt, suggest
from ivr.core.conditions import whole_number
from ivr.core.problems import ProblemList
from ivr.core.values import AUDIO, EXIT, FIELD, KEY, LANGUAGE, NAME, NUMBER

MAX_VALUES: Final = 1_000_000  # keys included
MAX_NESTED: Final = 32
_NUMBERS: Final = 10**18
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)

_PATTERNS: Final = {
    NAME: "write lower-case letters a-z, digits, '_', '.' or '-', first a letter or digit",
    FIELD: "write lower-case letters a-z, digits and '_', first a letter; dots between words",
    LANGUAGE: "write a language such as en or zh-CN",
    AUDIO: "write the name of a recording: lower-case letters, digits, '_', '-' or '.'",
    KEY: "write one key: 0 to 9, * or #",
    EXIT: "write the name of an exit, or a key",
    NUMBER: "write a number: digits, with a + in front or not",
}

T = TypeVar("T", bound=msgspec.Struct)


class Broken:
    """The value of something that could not be read; the problem has been reported."""


BROKEN: Final = Broken()
KindReader = Callable[["Reader", object, Path], object]


@cache
def shape_of(model: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(model)


class Reader:
    """One reading of one document. ``kinds`` reads what is written in a way of its own."""

    def __init__(
        self, problems: ProblemList, kinds: Mapping[str, KindReader], language: str
    ) -> None:
        self.problems = problems
        self.language = language  # of texts that name none
        self._kinds = kinds

    def read(self, model: type[T], value: object) -> T | None:
        """The struct, or None when nothing useful could be read."""
        found = self.read_as(shape_of(model), value, ())
        return found if isinstance(found, model) else None

    def problem(self, path: Path, what: str, fix: str) -> Broken:
        self.problems.add(path, what, fix)
        return BROKEN

    def read_as(self, shape: inspect.Type, value: object, path: Path) -> object:
        match shape:
            case inspect.Metadata():
                kind = (shape.extra or {}).get("kind")
                if kind:
                    return self._kinds[kind](self, value, path)
                return self.read_as(shape.type, value, path)
            case inspect.StrType():
                return self._text(shape, value, path)
            case inspect.StructType():
                return self._struct(shape, value, path)
            case inspect.DictType():
                return self._dict(shape, value, path)
            case inspect.VarTupleType():
                return self._list(shape, value, path)
            case inspect.UnionType():
                return self._union(shape, value, path)
            case inspect.IntType():
                return self._integer(shape, value, path)
            case inspect.BoolType():
                if value not in (True, False, "true", "false"):
                    return self._unusable(value, path, "write true or false")
                return value in (True, "true")
            case inspect.LiteralType():
                return self._literal(shape, value, path)
            case _:
                raise TypeError(f"the document model uses {shape}, which the reader cannot read")

    def _union(self, shape: inspect.UnionType, value: object, path: Path) -> object:
        members = [one for one in shape.types if not isinstance(one, inspect.NoneType)]
        if value is None and len(members) < len(shape.types):
            return None
        if len(members) == 1:
            return self.read_as(members[0], value, path)
        return self._tagged(members, value, path)

    def _tagged(self, members: list[inspect.Type], value: object, path: Path) -> object:
        by_tag = {one.tag: one for one in members if isinstance(one, inspect.StructType)}
        known = ", ".join(str(tag) for tag in by_tag)
        if not isinstance(value, Mapping):
            return self._unusable(value, path, "write 'kind: …' and what belongs to it")
        tag = value.get("kind")
        if tag is None:
            return self.problem(path, "'kind' is missing", f"write one of: {known}")
        if not isinstance(tag, str) or tag not in by_tag:
            words = [str(one) for one in by_tag]
            fix = suggest(str(tag)[:80], words, otherwise=f"write one of: {known}")
            return self._unusable(tag, (*path, "kind"), fix)
        return self._struct(by_tag[tag], value, path)

    def _struct(self, shape: inspect.StructType, value: object, path: Path) -> object:
        if not isinstance(value, Mapping):
            return self._unusable(value, path, "write 'key: value' lines")
        fields = _fields(shape.cls)
        self._refuse_unknown(value, fields, shape.tag_field, path)
        values: dict[str, Any] = {}
        whole = True
        for name, one in fields.items():
            if name not in value:
                if one.required:
                    self.problem(path, f"'{name}' is missing", f"add '{name}'")
                    whole = False
                continue
            found = self.read_as(one.type, value[name], (*path, name))
            if not isinstance(found, Broken):
                values[one.name] = found
            elif one.required:
                whole = False
        return shape.cls(**values) if whole else BROKEN

    def _refuse_unknown(
        self,
        value: Mapping[Any, object],
        fields: Collection[str],
        tag_field: str | None,
        path: Path,
    ) -> None:
        for name in value:
            if name in fields or (tag_field is not None and name == tag_field):
                continue
            if self.problems.full():
                return
            fix = suggest(str(name)[:80], fields, otherwise=f"known here: {', '.join(fields)}")
            here = (*path, str(name)[:200])
            self.problem(here, f"'{excerpt(str(name)[:80])}' is not known here", fix)

    def _dict(self, shape: inspect.DictType, value: object, path: Path) -> object:
        if not isinstance(value, Mapping):
            return self._unusable(value, path, "write 'name: …' lines")
        if shape.max_length is not None and len(value) > shape.max_length:
            fix = f"keep to {shape.max_length} at most"
            return self.problem(path, f"there are {len(value)} entries", fix)
        found: dict[object, object] = {}
        for name, one in value.items():
            if self.problems.full():
                return BROKEN
            inside = (*path, str(name)[:200])
            key = self.read_as(shape.key_type, name, inside)
            content = self.read_as(shape.value_type, one, inside)
            if not isinstance(key, Broken) and not isinstance(content, Broken):
                found[key] = content
        return found

    def _list(self, shape: inspect.VarTupleType, value: object, path: Path) -> object:
        if not isinstance(value, list | tuple):
            return self._unusable(value, path, "write a list: [one, two]")
        if shape.max_length is not None and len(value) > shape.max_length:
            fix = f"keep to {shape.max_length} at most"
            return self.problem(path, f"there are {len(value)} entries", fix)
        if len(value) < (shape.min_length or 0):
            return self.problem(path, "the list is empty", "write at least one entry")
        found: list[object] = []
        for number, one in enumerate(value):
            if self.problems.full():
                return BROKEN
            found.append(self.read_as(shape.item_type, one, (*path, number)))
        return tuple(one for one in found if not isinstance(one, Broken))

    def _text(self, shape: inspect.StrType, value: object, path: Path) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int):
            return self._unusable(value, path, "write a text")
        text = str(value)
        if shape.max_length is not None and len(text) > shape.max_length:
            fix = f"write {shape.max_length} characters at most"
            return self.problem(path, f"this text has {len(text)} characters", fix)
        if bad := _REFUSED.search(text):
            return self.problem(
                path, f"the character U+{ord(bad[0]):04X} is not allowed", "remove it"
            )
        if len(text.strip()) < (shape.min_length or 0):
            return self.problem(path, "the text is empty", "write a text")
        if shape.pattern is not None and not re.fullmatch(shape.pattern, text, re.ASCII):
            return self._unusable(value, path, _PATTERNS.get(shape.pattern, "write it otherwise"))
        return text

    def _integer(self, shape: inspect.IntType, value: object, path: Path) -> object:
        readable = isinstance(value, str | int) and not isinstance(value, bool)
        number = whole_number(str(value)[:20]) if readable else None
        if number is None:
            return self._unusable(value, path, "write a whole number")
        low, high = shape.ge, shape.le
        if (low is not None and number < low) or (high is not None and number > high):
            return self._unusable(value, path, f"write a number from {low} to {high}")
        return number

    def _literal(self, shape: inspect.LiteralType, value: object, path: Path) -> object:
        if isinstance(value, str) and value in shape.values:
            return value
        words = [str(one) for one in shape.values]
        fix = suggest(str(value)[:80], words, otherwise=f"write one of: {', '.join(words)}")
        return self._unusable(value, path, fix)

    def _unusable(self, value: object, path: Path, fix: str) -> Broken:
        return self.problem(path, f"{_found(value)} cannot be used", fix)


@cache
def _fields(model: type[msgspec.Struct]) -> dict[str, inspect.Field]:
    shape = shape_of(model)
    assert isinstance(shape, inspect.StructType)  # noqa: S101 - of a struct it always is
    return {one.encode_name: one for one in shape.fields}


def _found(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case Mapping():
            return "a mapping ('key: value')"
        case list() | tuple():
            return "a list"
        case _:
            return f"'{excerpt(str(value)[:80])}'"


def too_large(document: object) -> str | None:
    """Why ``document`` is not even looked at: too many values, nested too deep, endless numbers."""
    count, level = 0, [document]
    for _ in range(MAX_NESTED):
        below: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                below += value.keys()
                below += value.values()
            elif isinstance(value, list | tuple):
                below += value
            elif isinstance(value, int) and not -_NUMBERS < value < _NUMBERS:
                return "a number has more than 18 digits"
            if count + len(below) > MAX_VALUES:
                return f"the flow has more than {MAX_VALUES} values"
        if not below:
            return None
        count += len(below)
        level = below
    return f"values are nested more than {MAX_NESTED} deep"
