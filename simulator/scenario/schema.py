"""The JSON Schema of a scenario, generated from the document model for editors.

``python -m simulator.scenario.schema`` writes it into the package; a test keeps the file current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.openings import SPAN
from config.catalog.schema import CONDITION, document_schema
from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.values import SHARE
from config.durations import PATTERN
from simulator.scenario.clock import STARTS
from simulator.scenario.distribution import MAX_VARIATION
from simulator.scenario.document import ScenarioSource
from simulator.scenario.kinds import MAX_RATE, MAX_SPANS

FILE: Final = Path(__file__).parent.parent / "scenario.schema.json"

_DURATION: Final = CATALOG_KINDS["duration"]
_RATE: Final = {"type": "number", "minimum": 0, "maximum": MAX_RATE}
_SPAN: Final = {"type": "string", "pattern": SPAN}


def _form(name: str, description: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {name: value},
        "required": [name],
        "additionalProperties": False,
    }


def _parts(required: tuple[str, ...], **parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": parts,
        "required": list(required),
        "additionalProperties": False,
    }


_VARIATION: Final = {
    "type": "number",
    "minimum": 0,
    "maximum": MAX_VARIATION,
    "description": "standard deviation ÷ mean; left out: 1",
}
_DISTRIBUTION: Final = {
    "description": "A duration that chance decides.",
    "anyOf": [
        {**_DURATION, "description": "always the same"},
        _form("exponential", "by its mean", _DURATION),
        _form(
            "lognormal",
            "by its mean and its variation",
            _parts(("mean",), mean=_DURATION, variation=_VARIATION),
        ),
        _form(
            "uniform",
            "any length between two",
            _parts(("from", "to"), **{"from": _DURATION, "to": _DURATION}),
        ),
        _form(
            "empirical",
            "one of these, each as likely as any other",
            {"type": "array", "items": _DURATION, "minItems": 1},
        ),
    ],
}

_KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    "distribution": {"$ref": "#/$defs/Distribution"},
    "patience": {"anyOf": [{"const": "never"}, {"$ref": "#/$defs/Distribution"}]},
    "rates": {
        "anyOf": [
            _RATE,
            {
                "type": "object",
                "patternProperties": {SPAN: _RATE},
                "additionalProperties": False,
                "maxProperties": MAX_SPANS,
            },
        ]
    },
    "spans": {"anyOf": [_SPAN, {"type": "array", "items": _SPAN, "maxItems": MAX_SPANS}]},
    "starts": {"type": "string", "pattern": STARTS},
    "half_width": {
        "anyOf": [
            {"type": "string", "pattern": PATTERN},
            {"type": "string", "pattern": SHARE},
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        ]
    },
    "queue": {"type": "string", "description": "the id of a queue of the catalog"},
    "agent": {"type": "string", "description": "the id of an agent of the catalog"},
}


def scenario_schema() -> dict[str, Any]:
    """The schema of a scenario file."""
    definitions = {"Condition": CONDITION, "Distribution": _DISTRIBUTION}
    return document_schema(ScenarioSource, "Patchbay scenario", _KINDS, definitions)


def schema_text() -> str:
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
