"""The JSON Schema of the file, generated from the document model for editors.

``python -m cti_adapters.webhook.settings_file.schema`` writes it beside the sample; a test keeps it
current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.schema import document_schema
from config.endpoints.values import SCHEMAS
from cti_adapters.webhook.settings_file.document import HooksSource
from cti_adapters.webhook.settings_file.values import WORD

FILE: Final = Path(__file__).parents[3] / "config" / "webhooks.schema.json"

KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    **SCHEMAS,
    "word": {"type": "string", "pattern": WORD},
    "signed": {"type": "string", "description": "{timestamp}.{body}"},
    "entry point": {"type": "string", "description": "the id of an entry point of the catalog"},
}


def webhooks_schema() -> dict[str, Any]:
    """The schema of a file of hooks."""
    return document_schema(HooksSource, "Patchbay webhooks", KINDS, {})


def schema_text() -> str:
    return json.dumps(webhooks_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
