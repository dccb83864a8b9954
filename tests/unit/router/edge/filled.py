"""Values of a struct in which no field is left out, and every text says where it stands."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

TEXT = "said-"


def filled(kind: type[Any], place: str = "") -> Any:
    return msgspec.convert(_of(inspect.type_info(kind), place), kind, builtin_types=(bytes,))


def _of(shape: inspect.Type, place: str) -> Any:
    match shape:
        case inspect.Metadata():
            return _of(shape.type, place)
        case inspect.StructType():
            fields = {
                field.encode_name: _of(field.type, f"{place}.{field.name}".lstrip("."))
                for field in shape.fields
            }
            return fields | ({"type": shape.tag} if shape.tag else {})
        case inspect.UnionType():
            return _of(_plainest(shape.types), place)
        case inspect.StrType():
            return f"{TEXT}{place}"
        case inspect.IntType():
            return 7
        case inspect.BoolType():
            return True
        case inspect.FloatType():
            return 0.5
        case inspect.BytesType():
            return f"{TEXT}{place}".encode()
        case inspect.LiteralType() | inspect.EnumType():
            return next(iter(getattr(shape, "values", None) or [one.value for one in shape.cls]))
        case inspect.DictType():
            return {f"key-{place}": _of(shape.value_type, f"{place}.*")}
        case inspect.VarTupleType() | inspect.ListType():
            return [_of(shape.item_type, place)]
        case inspect.TupleType():
            return [_of(one, place) for one in shape.item_types]
        case _:
            raise AssertionError(shape)


def _plainest(shapes: tuple[inspect.Type, ...]) -> inspect.Type:
    """Not None, and what does not hold another of its own kind."""
    there = [one for one in shapes if not isinstance(one, inspect.NoneType)]
    plain = [
        one
        for one in there
        if not isinstance(one, inspect.StructType)
        or one.cls.__name__ not in {"AllOf", "AnyOf", "Not"}
    ]
    return plain[-1]


def leaves(value: object, place: str = "") -> set[str]:
    """Where something stands in plain JSON values, lists left out."""
    match value:
        case dict():
            inside = (leaves(one, f"{place}.{key}".lstrip(".")) for key, one in value.items())
            return set().union(*inside)
        case list() | tuple():
            return set().union(*(leaves(one, place) for one in value))
        case _:
            return {place}
