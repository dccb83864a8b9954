"""The JSON Schema of the file, generated from the document model for editors.

``python -m config.tenants.schema`` writes it beside the sample; a test keeps it current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.schema import document_schema
from config.endpoints.values import SCHEMAS
from config.tenants.document import TenantsSource
from config.tenants.values import HOST_NAME

FILE: Final = Path(__file__).parents[1] / "tenants.schema.json"

KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    **SCHEMAS,
    "host name": {"type": "string", "pattern": HOST_NAME},
}


def tenants_schema() -> dict[str, Any]:
    """The schema of a file about tenants."""
    return document_schema(TenantsSource, "Patchbay tenants", KINDS, {})


def schema_text() -> str:
    return json.dumps(tenants_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
