"""The door: an entry point and what the customer picked decide the queue, or the flow to ask in.

It needs no prompt and no waiting. A pick the entry point does not know goes to its own queue:
a person at the door is never turned away over a wrong key. An arrival that names its queue goes
there.
"""

from __future__ import annotations

from router.core.catalog import Catalog, EntryPoint
from router.core.events import Rejected
from router.ports import Arrival, Route, Through


def route(catalog: Catalog, arrival: Arrival) -> Route | Through | Rejected:
    """Queue, demands and attributes for ``arrival``, or why it has no way in."""
    entry = catalog.entry_points.get(arrival.entry_point)
    if entry is None:
        return _refused(f"there is no entry point {arrival.entry_point[:80]!r}: name one of yours")
    if entry.channel != arrival.channel:
        return _refused(f"entry point {entry.id!r} is for {entry.channel}, not {arrival.channel!r}")
    if arrival.queue in catalog.queues:
        return Route(queue=arrival.queue, attributes=_picked(entry, arrival.choice))
    queue = entry.choices.get(arrival.choice, entry.queue)
    if queue not in catalog.queues:
        return _refused(f"entry point {entry.id!r} leads to {queue!r}, which is not a queue")
    picked = _picked(entry, arrival.choice)
    if entry.flow:
        return Through(flow=entry.flow, alias=entry.alias, safe_queue=queue, attributes=picked)
    return Route(queue=queue, steps=entry.steps, attributes=picked)


def _picked(entry: EntryPoint, choice: str) -> dict[str, str]:
    """What people see of it is the words in which it was offered."""
    if choice not in entry.choices:
        return {}
    label = entry.choice_labels.get(choice)
    return {"choice": choice, "choice_label": label} if label else {"choice": choice}


def _refused(reason: str) -> Rejected:
    return Rejected(code="no_entry", reason=f"The contact cannot come in: {reason}.")
