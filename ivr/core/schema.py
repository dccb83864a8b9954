"""The JSON Schema of a flow's document, generated from the structs, for editors."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from config.durations import PATTERN
from ivr.core.graph import reachable
from ivr.core.nodes import Flow
from ivr.core.trees import CONDITION_WORDS
from ivr.core.values import LANGUAGE, MAX_TEXT
from ivr.core.words import MAX_PHRASES
from ivr.core.written import MOMENT, TIME

_TEXT: Final = {"type": "string", "maxLength": MAX_TEXT}  # of a prompt
_DURATION: Final = {
    "description": "30s, 2m, 1h30m",
    "anyOf": [{"type": "string", "pattern": PATTERN}, {"const": 0}],
}
_BY_LANGUAGE: Final = {"type": "object", "propertyNames": {"pattern": LANGUAGE}}
_WORD: Final = {"type": ["string", "integer"]}
_PHRASES: Final = {
    "description": "words or phrases, any of them",
    "anyOf": [_WORD, {"type": "array", "items": _WORD, "minItems": 1, "maxItems": MAX_PHRASES}],
}
_NUMBER: Final = {"type": ["integer", "string"], "pattern": "^-?[0-9]{1,18}$"}
_GROUP: Final = {"type": "array", "items": {"$ref": "#/$defs/Condition"}, "maxItems": 64}
_DEMANDS: Final = {"type": "array", "items": {"$ref": "#/$defs/Demand"}, "maxItems": 64}

KINDS: Final[dict[str, dict[str, Any]]] = {
    "duration": _DURATION,
    "credit": {
        "description": "1m30s, or -30s",
        "anyOf": [
            {"type": "string", "pattern": PATTERN.replace("^", "^-?", 1)},
            {"const": 0},
        ],
    },
    "moment": {"type": "string", "pattern": MOMENT, "description": "sun 10:00"},
    "prompt": {"$ref": "#/$defs/Prompt"},
    "words": {
        "anyOf": [{"type": "string"}, {**_BY_LANGUAGE, "additionalProperties": {"type": "string"}}]
    },
    "condition": {"$ref": "#/$defs/Condition"},
    "demand": {"$ref": "#/$defs/Demand"},
}

PROMPT: Final = {
    "description": "What is said: a text, or for each language a text or a recording.",
    "anyOf": [
        _TEXT,
        {
            **_BY_LANGUAGE,
            "additionalProperties": {"anyOf": [_TEXT, {"$ref": "#/$defs/Spoken"}]},
        },
    ],
}

_LINES: Final[dict[str, dict[str, Any]]] = {
    "attributes": {"type": "object", "additionalProperties": _WORD},
    "at_least": {"type": "object", "additionalProperties": _NUMBER},
    "value": _NUMBER,
    "known": {"type": "boolean"},
    "length": {"type": "object", "additionalProperties": _NUMBER},
    "wait": {"type": "object", "additionalProperties": _DURATION},
    "time": {"type": "string", "pattern": TIME},
    "says": _PHRASES,
    "subject": _PHRASES,
    "text": _PHRASES,
    "sender": _PHRASES,
    "contains": {"type": "object", "additionalProperties": _PHRASES},
}
CONDITION: Final = {
    "description": "Every line must hold.",
    "type": "object",
    "minProperties": 1,
    "properties": {
        "all": _GROUP,
        "any": _GROUP,
        "not": {"$ref": "#/$defs/Condition"},
        **{word: _LINES.get(word, _WORD) for word in CONDITION_WORDS},
    },
    "additionalProperties": False,
}
DEMAND: Final = {
    "description": "What an agent must meet: every line of a mapping; a word alone is a skill.",
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "all": _DEMANDS,
                "any": _DEMANDS,
                "not": {"$ref": "#/$defs/Demand"},
                "team": _WORD,
                "site": _WORD,
                "attributes": {"type": "object", "additionalProperties": _WORD},
            },
            "additionalProperties": {
                "type": "integer",
                "minimum": 1,
                "maximum": 10,
                "description": "a skill and the least level asked",
            },
        },
    ],
}


def flow_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a flow's document."""
    generated = msgspec.json.schema(Flow)
    own = {name: _finished(one) for name, one in generated["$defs"].items()}
    written = {**own, "Prompt": PROMPT, "Condition": CONDITION, "Demand": DEMAND}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Patchbay flow",
        "$ref": "#/$defs/Flow",
        "$defs": {name: written[name] for name in sorted(_used(written))},
    }


def _used(definitions: dict[str, Any]) -> set[str]:
    """What is referred to, from ``Flow`` on: how conditions are kept is nobody's concern."""
    links = {
        name: tuple(re.findall(r'"#/\$defs/(\w+)"', json.dumps(one)))
        for name, one in definitions.items()
    }
    return reachable(links, ("Flow",))


def _finished(part: object) -> Any:  # noqa: ANN401 - JSON
    """``part`` with every ``kind`` replaced by what is written for it, without defaults."""
    if isinstance(part, list):
        return [_finished(one) for one in part]
    if not isinstance(part, dict):
        return part
    kind = "moment" if part.get("$ref") == "#/$defs/LocalTime" else part.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        own = {key: part[key] for key in ("description",) if key in part}
        return {**KINDS[kind], **own}
    kept = {key: _finished(one) for key, one in part.items() if key != "default"}
    if kept.get("type") == "string" and "pattern" not in kept:
        kept["type"] = ["string", "integer"]  # ``answer: 1`` is a text
    return kept


def schema_text() -> str:
    return json.dumps(flow_schema(), indent=2, ensure_ascii=False) + "\n"
