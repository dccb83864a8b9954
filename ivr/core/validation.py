"""Whether a flow may be published, and what is to be done about it if not.

A draft may be imperfect; an error keeps it from being published, a warning does not. In a flow
without errors the interpreter meets no exit that leads nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from config.problems import suggest
from ivr.core.library import Library
from ivr.core.node_checks import check_node
from ivr.core.nodes import Flow, Node, Return, SubFlow, exits_of, may_have
from ivr.core.presence_checks import check_presence
from ivr.core.problems import Problem, quoted
from ivr.core.scope import WHERE, Known, Scope
from ivr.core.script import Expected
from ivr.core.text_checks import check_texts
from ivr.core.way_checks import check_ways


def validate(
    flow: Flow, known: Known | None = None, library: Library | None = None
) -> tuple[Problem, ...]:
    """Every problem of ``flow``, errors first. ``library`` has the flows it calls; without one,
    calls are not followed.
    """
    scope = Scope(flow, known or Known(), library)
    _check_flow(scope)
    for key, node in flow.nodes.items():
        check_node(scope, key, node)
        check_texts(scope, key, node)
        _check_exits(scope, key, node)
    check_ways(scope)
    check_presence(scope)
    _check_tests(scope)
    return scope.problems.listed()


def may_publish(problems: Iterable[Problem]) -> bool:
    return all(one.severity != "error" for one in problems)


def _check_flow(scope: Scope) -> None:
    flow, problems = scope.flow, scope.problems
    if not flow.nodes:
        problems.add(("nodes",), "the flow has no nodes", "add one")
    elif flow.start is None:
        problems.add(("start",), "the flow does not begin anywhere", "name its first node")
    elif flow.start not in flow.nodes:
        fix = suggest(flow.start, flow.nodes, otherwise="name one of the nodes")
        problems.add(("start",), f"there is no node {quoted(flow.start)}", fix)
    if flow.safe_queue is None:
        what = "nobody takes over when the flow cannot go on"
        problems.add(("safe_queue",), what, "name a queue for that")
    elif scope.known.queues is not None and flow.safe_queue not in scope.known.queues:
        fix = suggest(flow.safe_queue, sorted(scope.known.queues), otherwise=WHERE["queue"])
        problems.add(("safe_queue",), f"there is no queue {quoted(flow.safe_queue)}", fix)
    if len(scope.languages) < len(flow.languages):
        problems.add(("languages",), "a language is listed twice", "remove one")
    if any(isinstance(node, Return) for node in flow.nodes.values()):
        what = "a flow with return nodes can only be called by others"
        problems.warn((), what, "give no number or chat entry point to it")


def _check_exits(scope: Scope, key: str, node: Node) -> None:
    needed = exits_of(node)
    allowed = {*needed, *may_have(node)}
    for name in needed:
        if name not in node.exits:
            what = f"exit {quoted(name)} leads nowhere"
            scope.add(key, ("exits",), what, "connect it to a node")
    for name, target in node.exits.items():
        if name not in allowed and not isinstance(node, SubFlow):
            known = ", ".join(needed) or "none: the flow ends here"
            what = f"it has no exit {quoted(name)}"
            scope.add(key, ("exits", name), what, f"its exits are {known}")
        elif target not in scope.flow.nodes and not scope.problems.full():
            fix = suggest(target, scope.flow.nodes, otherwise="lead it to one of the nodes")
            what = f"exit {quoted(name)} leads to {quoted(target)}, which is not there"
            scope.add(key, ("exits", name), what, fix)


def _check_tests(scope: Scope) -> None:
    """Whether they say anything; whether they pass is for ``conversation`` to tell."""
    names = Counter(one.name for one in scope.flow.tests)
    for number, one in enumerate(scope.flow.tests):
        inside = ("tests", number)
        if names[one.name] > 1:
            what = f"{names[one.name]} tests are called {quoted(one.name)}"
            scope.problems.add((*inside, "name"), what, "give each a name of its own")
        if one.expect == Expected():
            what = f"test {quoted(one.name)} expects nothing"
            scope.problems.warn((*inside, "expect"), what, "say how it ends")
        for step, act in enumerate(one.acts):
            given = (act.answer is not None, act.silence, act.hang_up, act.meanwhile is not None)
            if sum(given) != 1:
                what = f"{sum(given)} things happen in this step"
                fix = "write one of: answer, silence, hang_up, meanwhile"
                scope.problems.add((*inside, "acts", step), what, fix)
