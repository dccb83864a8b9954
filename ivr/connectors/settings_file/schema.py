"""The JSON Schema of the file, generated from the document model for editors.

``python -m ivr.connectors.settings_file.schema`` writes it beside the sample; a test keeps it
current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.schema import document_schema
from config.endpoints.values import SCHEMAS
from ivr.connectors.settings_file.document import ConnectorsSource
from ivr.core.values import FIELD

FILE: Final = Path(__file__).parents[3] / "config" / "connectors.schema.json"

KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    "field": {"type": "string", "pattern": FIELD},
    **SCHEMAS,
}


def connectors_schema() -> dict[str, Any]:
    """The schema of a file of connectors."""
    return document_schema(ConnectorsSource, "Patchbay connectors", KINDS, {})


def schema_text() -> str:
    return json.dumps(connectors_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
