"""What of the log a branch is given: all that its telephone channel may need to know, and of
contacts that are not its own nothing that says who a customer is or what was said. Pure.

The places and the order of who waits stay whole: a caller at the branch hears how long it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

import msgspec

from router.branch.judging import is_own
from router.core import events as e
from router.core.events import Entry
from router.core.model import Callback, Contact, CustomerRef
from router.core.state import State

_ENCODER: Final = msgspec.msgpack.Encoder()


def withheld(entry: Entry, systems: Collection[str]) -> Entry:
    """``entry`` as the branch with these telephone ``systems`` gets it."""
    return msgspec.structs.replace(
        entry,
        events=tuple(_event(event, systems) for event in entry.events),
        cause=entry.cause if is_own(entry.cause, systems) else "",
        by="",
    )


def image_for(state: State, systems: Collection[str]) -> bytes:
    """A snapshot of ``state`` as that branch gets it, for ``State.restore``."""
    whole = state.image()
    image = msgspec.structs.replace(
        whole,
        contacts=[_contact(one, systems) for one in whole.contacts],
        commands=[one for one in whole.commands if is_own(one, systems)],
    )
    return _ENCODER.encode(image)


def _nobody(customer: CustomerRef | None) -> CustomerRef | None:
    return None if customer is None else msgspec.structs.replace(customer, id="", name="", value=0)


def _nowhere(callback: Callback) -> Callback:
    return msgspec.structs.replace(callback, address="")


def _said(event: e.MessagePosted) -> dict[str, Any]:
    return {"message": msgspec.structs.replace(event.message, text="", files=())}


_WITHOUT: Final[dict[type[e.EventBase], Callable[[Any], dict[str, Any]]]] = {
    e.ContactArrived: lambda _: {"address": "", "attributes": {}},
    e.FlowAdvanced: lambda _: {"session": b"", "passed": ()},
    e.CustomerIdentified: lambda event: {"customer": _nobody(event.customer)},
    e.Enqueued: lambda _: {"attributes": {}, "announcements": None},
    e.AttributesEdited: lambda _: {"attributes": {}},
    e.MessagePosted: _said,
    e.CallbackPromised: lambda event: {"callback": _nowhere(event.callback)},
    e.CallbackResumed: lambda event: {"callback": _nowhere(event.callback)},
    e.TransferredOut: lambda _: {"address": ""},
    e.WrapUpFinished: lambda _: {"note": ""},
    e.FlowPublished: lambda _: {"source": ""},
}


def _event(event: Any, systems: Collection[str]) -> Any:  # noqa: ANN401 - any kind of event
    if isinstance(event, e.ContactEvent) and is_own(event.contact, systems):
        return event
    if isinstance(event, e.ContactArrived) and is_own(event.parent, systems):
        return event
    without = _WITHOUT.get(type(event))
    return event if without is None else msgspec.structs.replace(event, **without(event))


def _contact(contact: Contact, systems: Collection[str]) -> Contact:
    if is_own(contact.id, systems) or is_own(contact.parent, systems):
        return contact
    callback = contact.callback
    return msgspec.structs.replace(
        contact,
        address="",
        attributes={},
        customer=_nobody(contact.customer),
        flow_session=b"",
        announcements=None,
        messages=[],
        callback=None if callback is None else _nowhere(callback),
    )
