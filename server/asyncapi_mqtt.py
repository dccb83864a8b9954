"""The part of the AsyncAPI document about the MQTT edge, made from the events and commands
themselves: topics, envelopes, and what of each event goes out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from router.core.commands import CommandBase
from router.core.events import CatalogPublished, EventBase
from router.edge.messages import PAYLOAD_TYPES
from router.edge.naming import TYPES, family_of
from router.edge.payloads import (
    CommandAccepted,
    CommandRejected,
    EdgeStatus,
    Presence,
    QueueFigures,
)
from router.edge.requests import KINDS
from router.edge.withholding import ATTRIBUTES, NEVER, PERSONAL, UNTOLD, Place

Schema = dict[str, Any]

_EVENT, _COMMAND, _PAYLOAD = "MqttEvent", "MqttCommand", "MqttPayload"
_CUT: Final = "MqttCut"
_SHARED: Final = "MqttCloudEvent"
_SENT_PERSONALLY: Final = "Only with `personal_data: true`."
_ROOT: Final = "patchbay/{tenant}"
_TOLD: Final[tuple[type[EventBase], ...]] = tuple(kind for kind in TYPES if kind not in UNTOLD)


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of topics. ``says`` is from Patchbay, otherwise it is to it."""

    name: str
    address: str
    summary: str
    kinds: tuple[type[msgspec.Struct], ...]
    says: bool = True
    retained: bool = False


def _of(family: str) -> tuple[type[EventBase], ...]:
    return tuple(kind for kind in _TOLD if family_of(kind) == family)


FOLDERS: Final = (
    Folder(
        name="contacts",
        address=f"{_ROOT}/contacts/{{contact}}/{{event}}",
        summary="What happens to a contact, in order, numbered by `sequence`. At least once.",
        kinds=_of("contact"),
    ),
    Folder(
        name="agents",
        address=f"{_ROOT}/agents/{{agent}}/{{event}}",
        summary="What happens to an agent, in order. At least once.",
        kinds=_of("agent"),
    ),
    Folder(
        name="flows",
        address=f"{_ROOT}/flows/{{flow}}/{{event}}",
        summary="Versions of flows. At least once.",
        kinds=_of("flow"),
    ),
    Folder(
        name="catalog",
        address=f"{_ROOT}/catalog/{{event}}",
        summary="Versions of the catalog. At least once.",
        kinds=_of("catalog"),
    ),
    Folder(
        name="presence",
        address=f"{_ROOT}/agents/{{agent}}/presence",
        summary="Retained: each agent's state now. Taken back when the agent is gone.",
        kinds=(Presence,),
        retained=True,
    ),
    Folder(
        name="figures",
        address=f"{_ROOT}/queues/{{queue}}/figures",
        summary="Retained: each queue's figures now. Taken back when the queue is gone.",
        kinds=(QueueFigures,),
        retained=True,
    ),
    Folder(
        name="status",
        address=f"{_ROOT}/edge/{{node}}/status",
        summary="Retained: whether a node is connected; its last will says that it is not.",
        kinds=(EdgeStatus,),
        retained=True,
    ),
    Folder(
        name="commands",
        address=f"{_ROOT}/commands/{{client}}",
        summary="Commands at QoS 1, answered on the response topic. Not retained.",
        kinds=tuple(KINDS.values()),
        says=False,
    ),
    Folder(
        name="answers",
        address=f"{_ROOT}/answers/{{client}}",
        summary="Answers to commands, here or on a response topic below, with correlation data.",
        kinds=(CommandAccepted, CommandRejected),
    ),
)


def channels() -> Schema:
    return {_channel(folder): _described(folder) for folder in FOLDERS}


def operations() -> Schema:
    return dict(_operation(folder) for folder in FOLDERS)


def messages() -> Schema:
    every = (kind for folder in FOLDERS for kind in folder.kinds)
    return {_key(kind): _message(kind) for kind in every}


def schemas() -> Schema:
    """Of envelopes, and of what stands in them."""
    found = _components(_EVENT, _TOLD) | _components(_PAYLOAD, PAYLOAD_TYPES)
    found |= _components(_COMMAND, KINDS.values())
    for kind in _TOLD:
        _withhold(kind, found)
    for command in KINDS.values():
        _without(found[f"{_COMMAND}{command.__name__}"], ("id", "by", "type"))
    found |= {_CUT: _cut(), _SHARED: _shared()}
    for folder in FOLDERS:
        found |= {_key(kind): _envelope(kind, asked=not folder.says) for kind in folder.kinds}
    return _used(found)


def _used(found: Schema) -> Schema:
    """Without what only a withheld field refers to, such as a whole catalog."""
    wanted: dict[str, None] = {}
    waiting = [_key(kind) for folder in FOLDERS for kind in folder.kinds]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted[name] = None
            waiting.extend(_referred(found[name]))
    return {name: schema for name, schema in found.items() if name in wanted}


