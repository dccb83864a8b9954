"""What becomes of the flows that call a flow when an alias of it points to another version.

They were judged with the version that was there. What they lack with the new one, and did not lack
before, is told of each: an exit by which it now comes back and that leads nowhere, a circle or a
depth that came about, nodes that nobody reaches any more, attributes that nobody gives. Whatever is
told, a contact that meets it leaves the calling node by ``failed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ivr.core.call_graph import CallGraph
from ivr.core.graph import reachable, reversed_links
from ivr.core.library import Library
from ivr.core.needs import needs
from ivr.core.nodes import Flow, Return, SubFlow, name_of
from ivr.core.problems import Problem, quoted
from ivr.core.scope import Known, Scope
from ivr.core.way_checks import check_ways

MAX_BROKEN = 100


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A flow in use."""

    flow: Flow
    version: int

    @property
    def key(self) -> str:
        return f"{self.flow.id}/{self.version}"


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """``what`` and ``fix`` as in ``Problem``; ``caller`` is a flow's name."""

    caller: str
    version: int
    what: str
    fix: str


def broken_by(
    moved: Version, alias: str, in_use: Sequence[Version], library: Library
) -> tuple[Broken, ...]:
    """What the flows ``in_use`` would lack if ``alias`` pointed to ``moved``. ``library`` has all
    that they call.
    """
    others = [one for one in in_use if one.flow.id != moved.flow.id]
    after = _Pointed(library, moved, alias)
    direct = [one for one in others if _calls(one.flow, moved.flow.id, alias)]
    if not direct:
        return ()
    called = {one.key: tuple(_called(one.flow, after)) for one in (*others, moved)}
    above = reachable(reversed_links(called), [one.key for one in direct])
    found = [one for one in others if one.key in above]
    before = library.version(moved.flow.id, alias)
    old = None if before is None else library.flow(moved.flow.id, before)
    told = [
        *_new_errors(found, library, after),
        *(problem for one in direct for problem in _cut_off(one, moved.flow, old, alias)),
    ]
    by_key = {one.key: one for one in (*in_use, moved)}
    for one in direct:
        told += _not_given(one, moved.flow, old, called, by_key)
    return tuple(told[:MAX_BROKEN])


class _Pointed(Library):
    """``library`` as it will be."""

    def __init__(self, library: Library, moved: Version, alias: str) -> None:
        self._library = library
        self._moved = moved
        self._alias = alias

    def flow(self, flow: str, version: int) -> Flow | None:
        if (flow, version) == (self._moved.flow.id, self._moved.version):
            return self._moved.flow
        return self._library.flow(flow, version)

    def version(self, flow: str, alias: str) -> int | None:
        if (flow, alias) == (self._moved.flow.id, self._alias):
            return self._moved.version
        return self._library.version(flow, alias)


def _sub_flows(flow: Flow) -> Iterator[tuple[str, SubFlow]]:
    return ((key, node) for key, node in flow.nodes.items() if isinstance(node, SubFlow))


def _calls(flow: Flow, name: str, alias: str) -> bool:
    return any(_goes_by(node, name, alias) for _, node in _sub_flows(flow))


def _goes_by(node: SubFlow, name: str, alias: str) -> bool:
    return node.flow == name and node.alias == alias and node.version is None


def _called(flow: Flow, library: Library) -> Iterator[str]:
    for _, node in _sub_flows(flow):
        version = node.version or library.version(node.flow, node.alias)
        if version is not None:
            yield f"{node.flow}/{version}"


# -- what is told -----------------------------------------------------------------------------


def _new_errors(callers: Iterable[Version], before: Library, after: Library) -> Iterator[Broken]:
    was, will_be = CallGraph(before), CallGraph(after)
    for one in callers:
        known = {(problem.path, problem.what) for problem in _errors(one.flow, before, was)}
        for problem in _errors(one.flow, after, will_be):
            if (problem.path, problem.what) not in known:
                yield _told(one, problem.what, problem.fix)


def _errors(flow: Flow, library: Library, graph: CallGraph) -> list[Problem]:
    scope = Scope(flow, Known(), library)
    check_ways(scope, graph)
    return [problem for problem in scope.problems.listed() if problem.severity == "error"]


def _cut_off(one: Version, moved: Flow, old: Flow | None, alias: str) -> Iterator[Broken]:
    """Calls that came back, and do not by any exit that leads somewhere."""
    back, before = _ways_back(moved), _ways_back(old) if old is not None else set()
    for key, node in _sub_flows(one.flow):
        ways = node.exits.keys() - {"failed"}
        if _goes_by(node, moved.id, alias) and ways & before and not ways & back:
            label = quoted(name_of(key, one.flow.nodes[key]))
            what = f"{label}: flow {quoted(moved.id)} never comes back by any of its exits"
            yield _told(one, what, f"add a return by {', '.join(sorted(ways & before))}")


def _ways_back(flow: Flow) -> set[str]:
    return {node.by for node in flow.nodes.values() if isinstance(node, Return)}


def _not_given(
    one: Version,
    moved: Flow,
    old: Flow | None,
    called: dict[str, tuple[str, ...]],
    by_key: dict[str, Version],
) -> Iterator[Broken]:
    """Attributes that the old version did without; who calls the caller, and all that these call,
    may have given them.
    """
    wanted = needs(moved) - _given(moved)
    wanted -= needs(old) if old is not None else frozenset()
    if wanted:
        around = reachable(called, reachable(reversed_links(called), [one.key]))
        for key in around:
            wanted -= _given(by_key[key].flow) if key in by_key else frozenset()
    for name in sorted(wanted):
        what = f"flow {quoted(moved.id)} goes by {quoted(name)}, which nothing gives it"
        yield _told(one, what, f"set {quoted(name)} before the call")


def _given(flow: Flow) -> frozenset[str]:
    return Scope(flow, Known(), None).fields


def _told(one: Version, what: str, fix: str) -> Broken:
    return Broken(caller=one.flow.id, version=one.version, what=what, fix=fix)
