"""Changing single values in a YAML text, with everything else left as it was written.

An admin's comments, order, quotes and line breaks are theirs. So a change writes the smallest
part anew that holds it: one value, one line, one item. What came out is read again, and must say
exactly what was asked for; otherwise nothing is changed.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

import msgspec

from config.problems import Path, Problem, ProblemList
from config.yaml_nodes import MAX_BYTES, MAX_DEPTH, Mapping, Node, Scalar, Sequence, read_yaml
from config.yaml_places import Plain, places
from config.yaml_splices import merged, rename_key, spliced

MAX_EDITS: Final = 100
MAX_RENAMES: Final = 8
MAX_KEY: Final = 128
MAX_VALUES: Final = 20_000  # in one edit


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``value`` is put at ``path``, or what is there is removed, or its key becomes ``rename``.

    Mappings on the way that are missing are made; an index one past the end appends to a list.
    """

    path: tuple[str | int, ...]
    value: Any = None
    remove: bool = False
    rename: str = ""


class Unusable(Exception):
    """The edit cannot be done; the text says why."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """``document`` is None when the text cannot be read; ``problems`` then says why. Scalars are
    text as it was written, or None.
    """

    document: dict[str, Any] | None
    problems: tuple[Problem, ...]


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` is the text as it was when there are ``problems``."""

    source: str
    problems: tuple[Problem, ...]


def read(source: str, *, file: str = "catalog") -> Read:
    """What ``source`` says, whether or not it makes sense."""
    problems = ProblemList(file)
    root = read_yaml(source, problems)
    if root is None or problems.errors:
        return Read(document=None, problems=problems.sorted())
    document = plain(root)
    if document is None:
        return Read(document={}, problems=())
    if not isinstance(document, dict):
        problems.add(root, (), "this is not a catalog", "write 'queues:' and the other sections")
        return Read(document=None, problems=problems.sorted())
    return Read(document=document, problems=())


def edited(source: str, edits: tuple[Edit, ...], *, file: str = "catalog") -> Edited:
    """``source`` with ``edits`` done one after the other, or the problems why not."""
    source = source.removeprefix("\ufeff")
    before = read(source, file=file)
    if before.document is None:
        return Edited(source=source, problems=before.problems)
    if len(edits) > MAX_EDITS or sum(bool(edit.rename) for edit in edits) > MAX_RENAMES:
        return _refused(source, "these are too many changes at once", file)
    try:
        text = _all(source, edits)
    except Unusable as error:
        return _refused(source, str(error), file)
    return Edited(source=text, problems=())


def plain(node: Node) -> Plain:
    """A node without places. Scalars stay text: the reader of each field knows what ``no`` is."""
    match node:
        case Mapping():
            return {key: plain(one) for key, (_, one) in node.entries.items()}
        case Sequence():
            return [plain(one) for one in node.items]
        case Scalar():
            return None if node.is_null else node.text
        case _:
            return None


def _refused(source: str, what: str, file: str) -> Edited:
    problems = ProblemList(file)
    root = Scalar("", plain=True, line=1, column=1)
    problems.add(root, (), what, "make the change in the text")
    return Edited(source=source, problems=problems.sorted())


def _all(text: str, edits: tuple[Edit, ...]) -> str:
    """Reading a large text takes long: changes of values are done together."""
    for renames, group in groupby(edits, key=lambda edit: bool(edit.rename)):
        if renames:
            for edit in group:
                text = _renamed(text, edit)
        else:
            text = _valued(text, tuple(group))
    return text


def _valued(text: str, edits: tuple[Edit, ...]) -> str:
    root = places(text)
    now = root.plain if root is not None and root.plain is not None else {}
    wanted = now
    for edit in edits:
        wanted = _changed(wanted, edit)
    if wanted == now:
        return text
    result = spliced(text, merged(text, root, wanted))
    _must_say(result, wanted)
    return result


