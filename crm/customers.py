"""What people send in about customers, and checking it. Pure.

Everything arrives from outside (a form, a file): each field is bounded and cleaned here, in one
place, and refused with a sentence that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from crm import limits, words
from crm.identity import KINDS, normalise
from router.customers import Identity

_TIER: Final = re.compile(r"\w[\w .-]*")
_AGENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
_EXAMPLES: Final = {
    "phone": "write it with its country code, as +44 1632 960001",
    "email": "write it as name@example.com",
    "chat": "write 1 to 100 visible characters",
}


class InvalidCustomer(Exception):
    """A field cannot be taken; ``field`` names it, the text says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownCustomer(Exception):
    """There is no customer with this id."""


class VersionConflict(Exception):
    """Somebody else changed the customer meanwhile; ``current`` is the version now."""

    def __init__(self, current: int) -> None:
        super().__init__(
            "Somebody else changed this customer meanwhile: look at it again, then repeat."
        )
        self.current = current


class CustomerFields(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's own fields; None leaves one as it is (or at its default in a new one)."""

    name: str | None = None
    tier: str | None = None
    value: int | None = None  # whole currency units a year
    why_valued: str | None = None
    language: str | None = None
    account_manager: str | None = None
    watch_out: str | None = None
    external_id: str | None = None  # an empty one takes it away
    attributes: Mapping[str, str] | None = None


def checked(fields: CustomerFields) -> dict[str, object]:
    """The given fields, cleaned, by name. Raises ``InvalidCustomer``."""
    found: dict[str, object] = {}
    for name, (limit, pattern, advice) in _TEXTS.items():
        text = getattr(fields, name)
        if text is not None:
            found[name] = _text(name, text, limit, pattern, advice)
    if found.get("name") == "":
        raise InvalidCustomer("name", "Give the customer a name.")
    if fields.value is not None:
        found["value"] = _value(fields.value)
    if fields.attributes is not None:
        found["attributes"] = _attributes(fields.attributes)
    return found


_TEXTS: Final[dict[str, tuple[int, re.Pattern[str] | None, str]]] = {
    "name": (limits.MAX_NAME, None, ""),
    "tier": (limits.MAX_TIER, _TIER, "use a tier of your catalog, such as gold"),
    "why_valued": (limits.MAX_SHORT, None, ""),
    "language": (limits.MAX_LANGUAGE, _LANGUAGE, "use a language code such as en, es or zh-TW"),
    "account_manager": (limits.MAX_ID, _AGENT, "use an agent's id, such as ann"),
    "watch_out": (limits.MAX_SHORT, None, ""),
    "external_id": (limits.MAX_EXTERNAL_ID, None, ""),
}


def _text(field: str, text: str, limit: int, pattern: re.Pattern[str] | None, advice: str) -> str:
    # Cut before cleaning: a megabyte is refused without being looked at.
    cleaned = words.line(text[: 4 * limit])
    if len(text) > 4 * limit or len(cleaned) > limit:
        raise InvalidCustomer(field, f"The {_label(field)} is longer than {limit} characters.")
    if pattern is None:
        return cleaned
    if field == "tier":
        cleaned = cleaned.lower()
    if cleaned and not pattern.fullmatch(cleaned):
        raise InvalidCustomer(field, f"{cleaned[:40]!r} cannot be the {_label(field)}: {advice}.")
    return cleaned


def _label(field: str) -> str:
    return field.replace("_", " ")


def _value(value: int) -> int:
    if not 0 <= value <= limits.MAX_VALUE:
        raise InvalidCustomer("value", f"The value must be 0 to {limits.MAX_VALUE} a year.")
    return value


def _attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    if len(attributes) > limits.MAX_ATTRIBUTES:
        raise InvalidCustomer(
            "attributes", f"A customer has {limits.MAX_ATTRIBUTES} attributes at most."
        )
    return {
        _text("attributes", name, limits.MAX_ATTRIBUTE_NAME, None, ""): _text(
            "attributes", value, limits.MAX_ATTRIBUTE, None, ""
        )
        for name, value in sorted(attributes.items())
    }


def checked_identity(kind: str, value: str, region: str) -> Identity:
    """The identity in its stored form. Raises ``InvalidCustomer``."""
    if kind not in KINDS:
        raise InvalidCustomer("identities", f"Use one of {', '.join(KINDS)} as the kind.")
    normal = normalise(kind, value, region)
    if normal is None:
        shown = words.line(value[:40])
        label = {"phone": "phone number", "email": "mail address", "chat": "chat handle"}[kind]
        raise InvalidCustomer(kind, f"{shown!r} is not a {label}: {_EXAMPLES[kind]}.")
    return Identity(kind=kind, value=normal)


def checked_note(text: str) -> str:
    """Raises ``InvalidCustomer`` for an empty or too long note."""
    cleaned = words.paragraph(text[: 4 * limits.MAX_NOTE])
    if not cleaned:
        raise InvalidCustomer("notes", "Write something in the note.")
    if len(text) > 4 * limits.MAX_NOTE or len(cleaned) > limits.MAX_NOTE:
        raise InvalidCustomer("notes", f"A note has {limits.MAX_NOTE} characters at most.")
    return cleaned
