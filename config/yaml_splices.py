"""From what a YAML text says to what it shall say: the fewest pieces of text to write anew."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from config.problems import Path
from config.yaml_places import Placed, Plain
from config.yaml_writing import after_colon, in_block, in_item, scalar

Splice = tuple[int, int, str]  # from, to, what stands there instead


def spliced(text: str, splices: list[Splice]) -> str:
    for start, end, new in sorted(splices, key=lambda one: (one[0], one[1]), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def rename_key(root: Placed, path: Path, to: str) -> list[Splice]:
    """``path`` must lead to the entry of a mapping."""
    node = root
    for part in path[:-1]:
        node = node.items[part] if isinstance(part, int) else node.values[part]
    key = node.keys[str(path[-1])]
    return [(key.start, key.end, scalar(to))]


def merged(text: str, root: Placed | None, wanted: dict[str, Any]) -> list[Splice]:
    """What turns the document at ``root`` into ``wanted``."""
    if root is not None and root.is_mapping and not root.flow and wanted:
        return _Merge(text).mapping(root, wanted, 0)
    lines = in_block(wanted, 0, compact=False) if wanted else "{}"
    if root is None:
        return [(len(text), len(text), f"{_break_before(text)}{lines}\n")]
    return [(root.start, root.end, lines)]


def _break_before(text: str) -> str:
    return "" if not text or text.endswith("\n") else "\n"


class _Merge:
    """``level`` counts the keys above: what belongs to one item is written on one line."""

    def __init__(self, text: str) -> None:
        self._text = text

    def mapping(self, node: Placed, wanted: dict[str, Any], level: int) -> list[Splice]:
        """For a block mapping that keeps at least one entry or gains one."""
        splices: list[Splice] = []
        gone = [key for key in node.values if key not in wanted]
        for key, value in node.values.items():
            if key in wanted and wanted[key] != value.plain:
                splices += self._value(node, key, wanted[key], level)
        added = {key: one for key, one in wanted.items() if key not in node.values}
        splices += self._removed(node, gone)
        if added:
            splices.append(self._added(node, added, level))
        return splices

    def _value(self, parent: Placed, key: str, wanted: Plain, level: int) -> list[Splice]:
        node = parent.values[key]
        if (inside := self._inside(node, wanted, level + 1)) is not None:
            return inside
        colon = self._text.index(":", parent.keys[key].end) + 1
        if isinstance(wanted, dict | list) or isinstance(node.plain, dict | list):
            new = after_colon(wanted, parent.column, compact=node.flow or level >= 2)
            return [(colon, max(node.end, colon), new)]
        new = "" if wanted is None else scalar(wanted)
        if node.start == node.end or not new:
            return [(colon, max(node.end, colon), f" {new}" if new else "")]
        return [(node.start, node.end, new)]

    def _inside(self, node: Placed, wanted: Plain, level: int) -> list[Splice] | None:
        """None when the whole has to be written anew."""
        if node.flow or not wanted:
            return None
        if node.is_mapping and isinstance(wanted, dict):
            return self.mapping(node, wanted, level)
        if node.is_list and isinstance(wanted, list):
            return self._list(node, wanted, level)
        return None

    def _added(self, node: Placed, added: dict[str, Any], level: int) -> Splice:
        at = self._line_end(node.end)
        pad = "\n" + " " * node.column
        lines = in_block(added, node.column, compact=level >= 2)
        blank = "\n" if level == 0 or self._is_spaced(node) else ""
        return (at, at, f"{blank}{pad}{lines}")

    def _is_spaced(self, node: Placed) -> bool:
        """Whether an empty line stands in front of the last entry, as between paragraphs."""
        if len(node.keys) < 2:
            return False
        *_, before, _ = node.values.values()
        *_, last = node.keys.values()
        between = self._text[before.end : last.start].splitlines()
        return any(not line.strip() for line in between[1:-1])

    def _removed(self, node: Placed, gone: list[str]) -> list[Splice]:
        names = list(node.keys)
        splices = []
        for key in gone:
            index = names.index(key)
            start = node.keys[key].start
            if self._begins_line(start):
                start = self._line_start(start)
                end = self._after_line(node.values[key].end)
            elif index + 1 < len(names):  # the first line of an item: behind its dash
                end = node.keys[names[index + 1]].start
            else:
                end = node.values[key].end
            splices.append((start, end, ""))
        return _joined(splices)

    # -- lists ---------------------------------------------------------------------------------

    def _list(self, node: Placed, wanted: list[Any], level: int) -> list[Splice]:
        was = node.plain
        if len(was) == len(wanted) and not any(
            one != was[index] and one in was for index, one in enumerate(wanted)
        ):
            return [
                splice
                for index, one in enumerate(wanted)
                if one != was[index]
                for splice in self._item(node, index, one, level)
            ]
        return self._rebuilt(node, wanted)

    def _item(self, parent: Placed, index: int, wanted: Plain, level: int) -> list[Splice]:
        node = parent.items[index]
        if (inside := self._inside(node, wanted, level + 1)) is not None:
            return inside
        dash = self._dash(parent, index)
        return [
            (dash + 1, max(node.end, dash + 1), f" {in_item(wanted, parent.column, compact=True)}")
        ]

    def _rebuilt(self, node: Placed, wanted: list[Any]) -> list[Splice]:
        """Items that stay keep their lines and comments, wherever they go."""
        dashes = [self._dash(node, index) for index in range(len(node.items))]
        end = self._line_end(node.end)
        bounds = [*dashes, end]
        chunks = [self._text[a:b].rstrip() for a, b in pairwise(bounds)]
        free = list(range(len(chunks)))
        lines = []
        for one in wanted:
            found = next((index for index in free if node.plain[index] == one), None)
            if found is None:
                lines.append(f"- {in_item(one, node.column, compact=True)}")
            else:
                free.remove(found)
                lines.append(chunks[found])
        return [(dashes[0], end, ("\n" + " " * node.column).join(lines))]

    def _dash(self, node: Placed, index: int) -> int:
        """All dashes of a list stand in one column; comments may stand between one and its item."""
        at = node.items[index].start
        start = self._line_start(at)
        while True:
            dash = start + node.column
            before = self._text[start:dash]
            if dash <= at and self._text[dash : dash + 1] == "-" and "#" not in before:
                return dash
            if start == 0:
                return node.start
            start = self._line_start(start - 1)

    # -- lines ---------------------------------------------------------------------------------

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        end = len(self._text) if end < 0 else end
        return end - 1 if self._text[end - 1 : end] == "\r" and end > at else end

    def _after_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1

    def _begins_line(self, at: int) -> bool:
        return not self._text[self._line_start(at) : at].strip(" ?")


def _joined(splices: list[Splice]) -> list[Splice]:
    """Neighbours that are removed together are one piece."""
    joined: list[Splice] = []
    for start, end, new in splices:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), new)
        else:
            joined.append((start, end, new))
    return joined
