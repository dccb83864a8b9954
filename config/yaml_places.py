"""Where everything in a YAML text stands, so that a part of it can be written anew.

For texts that ``yaml_nodes.read_yaml`` has read without a problem: it bounds them, and refuses
what has no place of its own (aliases, tags, merge keys). Places are offsets into the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Plain = dict[str, Any] | list[Any] | str | None
NULLS: Final = frozenset({"", "~", "null"})


@dataclass(slots=True)
class Placed:
    """A value from ``start`` to ``end``, comments after it left out. ``plain`` is what it says:
    dicts, lists, texts and None. ``column`` counts from 0; ``flow``: between brackets.
    """

    start: int
    end: int
    column: int
    flow: bool = False
    plain: Any = None
    keys: dict[str, Placed] = field(default_factory=dict)
    values: dict[str, Placed] = field(default_factory=dict)
    items: list[Placed] = field(default_factory=list)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.plain, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.plain, list)


def places(text: str) -> Placed | None:
    """The root of the document; None when there is nothing but comments."""
    root: Placed | None = None
    stack: list[tuple[Placed, Placed | None]] = []  # a collection and the key that waits in it
    for event in yaml.parse(text, Loader=_LOADER):
        match event:
            case yaml.ScalarEvent():
                node = _scalar(event, text)
            case yaml.SequenceStartEvent():
                node = _opened(event, [])
            case yaml.MappingStartEvent():
                node = _opened(event, {})
            case yaml.CollectionEndEvent():
                _close(stack.pop()[0], event)
                continue
            case _:
                continue
        if stack:
            stack[-1] = _placed_in(*stack[-1], node)
        else:
            root = node
        if node.is_mapping or node.is_list:
            stack.append((node, None))
    return root


def _at(mark: Any) -> yaml.Mark:  # noqa: ANN401 - two parsers have two kinds of marks
    found: yaml.Mark = mark
    return found


def _scalar(event: yaml.ScalarEvent, text: str) -> Placed:
    start, end = _at(event.start_mark).index, _at(event.end_mark).index
    if event.style in {"|", ">"}:
        end = start + len(text[start:end].rstrip())
    plain = None if not event.style and event.value in NULLS else event.value
    return Placed(start, end, _at(event.start_mark).column, plain=plain)


def _opened(event: yaml.CollectionStartEvent, plain: Plain) -> Placed:
    mark = _at(event.start_mark)
    return Placed(mark.index, mark.index, mark.column, flow=bool(event.flow_style), plain=plain)


def _close(node: Placed, event: yaml.CollectionEndEvent) -> None:
    """A block ends with the last thing in it: its own mark is behind the comments that follow."""
    last = [*node.keys.values(), *node.values.values(), *node.items]
    node.end = _at(event.end_mark).index if node.flow or not last else max(one.end for one in last)


def _placed_in(parent: Placed, key: Placed | None, node: Placed) -> tuple[Placed, Placed | None]:
    if parent.is_list:
        parent.items.append(node)
        parent.plain.append(node.plain)
        return parent, None
    if key is None:
        return parent, node
    name = str(key.plain)
    parent.keys[name], parent.values[name], parent.plain[name] = key, node, node.plain
    return parent, None
