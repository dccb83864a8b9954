"""A YAML file as a tree that remembers positions, read in bounded time and memory.

Only the plain part of YAML is accepted: no anchors, aliases, merge keys, tags, directives or
further documents. Scalars stay text, so that the reader of each field decides what ``no``, ``1``
or ``2026-12-24`` means there. All refusals that leave the rest readable are reported together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from config.problems import Path, ProblemList, excerpt

MAX_BYTES = 2 * 1024 * 1024
MAX_NODES = 250_000
MAX_DEPTH = 24
MAX_SCALAR = 4_000

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# C0 without tab, line feed and carriage return; C1; line and paragraph separators; characters
# that reorder text on screen; a byte order mark inside; surrogates; non-characters.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)
_TAB_INDENT = re.compile(r"^ *\t[ \t]*[^\s]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Spot:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    plain: bool
    line: int
    column: int

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in {"", "~", "null"}


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping:
    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was refused and reported; readers skip it in silence."""

    line: int
    column: int


Node = Scalar | Sequence | Mapping | Refused


class _Stop(Exception):
    """Reading on would cost too much; the reason has been reported."""


def locate(root: Node, path: Path) -> Node:
    """The deepest node on ``path`` that exists; for a mapping's entry, its key."""
    return _follow(root, path)[0]


def exists(root: Node, path: Path) -> bool:
    """Whether something was written at ``path``."""
    return _follow(root, path)[1]


def _follow(root: Node, path: Path) -> tuple[Node, bool]:
    node, found = root, root
    for part in path:
        if isinstance(node, Mapping) and isinstance(part, str) and part in node.entries:
            found, node = node.entries[part]
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            found = node = node.items[part]
        else:
            return found, False
    return found, True


def read_yaml(source: bytes | str, problems: ProblemList) -> Node | None:
    """The document's root, or None when it could not be read to its end."""
    text = _decode(source, problems)
    if text is None or not _acceptable(text, problems):
        return None
    builder = _Builder(problems)
    try:
        for event in _events(text):
            builder.take(event)
    except _Stop:
        return None
    except yaml.YAMLError as error:
        _report_syntax(error, problems)
        return None
    return builder.root if builder.root is not None else Scalar("", plain=True, line=1, column=1)


def _decode(source: bytes | str, problems: ProblemList) -> str | None:
    start = Spot(1, 1)
    if len(source) > MAX_BYTES:
        problems.add(
            start, (), f"the file is larger than {MAX_BYTES // 1024} KiB", "split or shorten it"
        )
        return None
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    if source.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        problems.add(start, (), "the file is not UTF-8", "save it with the encoding UTF-8")
        return None
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        problems.add(
            _spot(before, len(before)),
            (),
            "this byte is not UTF-8",
            "save the file with the encoding UTF-8",
        )
        return None


def _acceptable(text: str, problems: ProblemList) -> bool:
    for match in _REFUSED.finditer(text):
        problems.add(
            _spot(text, match.start()),
            (),
            f"the character U+{ord(match[0]):04X} is not allowed",
            "remove it",
        )
        break
    tab = _TAB_INDENT.search(text)
    if tab:
        spot = _spot(text, text.index("\t", tab.start()))
        problems.add(spot, (), "a tab is used for indentation", "use spaces")
    return problems.errors == 0


