"""The JSON Schema of the file, generated from the document model for editors.

``python -m cti_adapters.email.settings_file.schema`` writes it into the package; a test keeps it
current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from config.catalog.schema import KINDS as CATALOG_KINDS
from config.catalog.schema import document_schema
from cti_adapters.email.settings_file import values
from cti_adapters.email.settings_file.document import MailboxesSource

FILE: Final = Path(__file__).parent.parent / "mailboxes.schema.json"

_PATTERNS: Final = {
    "host": values.HOST,
    "variable": values.VARIABLE,
    "address": values.ADDRESS,
    "word": values.WORD,
    "url": values.URL,
}

KINDS: Final[dict[str, dict[str, Any]]] = {
    **CATALOG_KINDS,
    **{kind: {"type": "string", "pattern": pattern} for kind, pattern in _PATTERNS.items()},
    "entry point": {"type": "string", "description": "the id of an entry point of the catalog"},
}


def mailboxes_schema() -> dict[str, Any]:
    """The schema of a file of mailboxes."""
    return document_schema(MailboxesSource, "Patchbay mailboxes", KINDS, {})


def schema_text() -> str:
    return json.dumps(mailboxes_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
