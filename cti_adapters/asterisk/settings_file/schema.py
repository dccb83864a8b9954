"""The JSON Schema of the file, generated from the document model for editors.

``python -m cti_adapters.asterisk.settings_file.schema`` writes it into the package; a test keeps it
current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.schema import document_schema
from cti_adapters.asterisk.settings_file import values
from cti_adapters.asterisk.settings_file.document import PbxsSource

FILE: Final = Path(__file__).parent.parent / "asterisk.schema.json"

_PATTERNS: Final = {
    "word": values.WORD,
    "host": values.HOST,
    "dialled": values.DIALLED,
    "caller_id": values.CALLER_ID,
    "prefix": values.PREFIX,
    "key": values.KEY,
    "language": values.LANGUAGE,
    "country": values.COUNTRY,
    "recorded": values.RECORDED,
    "variable": values.VARIABLE,
    "channel": values.CHANNEL,
    "phone": values.PHONE,
    "trunk": values.TRUNK,
    "place": values.PLACE,
    "websocket": values.WEBSOCKET,
    "ice": values.ICE,
}
_NUMBERS: Final = frozenset({"key", "caller_id"})  # are often written without quotes

KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    **{
        kind: (
            {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer", "minimum": 0}]}
            if kind in _NUMBERS
            else {"type": "string", "pattern": pattern}
        )
        for kind, pattern in _PATTERNS.items()
    },
    "entry point": {"type": "string", "description": "the id of an entry point of the catalog"},
    "agent": {"type": "string", "description": "the id of an agent of the catalog"},
}


def pbxs_schema() -> dict[str, Any]:
    """The schema of a file of telephone systems."""
    return document_schema(PbxsSource, "Patchbay telephone systems", KINDS, {})


def schema_text() -> str:
    return json.dumps(pbxs_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
