"""What happened to a contact, line by line, with the reason of every decision.

A line is a code with values, worded by the page. Lines of live contacts are kept, and those of
the last finished ones; older history is the CRM's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from router.core import events as e
from router.core.catalog import Catalog, ToCallback, ToMessage, ToQueue, ToVoicemail
from router.core.commands import tag_of
from router.core.model import Passed
from router.core.requirements import Step, describe
from router.replica import Replica

FINISHED = 2_000
LONGEST = 400  # lines of one contact; the middle of a longer one is left out
_FIRST = 100

Values = dict[str, str | int]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """``code`` is the event's name; ``values`` holds its plain fields, names beside ids
    (``agent_name``, ``queue_label``), demands in words (``asks_for``) and head starts in
    microseconds (``credit``, and ``credit_from`` as ``tier gold 90000000, …``).
    """

    at: int
    code: str
    values: Values = {}
    by: str = ""  # who caused it, when a person or a channel did


class Timeline(msgspec.Struct, kw_only=True):
    """``complete`` is False when its beginning is older than what was read at start."""

    contact: str
    lines: list[Line] = []
    complete: bool = True
    left_out: int = 0

    def add(self, line: Line) -> None:
        self.lines.append(line)
        if len(self.lines) > LONGEST:
            del self.lines[_FIRST]
            self.left_out += 1


class Timelines:
    """Timelines by contact. ``finished`` of those that are over are kept, the last ones."""

    def __init__(self, replica: Replica, finished: int = FINISHED) -> None:
        self._replica = replica
        self._limit = finished
        self._live: dict[str, Timeline] = {}
        self._finished: OrderedDict[str, Timeline] = OrderedDict()
        self.position = 0  # the last entry taken in

    def handle(self, entry: e.Entry) -> None:
        """Take in ``entry``; one that was taken in already is ignored."""
        if entry.position <= self.position:
            return
        self.position = entry.position
        catalog = self._replica.state.catalog
        for event in entry.events:
            if isinstance(event, e.ContactEvent):
                self._contact_event(event, entry, catalog)

    def of(self, contact: str) -> Timeline | None:
        """The contact's timeline; None when it is not known any more, or never was."""
        return self._live.get(contact) or self._finished.get(contact)

    def __len__(self) -> int:
        return len(self._live) + len(self._finished)

    def _contact_event(self, event: e.ContactEvent, entry: e.Entry, catalog: Catalog) -> None:
        timeline = self.of(event.contact)
        if timeline is None:
            timeline = Timeline(contact=event.contact, complete=event.sequence == 1)
            if event.contact in self._replica.state.contacts:
                self._live[event.contact] = timeline
            else:  # the state is ahead, or an agent wrote up what was forgotten here
                self._finish(event.contact, timeline)
        if not isinstance(event, e.MessagePosted):  # the thread itself is shown elsewhere
            values = values_of(event, catalog)
            code = tag_of(type(event).__name__)
            timeline.add(Line(at=entry.at, code=code, values=values, by=entry.by))
        if isinstance(event, e.Terminal):
            self._finish(event.contact, timeline)

    def _finish(self, contact: str, timeline: Timeline) -> None:
        self._live.pop(contact, None)
        self._finished[contact] = timeline
        while len(self._finished) > self._limit:
            self._finished.popitem(last=False)


def values_of(event: e.ContactEvent, catalog: Catalog) -> Values:
    """The event's fields as plain values, with names beside ids."""
    values: Values = {}
    for name in event.__struct_fields__:
        if name in ("contact", "sequence"):
            continue
        values |= _field(name, getattr(event, name))
    for key, label in (("agent", _agent_name), ("queue", _queue_label), ("runner_up", _agent_name)):
        known = values.get(key)
        if isinstance(known, str) and known:
            values[_LABELS[key]] = label(catalog, known)
    if isinstance(event, e.StepEntered):
        values["step"] = event.step + 1
    return values


_LABELS: Final = {"agent": "agent_name", "queue": "queue_label", "runner_up": "runner_up_name"}


def _agent_name(catalog: Catalog, agent: str) -> str:
    known = catalog.agents.get(agent)
    return known.name if known else agent


def _queue_label(catalog: Catalog, queue: str) -> str:
    known = catalog.queues.get(queue)
    return known.label if known else queue


def _field(name: str, value: Any) -> Values:  # noqa: ANN401 - any field of any event
    special = _SPECIAL.get(name)
    if special is not None:
        return special(value)
    if isinstance(value, bool):
        return {name: int(value)}
    if isinstance(value, str | int):
        return {name: value} if value not in ("", 0) else {}
    return {}


def _plain(struct: msgspec.Struct | None) -> Values:
    """The plain fields of a nested struct, those that say anything."""
    values: Values = {}
    for name in struct.__struct_fields__ if struct is not None else ():
        values |= _field(name, getattr(struct, name))
    return values


def _steps(steps: tuple[Step, ...]) -> Values:
    if not steps:
        return {}
    return {"asks_for": describe(steps[0].condition), "steps": len(steps)}


def _path(passed: tuple[Passed, ...]) -> Values:
    """``hello, menu (2)``: the nodes by their names in the flow, with what was answered there."""
    nodes = (
        one.node.rpartition("/")[2] + (f" ({one.heard})" if one.heard else "") for one in passed
    )
    return {"path": ", ".join(nodes)} if passed else {}


def _credit(parts: tuple[Any, ...]) -> Values:
    if not parts:
        return {}
    reasons = ", ".join(f"{part.source} {part.credit}" for part in parts)
    return {"credit": sum(part.credit for part in parts), "credit_from": reasons}


def _customer(customer: msgspec.Struct | None) -> Values:
    return {f"customer_{name}": value for name, value in _plain(customer).items()}


def _destination(to: ToQueue | ToVoicemail | ToCallback | ToMessage) -> Values:
    match to:
        case ToQueue():
            return {"to": "queue", "target": to.queue}
        case ToVoicemail():
            return {"to": "voicemail", "target": to.box}
        case ToCallback():
            return {"to": "callback"}
        case ToMessage():
            return {"to": "message", "target": to.text}


def _names(field: str) -> Callable[[Any], Values]:
    def listed(values: tuple[str, ...] | Mapping[str, object]) -> Values:
        return {field: ", ".join(values)} if values else {}

    return listed


_SPECIAL: Final[dict[str, Callable[[Any], Values]]] = {
    "passed": _path,
    "why": _plain,
    "callback": _plain,
    "steps": _steps,
    "credit": _credit,
    "customer": _customer,
    "to": _destination,
    "preferred": _names("preferred"),
    "excluded": _names("excluded"),
    "attributes": _names("attributes"),
}
