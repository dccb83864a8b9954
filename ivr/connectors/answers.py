"""What another system answered, read: JSON and nothing else, and of it only what was agreed.

It is foreign: every value becomes a bounded text on one line, and what is not as agreed is refused.
"""

from __future__ import annotations

from typing import Final

from ivr.connectors.definitions import MAX_VALUE, Reading, Sign
from ivr.core.session import LookedUp
from router.foreign_json import NOTHING, Unreadable, read_json, text_of, value_at

_JSON: Final = ("application/json", "text/json")
_WHAT: Final = "the answer"


def read_answer(reading: Reading, content_type: str, body: bytes) -> LookedUp:
    """The verdict on an answer with a ``found_status``. Raises ``Unreadable``."""
    document = _document(content_type, body)
    if reading.failed is not None and _shows(document, reading.failed):
        return LookedUp(turn=0, result="failed")
    missing = reading.not_found is not None and _shows(document, reading.not_found)
    if missing or (reading.found is not None and not _shows(document, reading.found)):
        return LookedUp(turn=0, result="not_found")
    values = {name: _text(value_at(document, place)) for name, place in reading.fields.items()}
    answer = {name: value for name, value in values.items() if value}
    return LookedUp(turn=0, result="found", answer=answer)


def _document(content_type: str, body: bytes) -> object:
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Unreadable("the answer is not JSON")
    return read_json(body, _WHAT)


def _text(value: object) -> str:
    return text_of(value, MAX_VALUE, _WHAT)


def _shows(document: object, sign: Sign) -> bool:
    value = value_at(document, sign.at)
    if not sign.values:
        return value is not NOTHING and value not in (None, "", [], {})
    if isinstance(value, dict | list):
        return False
    return _text(value) in sign.values
