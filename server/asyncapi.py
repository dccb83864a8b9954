"""The AsyncAPI 3 document of the websockets and MQTT, made from the message types themselves.

``docs/asyncapi.json`` is its stored form; a test compares the two, and the pages take their
TypeScript types from it.
"""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec

import agents.messages
import cti_adapters.webchat.messages
import reporting.messages
from server import asyncapi_branch, asyncapi_mqtt


class Socket(msgspec.Struct, frozen=True, kw_only=True):
    """One websocket: its address and the unions of what either side says."""

    name: str
    address: str
    summary: str
    says: Any
    hears: Any


SOCKETS = (
    Socket(
        name="Desk",
        address="/ws/desk",
        summary="The agent's desk. Needs a session with the role agent.",
        says=agents.messages.ServerMessage,
        hears=agents.messages.ClientMessage,
    ),
    Socket(
        name="Board",
        address="/ws/board",
        summary="The supervisor's board. Needs a session with the role supervisor or admin.",
        says=reporting.messages.ServerMessage,
        hears=reporting.messages.ClientMessage,
    ),
    Socket(
        name="Chat",
        address="/ws/chat",
        summary="A visitor's chat. Public; the page must be on the list of allowed sites.",
        says=cti_adapters.webchat.messages.ServerMessage,
        hears=cti_adapters.webchat.messages.ClientMessage,
    ),
)

DESCRIPTION = (
    "State is a snapshot followed by numbered changes: `n` counts the server's messages on one "
    "connection from 1 without gaps. Acts carry an `id`; sending one again has no further effect. "
    "Times and durations are integer microseconds, times since 1970 in UTC. Over MQTT everything "
    "is a CloudEvent 1.0 in structured mode, but for what Patchbay says to its own adapters at "
    "branches; ids in topics are percent-encoded: see docs/mqtt.md."
)


def document() -> dict[str, Any]:
    """The whole AsyncAPI document as plain JSON values."""
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for socket in SOCKETS:
        schemas |= _schemas(socket)
        messages |= {_key(socket, kind): _message(socket, kind) for kind in _kinds(socket)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Patchbay websockets and MQTT",
            "version": "1",
            "description": DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "channels": {socket.name.lower(): _channel(socket) for socket in SOCKETS}
        | asyncapi_mqtt.channels()
        | asyncapi_branch.channels(),
        "operations": dict(pair for socket in SOCKETS for pair in _operations(socket))
        | asyncapi_mqtt.operations()
        | asyncapi_branch.operations(),
        "components": {
            "messages": messages | asyncapi_mqtt.messages() | asyncapi_branch.messages(),
            "schemas": schemas | asyncapi_mqtt.schemas() | asyncapi_branch.schemas(),
        },
    }


def text() -> str:
    """The document as it is stored."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _kinds(socket: Socket) -> tuple[type[msgspec.Struct], ...]:
    return (*get_args(socket.says), *get_args(socket.hears))


def _key(socket: Socket, kind: type[msgspec.Struct]) -> str:
    return f"{socket.name}{kind.__name__}"


def _schemas(socket: Socket) -> dict[str, Any]:
    """Schemas of everything the socket carries; names begin with the socket's, to be unique."""
    template = f"#/components/schemas/{socket.name}{{name}}"
    _, components = msgspec.json.schema_components(_kinds(socket), ref_template=template)
    plain = json.loads(msgspec.json.encode(components))
    return {f"{socket.name}{name}": schema for name, schema in plain.items()}


def _message(socket: Socket, kind: type[msgspec.Struct]) -> dict[str, Any]:
    wire_name = str(kind.__struct_config__.tag)
    payload = {"$ref": f"#/components/schemas/{_key(socket, kind)}"}
    return {"name": wire_name, "title": kind.__name__, "payload": payload}


def _channel(socket: Socket) -> dict[str, Any]:
    refs = {
        _key(socket, kind): {"$ref": f"#/components/messages/{_key(socket, kind)}"}
        for kind in _kinds(socket)
    }
    return {"address": socket.address, "summary": socket.summary, "messages": refs}


def _operations(socket: Socket) -> list[tuple[str, dict[str, Any]]]:
    channel = socket.name.lower()
    sides = (
        ("send", f"{channel}_says", socket.says),
        ("receive", f"{channel}_hears", socket.hears),
    )
    return [
        (
            name,
            {
                "action": action,
                "channel": {"$ref": f"#/channels/{channel}"},
                "messages": [
                    {"$ref": f"#/channels/{channel}/messages/{_key(socket, kind)}"}
                    for kind in get_args(union)
                ],
            },
        )
        for action, name, union in sides
    ]
