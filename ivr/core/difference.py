"""What changed between two versions of a flow, in words first: ``menu 'Main': key 3 now goes to
'Cards'``. Everything that can be configured is compared, as it is written; where nodes stand on
the canvas is told apart, because it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from ivr.core.conditions import describe
from ivr.core.document import encode_whole
from ivr.core.nodes import Flow, Node, name_of
from ivr.core.problems import quoted
from ivr.core.trees import CONDITION, DEMAND, read_tree
from router.core.requirements import describe as describe_demand

KINDS: Final = {
    "say": "prompt",
    "collect": "question",
    "hours": "hours",
    "look_up": "look-up",
    "set": "values",
    "callback": "callback offer",
    "transfer": "transfer",
    "flow": "sub-flow",
    "hang_up": "message",
}
_FIELDS: Final = {
    "answer_within": "time-out",
    "within": "time-out",
    "on_silence.times": "repeats after silence",
    "on_invalid.times": "repeats after a wrong answer",
    "on_silence.say": "words after silence",
    "on_invalid.say": "words after a wrong answer",
    "say": "words",
    "safe_queue": "safe queue",
}
_SHOWN: Final = 80  # characters of a value in a sentence


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. ``node`` is empty when it is about the flow; ``field`` is the place inside
    the node as it is written, ``exits.timeout``. ``old`` and ``new`` are None where there was or is
    nothing.
    """

    what: Literal["added", "removed", "changed", "led", "moved"]
    sentence: str
    node: str = ""
    field: str = ""
    old: str | None = None
    new: str | None = None


def difference(old: Flow, new: Flow) -> tuple[Change, ...]:
    """Every change from ``old`` to ``new``, in the order of the flow; empty when they are equal."""
    return tuple(_changes(old, new))


def in_words(old: Flow, new: Flow) -> list[str]:
    """What changes for contacts: without where nodes stand."""
    return [one.sentence for one in difference(old, new) if one.what != "moved"]


def _changes(old: Flow, new: Flow) -> Iterator[Change]:
    yield from _flow_changes(old, new)
    for key, node in new.nodes.items():
        before = old.nodes.get(key)
        if before is None:
            yield Change(what="added", node=key, sentence=f"{subject(key, node)} is new")
            yield from _ways_of_new(key, node, new)
        elif before != node:
            yield from _node_changes(key, before, node, old, new)
    for key, node in old.nodes.items():
        if key not in new.nodes:
            yield Change(what="removed", node=key, sentence=f"{subject(key, node)} is removed")
    yield from _test_changes(old, new)


def subject(key: str, node: Node) -> str:
    """``menu 'Main'``."""
    kind = str(node.__struct_config__.tag)
    return f"{KINDS.get(kind, kind)} {quoted(name_of(key, node))}"


def _flow_changes(old: Flow, new: Flow) -> Iterator[Change]:
    before, after = _bare(old), _bare(new)
    for field in dict.fromkeys((*before, *after)):
        was, now = before.get(field), after.get(field)
        if was == now:
            continue
        if field == "start":
            sentence = f"the flow now begins at {_target(new, now)}"
        else:
            sentence = f"flow: {_words(field)} {_shown(was)} -> {_shown(now)}"
        yield Change(what="changed", field=field, old=was, new=now, sentence=sentence)


def _bare(flow: Flow) -> dict[str, str]:
    written = encode_whole(msgspec.structs.replace(flow, nodes={}, tests=()))
    return _flat(written)


def _ways_of_new(key: str, node: Node, flow: Flow) -> Iterator[Change]:
    for name, target in node.exits.items():
        yield Change(
            what="led",
            node=key,
            field=f"exits.{name}",
            new=target,
            sentence=f"{subject(key, node)}: {_exit(name)} goes to {_target(flow, target)}",
        )


def _node_changes(key: str, old: Node, new: Node, before: Flow, after: Flow) -> Iterator[Change]:
    was, now = _flat(encode_whole(old)), _flat(encode_whole(new))
    about = subject(key, new)
    for field in dict.fromkeys((*was, *now)):
        one, other = was.get(field), now.get(field)
        if one == other:
            continue
        section, _, name = field.partition(".")
        what: Literal["changed", "led", "moved"] = "changed"
        if section == "position":
            what = "moved"
            sentence = f"{about} stands elsewhere on the canvas"
        elif section == "exits":
            what = "led"
            sentence = f"{about}: {_exit(name)} {_led(one, other, (before, after))}"
        elif field == "kind":
            sentence = f"{about} was a {KINDS.get(one or '', one)}"
        else:
            sentence = f"{about}: {_words(field)} {_shown(one)} -> {_shown(other)}"
        yield Change(what=what, node=key, field=field, old=one, new=other, sentence=sentence)


def _led(old: str | None, new: str | None, flows: tuple[Flow, Flow]) -> str:
    if new is None:
        return f"no longer goes to {_target(flows[0], old)}"
    return f"now goes to {_target(flows[1], new)}"


def _test_changes(old: Flow, new: Flow) -> Iterator[Change]:
    before = {one.name: one for one in old.tests}
    after = {one.name: one for one in new.tests}
    for name, one in after.items():
        if name not in before:
            sentence = f"test {quoted(name)} is new"
            yield Change(what="added", field="tests", new=name, sentence=sentence)
        elif before[name] != one:
            sentence = f"test {quoted(name)} has changed"
            yield Change(what="changed", field="tests", old=name, new=name, sentence=sentence)
    for name in before:
        if name not in after:
            sentence = f"test {quoted(name)} is removed"
            yield Change(what="removed", field="tests", old=name, sentence=sentence)


def _exit(name: str) -> str:
    is_key = len(name) == 1 and (name.isdigit() or name in "*#")
    return f"key {name}" if is_key else f"exit {quoted(name)}"


def _target(flow: Flow, key: str | None) -> str:
    node = flow.nodes.get(key or "")
    return quoted(key or "") if node is None else quoted(name_of(key or "", node))


def _words(field: str) -> str:
    if field.startswith("cases.") and field.endswith(".when"):
        return f"case {quoted(field[len('cases.') : -len('.when')])}"
    for written, words in _FIELDS.items():
        if field == written:
            return words
        if field.startswith(f"{written}."):
            return f"{words} ({field.removeprefix(f'{written}.')})"
    return field


def _shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def _flat(value: Mapping[str, Any]) -> dict[str, str]:
    """``{"exits": {"1": "x"}}`` as ``{"exits.1": "x"}``; a condition is told in words."""
    flat: dict[str, str] = {}
    stack: list[tuple[str, Any]] = list(value.items())[::-1]
    while stack:
        path, one = stack.pop()
        if path.endswith(".when"):
            flat[path] = describe(read_tree(CONDITION, one))
        elif path.endswith(".ask") and one is not None:
            flat[path] = describe_demand(read_tree(DEMAND, one))
        elif isinstance(one, dict):
            stack += reversed([(f"{path}.{key}", inside) for key, inside in one.items()])
        elif isinstance(one, list) and any(isinstance(part, dict) for part in one):
            keys = _keys(one)
            flat[path] = ", ".join(keys)
            stack += reversed([(f"{path}.{k}", part) for k, part in zip(keys, one, strict=True)])
        elif one not in (None, "", []):
            flat[path] = _text(one)
    return flat


def _keys(parts: list[Any]) -> list[str]:
    """Cases are known by their names, entries of other lists by their numbers."""
    names = [str(part.get("name", "")) for part in parts]
    whole = all(names) and len(set(names)) == len(names)
    return names if whole else [str(number) for number in range(1, len(parts) + 1)]


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(one) for one in value)
        case _:
            return str(value)
