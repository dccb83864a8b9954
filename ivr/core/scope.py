"""What a flow is judged against: the names that exist around it, and those it makes itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import msgspec

from config.problems import Path, suggest
from ivr.core.library import Library
from ivr.core.nodes import Collect, Flow, LookUp, Node, SetValues, SubFlow, name_of
from ivr.core.problems import ProblemList, Severity, quoted
from ivr.core.rendering import BUILT_IN

WHERE: Final = {
    "queue": "define it in the catalog or name another",
    "skill": "define it in the catalog or name another",
    "opening hours": "define them in the catalog or name others",
    "agent": "add them to the catalog or name another",
    "connector": "configure it or name another",
    "voicemail box": "add an entry point for it or name another",
    "recording": "upload it or name another",
}


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a connector: the parameters it ``needs`` and those it ``takes`` in all, the
    fields its answer ``gives``, and which parameters it ``shows`` in an address.
    """

    label: str = ""
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The names that exist; None: nobody knows, so they are not checked. ``signatures`` are of the
    connectors that have one, ``fields`` attributes with which contacts may already come,
    ``channels`` those of the entry points that lead to each flow.
    """

    queues: Collection[str] | None = None
    queues_that_call_back: Collection[str] | None = None
    skills: Collection[str] | None = None
    hours: Collection[str] | None = None
    agents: Collection[str] | None = None
    connectors: Collection[str] | None = None
    signatures: Mapping[str, Signature] = {}
    boxes: Collection[str] | None = None
    recordings: Mapping[str, Collection[str]] | None = None
    fields: Collection[str] = (
        "name",
        "choice",
        "choice_label",
        "subject",
        "thread",
        "mail_from",
        "mail_to",
        "automatic",
        "spam",
        "files",
    )
    channels: Mapping[str, Collection[str]] = {}


class Scope:
    """One flow under judgement."""

    def __init__(self, flow: Flow, known: Known, library: Library | None) -> None:
        self.flow = flow
        self.known = known
        self.library = library
        self.problems = ProblemList()
        self.languages = frozenset(flow.languages)
        written = [(name, secret) for node in flow.nodes.values() for name, secret in _writes(node)]
        self.secrets = frozenset(name for name, secret in written if secret)
        self.fields = frozenset((*BUILT_IN, *known.fields, *(name for name, _ in written)))
        self.calls = any(isinstance(node, SubFlow) for node in flow.nodes.values())

    def add(
        self, key: str, inside: Path, what: str, fix: str, severity: Severity = "error"
    ) -> None:
        """A problem of the node ``key``."""
        if not self.problems.full(severity):
            label = name_of(key, self.flow.nodes[key])
            self.problems.add(("nodes", key, *inside), f"{quoted(label)}: {what}", fix, severity)

    def warn(self, key: str, inside: Path, what: str, fix: str) -> None:
        self.add(key, inside, what, fix, "warning")

    def refer(
        self, key: str, inside: Path, kind: str, name: str, known: Collection[str] | None
    ) -> None:
        """``name`` has to be one of the ``known``."""
        if known is not None and name not in known and not self.problems.full():
            fix = suggest(name, sorted(known), otherwise=WHERE[kind])
            verb = "are" if kind.endswith("hours") else "is"
            self.add(key, inside, f"there {verb} no {kind} {quoted(name)}", fix)

    def callee(self, node: SubFlow) -> tuple[Flow, int] | None:
        """The flow that ``node`` would call now, and its version."""
        if self.library is None:
            return None
        version = node.version or self.library.version(node.flow, node.alias)
        found = None if version is None else self.library.flow(node.flow, version)
        return None if found is None or version is None else (found, version)


def _writes(node: Node) -> Iterator[tuple[str, bool]]:
    """The attributes that ``node`` writes, and whether each is a secret."""
    match node:
        case Collect():
            yield node.into, node.secret
        case SetValues():
            yield from ((name, False) for name in node.attributes)
        case LookUp():
            yield from ((name, False) for name in node.take)
        case _:
            pass
