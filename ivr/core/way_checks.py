"""Whether everybody who comes into a flow gets out of it: ways, circles, dead ends, other flows.

Linear in the flow; without recursion but for flows inside one another, whose depth is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ivr.core.graph import circles, longest_way, reachable, reversed_links
from ivr.core.nodes import QUESTIONS, Flow, Node, Return, SubFlow, exits_of, name_of
from ivr.core.problems import quoted
from ivr.core.scope import Scope
from ivr.core.walk import DEPTH, STEPS

_NAMED: Final = 6  # nodes of a circle that a problem names
MAX_FLOWS: Final = 500  # that are followed from one


def check_ways(scope: Scope) -> None:
    flow = scope.flow
    links = {key: tuple(_targets(flow, node)) for key, node in flow.nodes.items()}
    if flow.start not in flow.nodes:
        return
    found = reachable(links, (flow.start,))
    for key in flow.nodes:
        if key not in found:
            fix = "connect an exit to it or remove it"
            scope.warn(key, (), "nothing leads here", fix)
    calls = Calls(scope)
    _check_circles(scope, calls, found)
    _check_dead_ends(scope, links, found)
    calls.check()


def _targets(flow: Flow, node: Node) -> Iterator[str]:
    return (one for one in dict.fromkeys(node.exits.values()) if one in flow.nodes)


def _check_circles(scope: Scope, calls: Calls, found: set[str]) -> None:
    """Circles in which nothing is asked, and ways that are too long without a question."""
    flow = scope.flow
    silent = {
        key: calls.silent_targets(flow, node) for key, node in flow.nodes.items() if key in found
    }
    in_circles: set[str] = set()
    for circle in circles(silent):
        in_circles.update(circle)
        names = [quoted(name_of(one, flow.nodes[one])) for one in circle[:_NAMED]]
        more = " -> …" if len(circle) > _NAMED else ""
        scope.add(
            circle[0],
            ("exits",),
            f"it goes round without asking anything: {' -> '.join(names)}{more}",
            "ask the customer something on the way, or lead one exit elsewhere",
        )
    lengths = longest_way(silent, silent.keys())
    heads = _heads(flow, found)
    for key in silent:
        if lengths.get(key, 0) > STEPS and key in heads:
            what = f"{lengths[key]} nodes can follow without a question"
            scope.add(key, (), what, f"ask something on the way: after {STEPS} it breaks off")


def _heads(flow: Flow, found: set[str]) -> set[str]:
    """Where a turn can begin: the start, and after each question."""
    after = (
        target
        for key in found
        if isinstance(node := flow.nodes[key], QUESTIONS)
        for target in node.exits.values()
    )
    return {flow.start or "", *after}


def _check_dead_ends(scope: Scope, links: Mapping[str, tuple[str, ...]], found: set[str]) -> None:
    """From every node there must be a way to an end."""
    flow = scope.flow
    ends = [key for key, node in flow.nodes.items() if not exits_of(node) or not node.exits]
    saved = reachable(reversed_links(links), ends)
    for key in flow.nodes:
        if key in found and key not in saved:
            fix = "lead an exit to a queue, a message or another end"
            scope.add(key, (), "who comes here never gets out", fix)


class Calls:
    """The flows that a flow calls, and those that they call."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._passable: dict[tuple[str, int], bool] = {}

    def silent_targets(self, flow: Flow, node: Node, depth: int = 1) -> tuple[str, ...]:
        """Where ``node`` can lead without the customer having been asked anything."""
        if isinstance(node, QUESTIONS):
            return ()
        ways = node.exits
        if isinstance(node, SubFlow) and not self._can_be_passed(node, depth):
            ways = {name: one for name, one in ways.items() if name == "failed"}
        return tuple(one for one in dict.fromkeys(ways.values()) if one in flow.nodes)

    def _can_be_passed(self, node: SubFlow, depth: int) -> bool:
        """Whether the flow that ``node`` calls may come back without having asked anything."""
        called = self._scope.callee(node)
        if called is None or depth >= DEPTH:
            return False
        flow, version = called
        where = (node.flow, version)
        if where not in self._passable:
            self._passable[where] = False  # while it is found out: who calls himself comes later
            self._passable[where] = any(
                isinstance(flow.nodes[key], Return) for key in self._reached(flow, depth)
            )
        return self._passable[where]

    def _reached(self, flow: Flow, depth: int) -> set[str]:
        """The nodes of ``flow`` that are reached before anything is asked."""
        if flow.start not in flow.nodes:
            return set()
        links = {
            key: self.silent_targets(flow, node, depth + 1) for key, node in flow.nodes.items()
        }
        return reachable(links, (flow.start,))

    def check(self) -> None:
        """Sub-flows that are not there, that come back otherwise, that call each other too deep
        or for ever.
        """
        scope = self._scope
        ours = [(key, one) for key, one in scope.flow.nodes.items() if isinstance(one, SubFlow)]
        if scope.library is None or not ours:
            return
        called, at_once = self._graph()
        rounds = {flow for circle in circles(called) for flow in circle}
        hasty = {flow for circle in circles(at_once) for flow in circle}
        to_hasty = reachable(reversed_links(called), hasty) if hasty else set()
        depths = longest_way(called, called.keys())
        for key, node in ours:
            self._check_call(key, node)
            if node.flow in to_hasty:
                what = f"flow {quoted(node.flow)} comes to call itself without asking anything"
                scope.add(key, ("flow",), what, "ask something before the call, or end it")
            elif node.flow in rounds:
                what = f"flow {quoted(node.flow)} may come to call itself"
                fix = f"after {DEPTH} flows inside one another it leaves by 'failed'"
                scope.warn(key, ("flow",), what, fix)
            if depths.get(node.flow, 0) >= DEPTH:
                what = f"{depths[node.flow] + 1} flows call each other here"
                scope.add(key, ("flow",), what, f"keep to {DEPTH} inside one another")

    def _check_call(self, key: str, node: SubFlow) -> None:
        scope = self._scope
        called = scope.callee(node)
        if called is None:
            which = f"version {node.version}" if node.version else f"'{node.alias}'"
            what = f"there is no flow {quoted(node.flow)} ({which})"
            scope.add(key, ("flow",), what, "publish it or name another")
            return
        flow = called[0]
        returned = [one.by for one in flow.nodes.values() if isinstance(one, Return)]
        for name in dict.fromkeys(returned):
            if name not in node.exits:
                what = f"flow {quoted(node.flow)} comes back by {quoted(name)}, which leads nowhere"
                scope.add(key, ("exits",), what, "connect it to a node")
        for name in node.exits:
            if name != "failed" and name not in returned:
                what = f"flow {quoted(node.flow)} never comes back by {quoted(name)}"
                scope.warn(key, ("exits", name), what, "remove it, or add a return node there")
        missing = [one for one in scope.flow.languages if one not in flow.languages]
        if missing:
            what = f"flow {quoted(node.flow)} does not speak {', '.join(missing)}"
            scope.warn(key, ("flow",), what, f"it speaks {flow.languages[0]} to everybody else")

    def _graph(self) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        """Which flow calls which, in all and before anything was asked."""
        called: dict[str, tuple[str, ...]] = {}
        at_once: dict[str, tuple[str, ...]] = {}
        waiting = [self._scope.flow]
        while waiting and len(called) < MAX_FLOWS:
            flow = waiting.pop()
            if flow.id in called:
                continue
            first = self._reached(flow, 1)
            targets: dict[str, bool] = {}
            for key, node in flow.nodes.items():
                if isinstance(node, SubFlow):
                    targets[node.flow] = targets.get(node.flow, False) or key in first
                    found = self._scope.callee(node)
                    if found is not None and node.flow not in called:
                        waiting.append(found[0])
            called[flow.id] = tuple(targets)
            at_once[flow.id] = tuple(one for one, now in targets.items() if now)
        return called, at_once