def _spot(text: str, offset: int) -> Spot:
    line = text.count("\n", 0, offset) + 1
    return Spot(line, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _events(text: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
    return events


def _report_syntax(error: yaml.YAMLError, problems: ProblemList) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
    what = getattr(error, "problem", None) or "this is not YAML"
    problems.add(
        spot,
        (),
        f"the YAML cannot be read here: {excerpt(str(what))}",
        "check the indentation, brackets, quotes and colons on this line and the one before",
    )


@dataclass(slots=True)
class _Frame:
    node: Sequence | Mapping | None  # None: inside something refused
    key: Scalar | None = None
    key_due: bool = False  # the next node is a mapping's key


class _Builder:
    """Builds the tree from parser events with its own stack: nesting cannot exhaust Python's."""

    def __init__(self, problems: ProblemList) -> None:
        self._problems = problems
        self._stack: list[_Frame] = []
        self._nodes = 0
        self._documents = 0
        self.root: Node | None = None

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
        match event:
            case yaml.ScalarEvent():
                self._count(spot)
                self._refuse_extras(event, spot)
                self._add(self._scalar(event, spot))
            case yaml.DocumentStartEvent():
                self._start_document(event, spot)
            case yaml.AliasEvent():
                self._count(spot)
                self._refuse(spot, "aliases are not allowed", "write the value out in full")
                self._add(Refused(spot.line, spot.column))
            case yaml.SequenceStartEvent():
                self._open(Sequence(spot.line, spot.column), event, spot)
            case yaml.MappingStartEvent():
                self._open(Mapping(spot.line, spot.column), event, spot)
            case yaml.CollectionEndEvent():
                self._stack.pop()
            case _:
                pass

    def _start_document(self, event: yaml.DocumentStartEvent, spot: Spot) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(spot, "the file holds a second document", "keep one document per file")
            raise _Stop
        if event.version or event.tags:
            self._refuse(spot, "directives (%YAML, %TAG) are not allowed", "remove them")

    def _count(self, spot: Spot) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(spot, f"the file has more than {MAX_NODES} values", "shorten it")
            raise _Stop

    def _refuse(self, spot: Spot, what: str, fix: str) -> None:
        self._problems.add(spot, self._path(), what, fix)

    def _refuse_extras(self, event: yaml.NodeEvent, spot: Spot) -> None:
        if event.anchor is not None:
            self._refuse(spot, "anchors are not allowed", f"remove '&{excerpt(event.anchor)}'")
        if getattr(event, "tag", None) is not None:
            self._refuse(spot, "tags are not allowed", "remove the word that begins with '!'")

    def _scalar(self, event: yaml.ScalarEvent, spot: Spot) -> Scalar | Refused:
        text: str = event.value
        if len(text) > MAX_SCALAR:
            self._refuse(spot, f"this text is longer than {MAX_SCALAR} characters", "shorten it")
            return Refused(spot.line, spot.column)
        if bad := _REFUSED.search(text):
            self._refuse(spot, f"the character U+{ord(bad[0]):04X} is not allowed", "remove it")
            return Refused(spot.line, spot.column)
        return Scalar(text, not event.style, spot.line, spot.column)

    def _open(self, node: Sequence | Mapping, event: yaml.NodeEvent, spot: Spot) -> None:
        self._count(spot)
        self._refuse_extras(event, spot)
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(spot, f"values are nested more than {MAX_DEPTH} deep", "flatten them")
            raise _Stop
        kept = self._add(node)
        self._stack.append(
            _Frame(node if kept else None, key_due=isinstance(node, Mapping) and kept)
        )

    def _add(self, node: Node) -> bool:
        """Put ``node`` where it belongs; False when it belongs nowhere."""
        if not self._stack:
            self.root = node
            return True
        frame = self._stack[-1]
        match frame.node:
            case Sequence():
                frame.node.items.append(node)
                return True
            case Mapping() if frame.key_due:
                self._add_key(frame, node)
                return False
            case Mapping():
                return self._add_value(frame, frame.node, node)
            case None:
                return False

    def _add_key(self, frame: _Frame, node: Node) -> None:
        frame.key_due, frame.key = False, None
        if not isinstance(node, Scalar) or node.is_null:
            if not isinstance(node, Refused):
                self._refuse(Spot(node.line, node.column), "a key must be text", "name the key")
            return
        if node.plain and node.text == "<<":
            spot = Spot(node.line, node.column)
            self._refuse(spot, "merge keys ('<<') are not allowed", "write the entries out in full")
            return
        assert isinstance(frame.node, Mapping)  # noqa: S101 - the caller matched it
        if node.text in frame.node.entries:
            spot = Spot(node.line, node.column)
            first = frame.node.entries[node.text][0].line
            self._refuse(
                spot,
                f"the key '{excerpt(node.text)}' is given twice",
                f"remove this one or the one on line {first}",
            )
            return
        frame.key = node

    def _add_value(self, frame: _Frame, mapping: Mapping, node: Node) -> bool:
        frame.key_due = True
        if frame.key is None:
            return False
        mapping.entries[frame.key.text] = (frame.key, node)
        return True

    def _path(self) -> Path:
        """Where the next node goes; frames below the top already hold the one being filled."""
        path: list[str | int] = []
        for depth, frame in enumerate(self._stack, start=1):
            below = depth < len(self._stack)
            if isinstance(frame.node, Sequence):
                path.append(len(frame.node.items) - below)
            elif frame.key is not None and (below or not frame.key_due):
                path.append(frame.key.text)
        return tuple(path)
