"""What goes out, as MQTT messages: CloudEvents 1.0 in structured mode, JSON. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from router.core.events import ContactEvent, Entry, EventBase
from router.edge.naming import ROOT, TYPES, Topics, subject_of
from router.edge.payloads import (
    CommandAccepted,
    CommandRejected,
    EdgeStatus,
    Presence,
    QueueFigures,
)
from router.edge.settings import Privacy
from router.edge.withholding import is_told, told

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
LARGEST: Final = 256 * 1024  # bytes of one message that goes out
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 253_402_300_799_000_000  # the last second that has four digits for its year

PAYLOAD_TYPES: Final[dict[type[msgspec.Struct], str]] = {
    Presence: f"{ROOT}.agent.presence",
    QueueFigures: f"{ROOT}.queue.figures",
    EdgeStatus: f"{ROOT}.edge.status",
    CommandAccepted: f"{ROOT}.command.accepted",
    CommandRejected: f"{ROOT}.command.rejected",
}
Answer = CommandAccepted | CommandRejected


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """The envelope. ``id`` is the same whenever the same thing is told again."""

    id: str
    source: str
    type: str
    specversion: Literal["1.0"] = "1.0"
    subject: str | msgspec.UnsetType = msgspec.UNSET
    time: str | msgspec.UnsetType = msgspec.UNSET
    datacontenttype: Literal["application/json"] = "application/json"
    data: Any = None


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message at QoS 1. Retained without a payload, it takes back what was retained there."""

    topic: str
    payload: bytes
    retain: bool = False
    content_type: str = CONTENT_TYPE


def messages_of(entry: Entry, topics: Topics, privacy: Privacy) -> tuple[Outgoing, ...]:
    """What ``entry`` says, in its order; empty when nobody outside hears of it."""
    return tuple(
        Outgoing(topic=topics.event(event), payload=_event(entry, number, event, topics, privacy))
        for number, event in enumerate(entry.events, start=1)
        if is_told(event)
    )


def _event(entry: Entry, number: int, event: EventBase, topics: Topics, privacy: Privacy) -> bytes:
    envelope = CloudEvent(
        id=f"{topics.tenant}/{entry.position}/{number}",
        source=source_of(topics),
        type=TYPES[type(event)],
        subject=subject_of(event) or msgspec.UNSET,
        time=written(entry.at),
        data={"position": entry.position, **told(event, privacy)},
    )
    payload = msgspec.json.encode(envelope)
    if len(payload) <= LARGEST:
        return payload
    # Whoever follows must still be able to count: what it says is to be read over HTTP.
    short: dict[str, object] = {"position": entry.position, "cut": True}
    if isinstance(event, ContactEvent):
        short |= {"contact": event.contact, "sequence": event.sequence}
    return msgspec.json.encode(msgspec.structs.replace(envelope, data=short))


def retained(topic: str, payload: Presence | QueueFigures, at: int, topics: Topics) -> Outgoing:
    """Presence or figures as of ``at``."""
    subject = payload.agent if isinstance(payload, Presence) else payload.queue
    envelope = CloudEvent(
        id=f"{topic}/{payload.position}/{at}",
        source=source_of(topics),
        type=PAYLOAD_TYPES[type(payload)],
        subject=subject,
        time=written(at),
        data=payload,
    )
    return Outgoing(topic=topic, payload=msgspec.json.encode(envelope), retain=True)


def status(
    state: Literal["online", "offline"], node: str, session: int, topics: Topics
) -> Outgoing:
    """Whether ``node`` is there; without a time, because a will is written before it is needed."""
    envelope = CloudEvent(
        id=f"{node}/{session}/{state}",
        source=source_of(topics),
        type=PAYLOAD_TYPES[EdgeStatus],
        subject=node,
        data=EdgeStatus(node=node, status=state, session=session),
    )
    return Outgoing(topic=topics.status(node), payload=msgspec.json.encode(envelope), retain=True)


def answer(payload: Answer, topic: str, at: int, topics: Topics) -> Outgoing:
    """What became of a command."""
    envelope = CloudEvent(
        id=f"{topic}/{at}/{payload.command}",
        source=source_of(topics),
        type=PAYLOAD_TYPES[type(payload)],
        subject=payload.command or msgspec.UNSET,
        time=written(at),
        data=payload,
    )
    return Outgoing(topic=topic, payload=msgspec.json.encode(envelope))


def source_of(topics: Topics) -> str:
    return f"/{ROOT}/{topics.tenant}"


def written(at: int) -> str:
    """Microseconds UTC as RFC 3339 has them."""
    moment = _BEGINNING + timedelta(microseconds=min(max(at, 0), _LATEST))
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
