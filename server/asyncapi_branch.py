"""The part of the AsyncAPI document about branches: what their adapters and the centre say."""

from __future__ import annotations

import json
from typing import Any, Final, get_args

import msgspec

from router.branch.messages import Down, Up
from router.edge.naming import ROOT

Schema = dict[str, Any]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One direction. ``says`` is from the centre."""

    name: str
    summary: str
    kinds: tuple[type[msgspec.Struct], ...]
    says: bool


SIDES: Final = (
    Side(
        name="up",
        summary="From the adapter at a branch, at QoS 1: requests of its outbox until answered.",
        kinds=get_args(Up),
        says=False,
    ),
    Side(
        name="down",
        summary="To the adapter at a branch, at QoS 1: the log in order, and answers.",
        kinds=get_args(Down),
        says=True,
    ),
)


def channels() -> Schema:
    return {
        _channel(side): {
            "address": f"{ROOT}/{{tenant}}/branches/{{branch}}/{side.name}",
            "summary": side.summary,
            "parameters": {"tenant": {}, "branch": {}},
            "messages": {
                _key(kind): {"$ref": f"#/components/messages/{_key(kind)}"} for kind in side.kinds
            },
        }
        for side in SIDES
    }


def operations() -> Schema:
    return {
        f"{_channel(side)}_{'says' if side.says else 'hears'}": {
            "action": "send" if side.says else "receive",
            "channel": {"$ref": f"#/channels/{_channel(side)}"},
            "bindings": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": "0.2.0"}},
            "messages": [
                {"$ref": f"#/channels/{_channel(side)}/messages/{_key(kind)}"}
                for kind in side.kinds
            ],
        }
        for side in SIDES
    }


def messages() -> Schema:
    return {
        _key(kind): {
            "name": str(kind.__struct_config__.tag),
            "title": kind.__name__,
            "contentType": "application/json; charset=utf-8",
            "payload": {"$ref": f"#/components/schemas/{_key(kind)}"},
        }
        for side in SIDES
        for kind in side.kinds
    }


def schemas() -> Schema:
    template = "#/components/schemas/Branch{name}"
    kinds = [kind for side in SIDES for kind in side.kinds]
    _, found = msgspec.json.schema_components(kinds, ref_template=template)
    plain: Schema = json.loads(msgspec.json.encode(found))
    return {f"Branch{name}": schema for name, schema in plain.items()}


def _channel(side: Side) -> str:
    return f"mqtt_branch_{side.name}"


def _key(kind: type[msgspec.Struct]) -> str:
    return f"Branch{kind.__name__}"
