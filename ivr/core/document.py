"""A flow as a document of plain values, from YAML or JSON, and back.

Reading never raises for a bad document: the answer is a flow, problems, or both. A flow that could
be read may still be a draft with faults; those are for ``validation`` to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from config.problems import Path
from ivr.core.nodes import Flow, NodeBase
from ivr.core.problems import Problem, ProblemList
from ivr.core.reader import Reader, shape_of, too_large
from ivr.core.trees import CONDITION, DEMAND, Grammar, read_tree, write_tree
from ivr.core.values import LANGUAGE, Label, Language, Spoken
from ivr.core.written import (
    read_credit,
    read_duration,
    read_moment,
    write_duration,
    write_moment,
    write_prompt,
)

LAST: Final = ("exits", "note", "position")  # the lines of a node that come last


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """``flow`` is None when there are errors."""

    flow: Flow | None
    problems: tuple[Problem, ...] = ()


def decode(document: object) -> Reading:
    """The flow in ``document``, which may be anything."""
    problems = ProblemList()
    excess = too_large(document)
    if excess is not None:
        problems.add((), excess, "shorten it, or divide it into sub-flows")
    elif not isinstance(document, Mapping):
        problems.add((), "this is not a flow", "write 'flow: name', 'languages', 'start', 'nodes'")
    else:
        flow = Reader(problems, READERS, _first_language(document)).read(Flow, document)
        if problems.errors == 0:
            return Reading(flow=flow)
    return Reading(flow=None, problems=problems.listed())


def encode(flow: Flow) -> dict[str, Any]:
    """``flow`` as plain values that ``decode`` reads as the same flow. What is left at its default
    is not written; the order of keys is always the same, so that Git shows only what changed.
    """
    written = _write(shape_of(Flow), flow)
    assert isinstance(written, dict)  # noqa: S101 - a struct is written as one
    return {"flow": written.pop("flow"), "schema": flow.schema, **written}


def encode_whole(part: Flow | NodeBase) -> dict[str, Any]:
    """As in ``encode``, with everything that is at its default: for comparing."""
    written = _write(shape_of(type(part)), part, whole=True)
    assert isinstance(written, dict)  # noqa: S101
    return written


def _first_language(document: Mapping[Any, object]) -> str:
    languages = document.get("languages")
    first = languages[0] if isinstance(languages, list | tuple) and languages else None
    fits = isinstance(first, str) and re.fullmatch(LANGUAGE, first, re.ASCII)
    return str(first) if fits else "en"


# -- reading ----------------------------------------------------------------------------------


def _by(read: Callable[[object], object]) -> Callable[[Reader, object, Path], object]:
    def read_kind(reader: Reader, value: object, path: Path) -> object:
        try:
            return read(value)
        except ValueError as error:
            return reader.problem(path, "this cannot be read", str(error))

    return read_kind


def _tree(grammar: Grammar) -> Callable[[Reader, object, Path], object]:
    return _by(lambda value: read_tree(grammar, value))


_PROMPT: Final = inspect.type_info(dict[Language, Spoken])
_WORDS: Final = inspect.type_info(dict[Language, Label])


def _read_prompt(reader: Reader, value: object, path: Path) -> object:
    """A text alone is in the flow's first language; in one language a text or a recording."""
    if isinstance(value, str):
        value = {reader.language: value}
    if not isinstance(value, Mapping):
        return reader.problem(path, "this is no prompt", "write a text, or {en: …, zh: …}")
    wrapped = {key: {"text": one} if isinstance(one, str) else one for key, one in value.items()}
    return reader.read_as(_PROMPT, wrapped, path)


def _read_words(reader: Reader, value: object, path: Path) -> object:
    if isinstance(value, str):
        value = {reader.language: value}
    return reader.read_as(_WORDS, value, path)


READERS: Final = {
    "duration": _by(read_duration),
    "credit": _by(read_credit),
    "moment": _by(read_moment),
    "prompt": _read_prompt,
    "words": _read_words,
    "condition": _tree(CONDITION),
    "demand": _tree(DEMAND),
}


# -- writing ----------------------------------------------------------------------------------

WRITERS: Final[dict[str, Callable[[Any], object]]] = {
    "duration": write_duration,
    "credit": write_duration,
    "moment": write_moment,
    "prompt": write_prompt,
    "words": dict,
    "condition": lambda tree: write_tree(CONDITION, tree),
    "demand": lambda tree: write_tree(DEMAND, tree),
}


def _write(shape: inspect.Type, value: Any, *, whole: bool = False) -> object:  # noqa: ANN401
    match shape:
        case inspect.Metadata():
            kind = (shape.extra or {}).get("kind")
            return WRITERS[kind](value) if kind else _write(shape.type, value, whole=whole)
        case inspect.UnionType():
            return None if value is None else _write(_member(shape, value), value, whole=whole)
        case inspect.StructType():
            return _write_struct(shape, value, whole=whole)
        case inspect.DictType():
            inside = shape.value_type
            return {key: _write(inside, one, whole=whole) for key, one in value.items()}
        case inspect.VarTupleType():
            return [_write(shape.item_type, one, whole=whole) for one in value]
        case _:
            return value


def _member(shape: inspect.UnionType, value: object) -> inspect.Type:
    members = [one for one in shape.types if not isinstance(one, inspect.NoneType)]
    for one in members:
        if isinstance(one, inspect.StructType) and isinstance(value, one.cls):
            return one
    return members[0]


def _write_struct(
    shape: inspect.StructType,
    value: Any,  # noqa: ANN401 - as its shape says
    *,
    whole: bool,
) -> dict[str, object]:
    lines: dict[str, object] = {} if shape.tag is None else {str(shape.tag_field): shape.tag}
    last: dict[str, object] = {}
    for field in shape.fields:
        content = getattr(value, field.name)
        if not whole and not field.required and content == _default(field):
            continue
        inside = last if isinstance(value, NodeBase) and field.name in LAST else lines
        inside[field.encode_name] = _write(field.type, content, whole=whole)
    return lines | {name: last[name] for name in LAST if name in last}


def _default(field: inspect.Field) -> object:
    if field.default_factory is not msgspec.UNSET and callable(field.default_factory):
        return field.default_factory()
    return field.default