def _renamed(text: str, edit: Edit) -> str:
    root = places(text)
    wanted = _changed(root.plain if root is not None else {}, edit)
    assert root is not None  # noqa: S101 - there was a key to rename
    result = spliced(text, rename_key(root, edit.path, edit.rename))
    _must_say(result, wanted)
    return result


def _must_say(text: str, wanted: dict[str, Any]) -> None:
    problems = ProblemList("catalog")
    root = read_yaml(text, problems) if len(text) <= MAX_BYTES else None
    if root is None or problems.errors:
        found = problems.sorted()
        raise Unusable(found[0].what if found else "the catalog would become too large")
    said = plain(root)
    if (said if said is not None else {}) != wanted:
        raise Unusable("this place is written in a way that cannot be changed by a form")


# -- what an edit comes to ---------------------------------------------------------------------


def _changed(now: Plain, edit: Edit) -> dict[str, Any]:
    _must_be_bounded(edit)
    changed = _set(now, edit.path, edit)
    if not isinstance(changed, dict):
        raise Unusable("a catalog has sections")
    return changed


def _must_be_bounded(edit: Edit) -> None:
    if not 1 <= len(edit.path) <= MAX_DEPTH:
        raise Unusable("a path has from 1 to 24 parts")
    keys = [part for part in (*edit.path, edit.rename) if isinstance(part, str)]
    if any(len(key) > MAX_KEY for key in keys):
        raise Unusable(f"a key has {MAX_KEY} characters at most")
    if any(isinstance(part, int) and part < 0 for part in edit.path):
        raise Unusable("the items of a list are counted from 0")


def _set(now: Plain, path: Path, edit: Edit) -> Plain:
    """``now`` with the edit done, sharing what did not change."""
    part, rest = path[0], path[1:]
    if isinstance(part, str):
        return _set_key({} if now is None else now, part, rest, edit)
    return _set_item([] if now is None else now, part, rest, edit)


def _set_key(now: Plain, key: str, rest: Path, edit: Edit) -> Plain:
    if not isinstance(now, dict):
        raise Unusable(f"there are no lines under which '{key[:40]}' could stand")
    if rest:
        if edit.remove and key not in now:
            return now
        return {**now, key: _set(now.get(key), rest, edit)}
    if edit.remove:
        return {name: one for name, one in now.items() if name != key}
    if edit.rename:
        if key not in now or (edit.rename in now and edit.rename != key):
            raise Unusable(f"'{key[:40]}' is not there, or '{edit.rename[:40]}' is taken")
        return {(edit.rename if name == key else name): one for name, one in now.items()}
    return {**now, key: written(edit.value)}


def _set_item(now: Plain, index: int, rest: Path, edit: Edit) -> Plain:
    if not isinstance(now, list) or index > len(now) or edit.rename:
        raise Unusable(f"there is no item {index} to change")
    if edit.remove and not rest:
        return now[:index] + now[index + 1 :]
    if rest:
        was = now[index] if index < len(now) else None
        return [*now[:index], _set(was, rest, edit), *now[index + 1 :]]
    return [*now[:index], written(edit.value), *now[index + 1 :]]


def written(value: object) -> Plain:
    """A JSON value as a catalog's text would say it: every scalar as text. Raises ``Unusable``."""
    count = 0

    def convert(one: object, depth: int) -> Plain:
        nonlocal count
        count += 1
        if count > MAX_VALUES or depth > MAX_DEPTH:
            raise Unusable("this value is too large")
        match one:
            case None | str():
                return one
            case bool():
                return "true" if one else "false"
            case int() | float():
                return msgspec.json.encode(one).decode()
            case list():
                return [convert(part, depth + 1) for part in one]
            case dict():
                return {_key(key): convert(part, depth + 1) for key, part in one.items()}
            case _:
                raise Unusable("this value cannot be written")

    return convert(value, 0)


def _key(key: object) -> str:
    if not isinstance(key, str) or len(key) > MAX_KEY:
        raise Unusable(f"a key has {MAX_KEY} characters at most")
    return key
