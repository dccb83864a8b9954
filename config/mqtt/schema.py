"""The JSON Schema of the file, generated from the document model for editors.

``python -m config.mqtt.schema`` writes it beside the sample; a test keeps it current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.schema import document_schema
from config.endpoints.values import SCHEMAS
from config.mqtt.document import MqttFileSource
from config.mqtt.values import URL, WORD
from router.edge.naming import NAME
from router.edge.requests import KINDS as COMMANDS

FILE: Final = Path(__file__).parents[1] / "mqtt.schema.json"

KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    **SCHEMAS,
    "broker": {"type": "string", "pattern": URL},
    "edge name": {"type": "string", "pattern": NAME},
    "word": {"type": "string", "pattern": WORD},
    "command": {"type": "string", "enum": sorted(COMMANDS)},
}


def mqtt_schema() -> dict[str, Any]:
    """The schema of a file about a broker."""
    return document_schema(MqttFileSource, "Patchbay MQTT", KINDS, {})


def schema_text() -> str:
    return json.dumps(mqtt_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
