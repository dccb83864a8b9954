"""Which flow calls which, and through which calls one comes without having been asked anything.

What is found out of published versions is remembered: they never change, so one graph serves for
many flows that are judged with the same library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ivr.core.graph import reachable
from ivr.core.library import Library
from ivr.core.nodes import QUESTIONS, Flow, Node, Return, SubFlow

MAX_FLOWS: Final = 500  # that are followed from one

Key = tuple[str, int]
Called = dict[str, bool]
"""The flows that are called, by their names: whether before anything was asked."""


class CallGraph:
    """``library`` None: nothing is known of the flows that are called."""

    def __init__(self, library: Library | None) -> None:
        self._library = library
        self._passable: dict[Key, bool] = {}
        self._called: dict[Key, Called] = {}
        self._versions: dict[Key, tuple[Key, ...]] = {}  # that each calls
        self._ways_back: dict[Key, tuple[str, ...]] = {}

    def callee(self, node: SubFlow) -> Key | None:
        """The version that ``node`` would call now; None when it is not there."""
        if self._library is None:
            return None
        version = node.version or self._library.version(node.flow, node.alias)
        known = version is not None and self._library.flow(node.flow, version) is not None
        return (node.flow, version) if known and version is not None else None

    def flow(self, key: Key) -> Flow:
        """Of a ``callee``."""
        found = self._library.flow(*key) if self._library is not None else None
        if found is None:
            raise LookupError(key)
        return found

    def ways_back(self, key: Key) -> tuple[str, ...]:
        """The exits by which that flow comes back."""
        if key not in self._ways_back:
            nodes = self.flow(key).nodes.values()
            ways = dict.fromkeys(one.by for one in nodes if isinstance(one, Return))
            self._ways_back[key] = tuple(ways)
        return self._ways_back[key]

    # -- without a question -------------------------------------------------------------------

    def silent_targets(self, flow: Flow, node: Node) -> tuple[str, ...]:
        """Where ``node`` can lead without the customer having been asked anything."""
        if isinstance(node, QUESTIONS):
            return ()
        ways = node.exits
        if isinstance(node, SubFlow) and not self._can_be_passed(node):
            ways = {name: one for name, one in ways.items() if name == "failed"}
        return tuple(one for one in dict.fromkeys(ways.values()) if one in flow.nodes)

    def _can_be_passed(self, node: SubFlow) -> bool:
        """Whether the flow that ``node`` calls may come back without having asked anything."""
        key = self.callee(node)
        if key is None:
            return False
        if key not in self._passable:
            self._find_out(key)
        return self._passable[key]

    def _find_out(self, key: Key) -> None:
        """For ``key`` and all that it calls: nobody can be passed until a way through is found,
        and each that is found may open another to those who call it.
        """
        callers: dict[Key, list[Key]] = {}
        unknown = [key]
        self._passable[key] = False
        for one in unknown:
            for called in self._callees(one):
                if called not in self._passable:
                    self._passable[called] = False
                    unknown.append(called)
                callers.setdefault(called, []).append(one)
        waiting = dict.fromkeys(reversed(unknown))
        while waiting:
            one, _ = waiting.popitem()
            if not self._passable[one] and self._comes_through(one):
                self._passable[one] = True
                waiting.update(dict.fromkeys(callers.get(one, ())))

    def _callees(self, key: Key) -> tuple[Key, ...]:
        if key not in self._versions:
            self._versions[key] = tuple(dict.fromkeys(self._called_versions(self.flow(key))))
        return self._versions[key]

    def _comes_through(self, key: Key) -> bool:
        flow = self.flow(key)
        return any(isinstance(flow.nodes[one], Return) for one in self.reached(flow))

    def reached(self, flow: Flow) -> set[str]:
        """The nodes of ``flow`` that are reached before anything is asked."""
        if flow.start not in flow.nodes:
            return set()
        links = {key: self.silent_targets(flow, node) for key, node in flow.nodes.items()}
        return reachable(links, (flow.start,))

    # -- calls --------------------------------------------------------------------------------

    def calls(self, flow: Flow) -> dict[str, Called]:
        """What ``flow`` calls, and what these call, by the names of the flows."""
        found = {flow.id: self._called_by(flow)}
        waiting = list(self._called_versions(flow))
        while waiting and len(found) < MAX_FLOWS:
            key = waiting.pop()
            if key[0] not in found:
                found[key[0]] = self._known_calls(key)
                waiting.extend(self._callees(key))
        return found

    def _called_versions(self, flow: Flow) -> Iterator[Key]:
        for node in flow.nodes.values():
            if isinstance(node, SubFlow) and (key := self.callee(node)) is not None:
                yield key

    def _known_calls(self, key: Key) -> Called:
        if key not in self._called:
            self._called[key] = self._called_by(self.flow(key))
        return self._called[key]

    def _called_by(self, flow: Flow) -> Called:
        first = self.reached(flow)
        called: Called = {}
        for key, node in flow.nodes.items():
            if isinstance(node, SubFlow):
                called[node.flow] = called.get(node.flow, False) or key in first
        return called
