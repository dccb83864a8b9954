"""The JSON Schema of the catalog, generated from the document model for editors.

``python -m config.catalog.schema`` writes it beside the demo; a test keeps the file current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from config.catalog.document import CatalogSource, Source
from config.catalog.load import CHANNELS
from config.catalog.openings import DATE, HOLIDAYS, SPAN, WEEKDAYS
from config.catalog.replies import LANGUAGE, MAX_TEXT
from config.catalog.values import NAME, SHARE
from config.durations import PATTERN
from router.core.strategies import STRATEGIES

FILE: Final = Path(__file__).parent.parent / "catalog.schema.json"
_SPANS: Final = {
    "anyOf": [
        {"enum": ["open", "closed"]},
        {"type": "string", "pattern": SPAN},
        {"type": "array", "items": {"type": "string", "pattern": SPAN}, "maxItems": 8},
    ]
}
_ONE_DURATION: Final = {
    "description": "30s, 2m, 1h30m",
    "anyOf": [{"type": "string", "pattern": PATTERN}, {"const": 0}],
}

# For each ``kind`` of the document model, what an editor should accept.
KINDS: Final[dict[str, dict[str, Any]]] = {
    "duration": _ONE_DURATION,
    "share": {
        "description": "80% or 0.8",
        "anyOf": [
            {"type": "string", "pattern": SHARE},
            {"type": "number", "minimum": 0, "maximum": 1},
        ],
    },
    "amount": {"anyOf": [{"type": "integer", "minimum": 0}, _ONE_DURATION]},
    "condition": {"$ref": "#/$defs/Condition"},
    "zone": {"type": "string", "description": "a time zone such as Europe/Madrid"},
    "holidays": {"type": "string", "pattern": HOLIDAYS, "description": "ES, GB-ENG, US-CA"},
    "weekdays": {"type": "string", "pattern": WEEKDAYS},
    "date": {"type": "string", "pattern": DATE},
    "openings": _SPANS,
    "override": {"anyOf": [{"const": "usual"}, *_SPANS["anyOf"]]},
    "reply_text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    "language": {"type": "string", "pattern": LANGUAGE, "maxLength": 32},
    "channel": {"enum": list(CHANNELS)},
    "strategy": {"enum": list(STRATEGIES)},
    **{
        kind: {"type": "string", "description": f"the id of an entry under {section}"}
        for kind, section in (
            ("queue", "queues"),
            ("profile", "profiles"),
            ("hours", "hours"),
            ("skill", "skills"),
        )
    },
}

_CONDITIONS: Final = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Condition"}}
CONDITION: Final = {
    "description": "What an agent must meet: every line of a mapping; a word alone is a skill.",
    "anyOf": [
        {"const": "anyone"},
        {"type": "string", "pattern": NAME},
        {
            "type": "object",
            "properties": {
                "all": _CONDITIONS,
                "any": _CONDITIONS,
                "not": {"$ref": "#/$defs/Condition"},
                "team": {"type": "string"},
                "site": {"type": "string"},
                "attributes": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number", "boolean"]},
                },
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


def catalog_schema() -> dict[str, Any]:
    """The schema of a catalog file."""
    return document_schema(CatalogSource, "Patchbay catalog", KINDS, {"Condition": CONDITION})


def form_schema() -> dict[str, Any]:
    """The same, with the ``kind`` of each value beside what it accepts."""
    kinds = {name: {**accepts, "kind": name} for name, accepts in KINDS.items()}
    return document_schema(CatalogSource, "Patchbay catalog", kinds, {"Condition": CONDITION})


def document_schema(
    model: type[Source],
    title: str,
    kinds: dict[str, dict[str, Any]],
    definitions: dict[str, Any],
) -> dict[str, Any]:
    """The schema (draft 2020-12) of files that are read as ``model``. ``kinds`` says for each
    ``kind`` of the model what an editor should accept, ``definitions`` what those refer to.
    """
    generated = msgspec.json.schema(model)
    own = {
        name.removesuffix("Source"): _finished(one, kinds)
        for name, one in generated["$defs"].items()
        if name.endswith("Source")
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": f"#/$defs/{model.__name__.removesuffix('Source')}",
        "$defs": {**own, **definitions},
    }


def _finished(part: object, kinds: dict[str, dict[str, Any]]) -> object:
    """``part`` with every ``kind`` replaced and the model's own defaults (None) left out."""
    if isinstance(part, list):
        return [_finished(one, kinds) for one in part]
    if not isinstance(part, dict):
        return part
    kind = "amount" if part.get("$ref") == "#/$defs/Amount" else part.get("kind")
    if isinstance(kind, str) and kind in kinds:
        own = {key: part[key] for key in ("description",) if key in part}
        return {**kinds[kind], **own}
    kept = {
        key: _finished(one, kinds) for key, one in part.items() if (key, one) != ("default", None)
    }
    for key in ("$ref", "title"):
        if key in kept:
            kept[key] = str(kept[key]).removesuffix("Source")
    return kept


def schema_text() -> str:
    return json.dumps(catalog_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
