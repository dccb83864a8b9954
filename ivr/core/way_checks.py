"""Whether everybody who comes into a flow gets out of it: ways, circles, dead ends, other flows.

Linear in the flow, and without recursion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ivr.core.call_graph import CallGraph
from ivr.core.graph import circles, longest_way, reachable, reversed_links
from ivr.core.nodes import QUESTIONS, Flow, Node, SubFlow, exits_of, name_of
from ivr.core.problems import quoted
from ivr.core.scope import Scope
from ivr.core.walk import DEPTH, STEPS

_NAMED: Final = 6  # nodes of a circle that a problem names


def check_ways(scope: Scope, graph: CallGraph | None = None) -> None:
    """``graph`` is of the scope's library; one is made when there is none."""
    flow, graph = scope.flow, graph or CallGraph(scope.library)
    links = {key: tuple(_targets(flow, node)) for key, node in flow.nodes.items()}
    if flow.start not in flow.nodes:
        return
    found = reachable(links, (flow.start,))
    for key in flow.nodes:
        if key not in found:
            fix = "connect an exit to it or remove it"
            scope.warn(key, (), "nothing leads here", fix)
    _check_circles(scope, graph, found)
    _check_dead_ends(scope, links, found)
    _check_calls(scope, graph)


def _targets(flow: Flow, node: Node) -> Iterator[str]:
    return (one for one in dict.fromkeys(node.exits.values()) if one in flow.nodes)


def _check_circles(scope: Scope, graph: CallGraph, found: set[str]) -> None:
    """Circles in which nothing is asked, and ways that are too long without a question."""
    flow = scope.flow
    silent = {
        key: graph.silent_targets(flow, node) for key, node in flow.nodes.items() if key in found
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


def _check_calls(scope: Scope, graph: CallGraph) -> None:
    """Sub-flows that are not there, that come back otherwise, that call each other too deep or for
    ever.
    """
    ours = [(key, one) for key, one in scope.flow.nodes.items() if isinstance(one, SubFlow)]
    if scope.library is None or not ours:
        return
    calls = graph.calls(scope.flow)
    called = {flow: tuple(targets) for flow, targets in calls.items()}
    at_once = {
        flow: tuple(one for one, now in targets.items() if now) for flow, targets in calls.items()
    }
    rounds = {flow for circle in circles(called) for flow in circle}
    hasty = {flow for circle in circles(at_once) for flow in circle}
    to_hasty = reachable(reversed_links(called), hasty) if hasty else set()
    depths = longest_way(called, called.keys())
    for key, node in ours:
        _check_call(scope, graph, key, node)
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


def _check_call(scope: Scope, graph: CallGraph, key: str, node: SubFlow) -> None:
    called = graph.callee(node)
    if called is None:
        which = f"version {node.version}" if node.version else f"'{node.alias}'"
        what = f"there is no flow {quoted(node.flow)} ({which})"
        scope.add(key, ("flow",), what, "publish it or name another")
        return
    returned = graph.ways_back(called)
    for name in returned:
        if name not in node.exits:
            what = f"flow {quoted(node.flow)} comes back by {quoted(name)}, which leads nowhere"
            scope.add(key, ("exits",), what, "connect it to a node")
    for name in node.exits:
        if name != "failed" and name not in returned:
            what = f"flow {quoted(node.flow)} never comes back by {quoted(name)}"
            scope.warn(key, ("exits", name), what, "remove it, or add a return node there")
    speaks = graph.flow(called).languages
    missing = [one for one in scope.flow.languages if one not in speaks]
    if missing:
        what = f"flow {quoted(node.flow)} does not speak {', '.join(missing)}"
        scope.warn(key, ("flow",), what, f"it speaks {speaks[0]} to everybody else")
