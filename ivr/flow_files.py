"""Flows as YAML files: read with the place of every mistake, written so that Git shows only what
changed. What a flow may contain is said in ``core``; how YAML is bounded, in ``config``.

``python -m ivr.flow_files`` writes the schema for editors; a test keeps it current.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any, Final

import msgspec
import yaml

from config.files import read_file
from config.problems import Problem, ProblemList
from config.yaml_nodes import Mapping, Node, Refused, Scalar, Sequence, locate, read_yaml
from ivr.core.document import decode, encode
from ivr.core.nodes import Flow
from ivr.core.problems import Problem as FlowProblem
from ivr.core.schema import schema_text

SCHEMA_FILE: Final = FilePath(__file__).parent.parent / "config" / "flows" / "flow.schema.json"


class FlowFile(msgspec.Struct, frozen=True, kw_only=True):
    """``flow`` is None when the file cannot be read; ``problems`` then says why."""

    flow: Flow | None
    problems: tuple[Problem, ...]
    root: Any = None  # the tree with its positions


def read_flow_file(path: FilePath) -> FlowFile:
    problems = ProblemList(str(path))
    source = read_file(path, problems)
    if source is None:
        return FlowFile(flow=None, problems=problems.sorted())
    return read_flow(source, file=str(path))


def read_flow(source: str | bytes, *, file: str = "flow") -> FlowFile:
    """A flow from YAML text, or every problem with its line."""
    problems = ProblemList(file)
    root = read_yaml(source, problems)
    if root is None or problems.errors:
        return FlowFile(flow=None, problems=problems.sorted())
    reading = decode(_plain(root))
    place(reading.problems, root, problems)
    return FlowFile(flow=reading.flow, problems=problems.sorted(), root=root)


def place(found: tuple[FlowProblem, ...], root: Node, problems: ProblemList) -> None:
    """Add what was ``found`` in the flow under ``root`` to ``problems``, with lines."""
    for one in found:
        problems.add(locate(root, one.path), one.path, one.what, one.fix, one.severity)


def write_flow(flow: Flow) -> str:
    """YAML that ``read_flow`` reads as the same flow."""
    text: str = yaml.dump(
        encode(flow), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return text


# The one in C writes the same, and a flow of 10,000 nodes in seconds where the other needs half a
# minute; not every PyYAML has it.
_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]
    def ignore_aliases(self, _data: object) -> bool:
        return True


def _plain(node: Node) -> object:
    """Scalars stay text: the reader of each field decides what ``no`` or ``1`` means there."""
    match node:
        case Mapping():
            return {key: _plain(one) for key, (_, one) in node.entries.items()}
        case Sequence():
            return [_plain(one) for one in node.items]
        case Scalar():
            return None if node.is_null else node.text
        case Refused():
            return None


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
