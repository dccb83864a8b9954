"""What of an event is told outside, and what stays here. Pure.

Nobody outside hears of a supervisor who listens, of what flows remember, or of a whole catalog or
flow. What says who a customer is, and what was said or written, goes out where the operator wants
it to; attributes of contacts, which may be anything, by name alone.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from router.core import events as e
from router.edge.settings import Privacy

Place = tuple[str, ...]
"""Keys from the outside in; lists on the way are gone through."""

UNTOLD: Final[frozenset[type[e.EventBase]]] = frozenset({e.Monitored})
"""Kinds of events that stay here altogether."""

NEVER: Final[dict[type[e.EventBase], tuple[Place, ...]]] = {
    e.FlowAdvanced: (("session",),),
    e.FlowPublished: (("source",),),
    e.CatalogPublished: (("catalog",),),
}

PERSONAL: Final[dict[type[e.EventBase], tuple[Place, ...]]] = {
    e.ContactArrived: (("address",),),
    e.FlowAdvanced: (("passed", "heard"),),
    e.CustomerIdentified: (("customer", "name"), ("customer", "value")),
    e.Enqueued: (("announcements", "text"),),  # flows may call customers by their names
    e.Overflowed: (("to", "text"),),
    e.MessagePosted: (("message", "text"), ("message", "files")),
    e.CallbackPromised: (("callback", "address"),),
    e.CallbackResumed: (("callback", "address"),),
    e.TransferredOut: (("address",),),
    e.WrapUpFinished: (("note",),),
}

ATTRIBUTES: Final = "attributes"


def is_told(event: e.EventBase) -> bool:
    return type(event) not in UNTOLD


def told(event: e.EventBase, privacy: Privacy) -> dict[str, Any]:
    """What goes out of ``event``, as plain JSON values."""
    kind = type(event)
    data: dict[str, Any] = msgspec.to_builtins(event)
    del data["type"]
    for place in NEVER.get(kind, ()):
        _remove(data, place)
    if not privacy.personal_data:
        for place in PERSONAL.get(kind, ()):
            _remove(data, place)
    if ATTRIBUTES in data:
        given = data[ATTRIBUTES]
        data[ATTRIBUTES] = {name: given[name] for name in given if name in privacy.attributes}
    if isinstance(event, e.CatalogPublished):
        data["version"] = event.catalog.version
    return data


def _remove(value: object, place: Place) -> None:
    if isinstance(value, list | tuple):
        for one in value:
            _remove(one, place)
    elif isinstance(value, dict):
        if len(place) == 1:
            value.pop(place[0], None)
        else:
            _remove(value.get(place[0]), place[1:])
