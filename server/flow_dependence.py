"""What flows in force would lack under another catalog, and entry points that name no flow.

Without it a queue could go while callers are still led to it: they would all end in their flow's
safe queue, and nobody would have been told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from config.problems import Problem
from ivr.core.problems import Problem as FlowProblem
from ivr.core.scope import Known
from ivr.core.validation import validate
from ivr.published import PublishedFlows
from router.core.catalog import Catalog
from router.replica import Replica

FILE = "catalog"

KnownUnder = Callable[[Catalog], Known]
"""What flows may name when this catalog is in force."""


class FlowDependence:
    def __init__(self, library: PublishedFlows, replica: Replica, known: KnownUnder) -> None:
        self._library = library
        self._replica = replica
        self._known = known

    def problems(self, catalog: Catalog) -> tuple[Problem, ...]:
        """Errors for what flows in force would lack and do not lack today; warnings for entry
        points. Takes as long as judging every flow in force twice: call it in a thread.
        """
        return (*self._lacks(catalog), *self._unknown_flows(catalog))

    def _lacks(self, catalog: Catalog) -> Iterator[Problem]:
        then, now = self._known(catalog), self._known(self._replica.state.catalog)
        for standing in self._library.standing():
            found = validate(standing.flow, then, self._library)
            if not any(one.severity == "error" for one in found):
                continue
            before = {_key(one) for one in validate(standing.flow, now, self._library)}
            for one in found:
                if one.severity == "error" and _key(one) not in before:
                    what = f"the flow {standing.flow.id!r} is in force, and there {one.what}"
                    fix = "change the flow and publish it first, or keep what it names"
                    yield _problem("error", what, fix)

    def _unknown_flows(self, catalog: Catalog) -> Iterator[Problem]:
        flows = self._replica.state.flows
        for entry in catalog.entry_points.values():
            known = flows.get(entry.flow)
            if not entry.flow or (known is not None and entry.alias in known.aliases):
                continue
            place = ("entry_points", entry.id, "flow")
            named = f"{entry.flow}@{entry.alias}"
            what = f"no flow {named!r} is in force, so contacts go straight to {entry.queue!r}"
            yield _problem("warning", what, "publish it and point its alias to it", *place)


def _key(problem: FlowProblem) -> tuple[object, ...]:
    return (tuple(problem.path), problem.what)


def _problem(severity: str, what: str, fix: str, *place: str) -> Problem:
    return Problem(
        severity="error" if severity == "error" else "warning",
        file=FILE,
        line=1,
        column=1,
        path=".".join(place),
        what=what,
        fix=fix,
        parts=place,
    )