def _referred(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for one in schema.values():
            yield from _referred(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _referred(one)


def _channel(folder: Folder) -> str:
    return f"mqtt_{folder.name}"


def _described(folder: Folder) -> Schema:
    refs = {_key(kind): _ref("messages", _key(kind)) for kind in folder.kinds}
    levels = [part.partition("}")[0] for part in folder.address.split("{")[1:]]
    return {
        "address": folder.address,
        "summary": folder.summary,
        "parameters": {level: {} for level in levels},
        "messages": refs,
    }


def _operation(folder: Folder) -> tuple[str, Schema]:
    channel = _channel(folder)
    verb = "says" if folder.says else "hears"
    found: Schema = {
        "action": "send" if folder.says else "receive",
        "channel": {"$ref": f"#/channels/{channel}"},
        "bindings": {"mqtt": {"qos": 1, "retain": folder.retained, "bindingVersion": "0.2.0"}},
        "messages": [
            {"$ref": f"#/channels/{channel}/messages/{_key(kind)}"} for kind in folder.kinds
        ],
    }
    if not folder.says:
        found["reply"] = {"channel": {"$ref": "#/channels/mqtt_answers"}}
    return f"{channel}_{verb}", found


def _key(kind: type[msgspec.Struct]) -> str:
    prefix = _COMMAND + "Event" if issubclass(kind, CommandBase) else "Mqtt"
    return f"{prefix}{kind.__name__}"


def _type(kind: type[msgspec.Struct]) -> str:
    if issubclass(kind, CommandBase):
        return str(kind.__struct_config__.tag)
    return TYPES[kind] if issubclass(kind, EventBase) else PAYLOAD_TYPES[kind]


def _message(kind: type[msgspec.Struct]) -> Schema:
    return {
        "name": _type(kind),
        "title": kind.__name__,
        "contentType": "application/cloudevents+json; charset=utf-8",
        "payload": _ref("schemas", _key(kind)),
    }


def _envelope(kind: type[msgspec.Struct], *, asked: bool) -> Schema:
    """``asked``: it comes from others, and may lack what there is a usual value for."""
    data: Schema = _ref("schemas", f"{_prefix(kind)}{kind.__name__}")
    if issubclass(kind, EventBase):
        data = {"anyOf": [data, _ref("schemas", _CUT)]}
    return {
        "title": kind.__name__,
        "allOf": [_ref("schemas", _SHARED)],
        "properties": {"type": {"enum": [_type(kind)]}, "data": data},
        "required": [] if asked else ["datacontenttype", "data"],
    }


def _shared() -> Schema:
    """What every message has around its data."""
    return {
        "title": "CloudEvent",
        "type": "object",
        "properties": {
            "specversion": {"enum": ["1.0"]},
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "minLength": 1},
            "type": {"type": "string"},
            "subject": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"enum": ["application/json"]},
        },
        "required": ["specversion", "id", "source", "type"],
    }


def _prefix(kind: type[msgspec.Struct]) -> str:
    if issubclass(kind, CommandBase):
        return _COMMAND
    return _EVENT if issubclass(kind, EventBase) else _PAYLOAD


def _components(prefix: str, kinds: Iterable[type[msgspec.Struct]]) -> Schema:
    template = f"#/components/schemas/{prefix}{{name}}"
    _, found = msgspec.json.schema_components(tuple(kinds), ref_template=template)
    plain: Schema = json.loads(msgspec.json.encode(found))
    return {f"{prefix}{name}": schema for name, schema in plain.items()}


def _withhold(kind: type[EventBase], found: Schema) -> None:
    schema = found[f"{_EVENT}{kind.__name__}"]
    _without(schema, ("type", *(place[0] for place in NEVER.get(kind, ()))))
    for place in PERSONAL.get(kind, ()):
        _only_sometimes(schema, place, found)
    if ATTRIBUTES in schema["properties"]:
        told = "Only those that the operator named."
        schema["properties"][ATTRIBUTES]["description"] = told
    if kind is CatalogPublished:
        schema["properties"]["version"] = {"type": "integer"}
    schema["properties"]["position"] = {"type": "integer"}
    schema["required"] = ["position", *schema.get("required", ())]


def _without(schema: Schema, names: Sequence[str]) -> None:
    for name in names:
        schema["properties"].pop(name, None)
    schema["required"] = [one for one in schema.get("required", ()) if one not in names]


def _only_sometimes(schema: Schema, place: Place, found: Schema) -> None:
    name = place[0]
    if name not in schema["properties"]:
        return  # another of those that may stand there has it
    if len(place) > 1:
        for inside in _inside(schema["properties"][name], found):
            _only_sometimes(inside, place[1:], found)
        return
    schema["properties"][name]["description"] = _SENT_PERSONALLY
    schema["required"] = [one for one in schema.get("required", ()) if one != name]


def _inside(schema: Schema, found: Schema) -> Iterator[Schema]:
    """The objects that ``schema`` refers to, through lists and where there may be none."""
    if "$ref" in schema:
        yield found[schema["$ref"].rpartition("/")[2]]
    elif "items" in schema:
        yield from _inside(schema["items"], found)
    else:
        for one in schema.get("anyOf", ()):
            yield from _inside(one, found)


def _cut() -> Schema:
    return {
        "title": "Cut",
        "description": "In place of what would be too large for a message.",
        "type": "object",
        "properties": {
            "position": {"type": "integer"},
            "cut": {"enum": [True]},
            "contact": {"type": "string"},
            "sequence": {"type": "integer"},
        },
        "required": ["position", "cut"],
    }


def _ref(where: str, name: str) -> Schema:
    return {"$ref": f"#/components/{where}/{name}"}
