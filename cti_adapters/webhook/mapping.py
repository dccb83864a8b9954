"""From a service's JSON to events: strictly read, bounded, and only what was agreed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from cti_adapters.webhook.events import (
    MAX_ATTACHMENTS,
    MAX_NAME,
    MAX_TEXT,
    MAX_URL,
    Event,
    Kind,
)
from cti_adapters.webhook.settings import Rule, Sign
from cti_adapters.webhook.signing import moment
from router.core.durations import SECOND
from router.foreign_json import NOTHING, Pointer, Unreadable, read_json, text_of, value_at
from router.text import one_line

FIELDS: Final = (
    "id",
    "conversation",
    "address",
    "name",
    "text",
    "attachments",
    "language",
    "about",
    "at",
    "sequence",
)
MAX_EVENTS: Final = 100  # in one body
_WHAT: Final = "the body"
_LATEST: Final = 253_402_300_800 * SECOND  # the year 10000
_MOST_SEQUENCE: Final = 2**53


def events_in(rules: tuple[Rule, ...], body: bytes) -> tuple[Event, ...]:
    """What ``body`` tells, in its order; what no rule is for is passed over. Raises
    ``Unreadable``.
    """
    document = read_json(body, _WHAT)
    found: list[Event] = []
    for place, item in _items(rules, document):
        rule = _rule_for(rules, place, item)
        if rule is not None:
            found.append(_event(rule, document, item, body, len(found)))
    return tuple(found)


def _items(rules: tuple[Rule, ...], document: object) -> Iterator[tuple[Pointer | None, object]]:
    """Every item once, with the place of the list it stands in."""
    for place in dict.fromkeys(rule.items for rule in rules):
        if place is None:
            yield None, document
            continue
        listed = value_at(document, place)
        if not isinstance(listed, list):
            continue
        if len(listed) > MAX_EVENTS:
            raise Unreadable(f"{_WHAT} has more than {MAX_EVENTS} events")
        for item in listed:
            yield place, item


def _rule_for(rules: tuple[Rule, ...], place: Pointer | None, item: object) -> Rule | None:
    for rule in rules:
        if rule.items == place and (rule.when is None or _shows(item, rule.when)):
            return rule
    return None


def _shows(item: object, sign: Sign) -> bool:
    value = value_at(item, sign.at)
    if not sign.values:
        return value is not NOTHING and value not in (None, "", [], {})
    return not isinstance(value, dict | list) and text_of(value, MAX_NAME, _WHAT) in sign.values


class _Fields:
    """The parts of one event, each where the rule says."""

    def __init__(self, rule: Rule, document: object, item: object) -> None:
        self._rule = rule
        self._document = document
        self._item = item

    def value(self, name: str) -> object:
        if name in self._rule.fields:
            return value_at(self._item, self._rule.fields[name])
        if name in self._rule.whole:
            return value_at(self._document, self._rule.whole[name])
        return NOTHING

    def word(self, name: str) -> str:
        """What is cut could become another's: such an id is refused."""
        text = text_of(self.value(name), MAX_NAME + 1, _WHAT)
        if len(text) > MAX_NAME:
            raise Unreadable(f"{_WHAT} has a value of more than {MAX_NAME} characters ({name})")
        return text

    def label(self, name: str, longest: int = MAX_NAME) -> str:
        return text_of(self.value(name), longest, _WHAT)


def _event(rule: Rule, document: object, item: object, body: bytes, number: int) -> Event:
    fields = _Fields(rule, document, item)
    address = fields.word("address")
    about = fields.word("about")
    event = Event(
        kind=rule.kind,
        id=fields.word("id") or _own_id(body, number),
        conversation=fields.word("conversation") or address,
        address=address,
        name=fields.label("name", 80),
        text=text_of(fields.value("text"), MAX_TEXT, _WHAT, several_lines=True),
        attachments=_attachments(rule, fields.value("attachments")),
        language=fields.label("language", 20),
        about=about,
        at=_moment(fields.label("at", 40)),
        sequence=_number(fields.label("sequence", 20)),
    )
    _check(event)
    return event


def _own_id(body: bytes, number: int) -> str:
    """A service that names nothing sends the same bytes when it sends again."""
    return f"{hashlib.sha256(body).hexdigest()}-{number}"


def _check(event: Event) -> None:
    match event.kind:
        case Kind.MESSAGE | Kind.ENDED:
            if not event.conversation:
                raise Unreadable(f"{_WHAT} does not say which conversation it is about")
            if event.kind is Kind.MESSAGE and not event.said:
                raise Unreadable(f"{_WHAT} has a message without a text")
        case Kind.DELIVERED | Kind.READ | Kind.FAILED:
            if not event.about:
                raise Unreadable(f"{_WHAT} does not say which message it is about")


def _attachments(rule: Rule, value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [] if value in (NOTHING, None, "") else [value]
    found = (value_at(one, rule.attachment_url) for one in listed[:MAX_ATTACHMENTS])
    texts = (one_line(one) for one in found if isinstance(one, str) and len(one) <= MAX_URL)
    return tuple(one for one in texts if one.startswith(("https://", "http://")))


def _moment(text: str) -> int:
    """Seconds, milliseconds or ISO 8601 with its zone; 0 when it says nothing that can be used."""
    at = moment(text.partition(".")[0]) if text[:1].isdigit() and "-" not in text else _iso(text)
    return at if at is not None and 0 < at < _LATEST else 0


def _iso(text: str) -> int | None:
    try:
        found = datetime.fromisoformat(text)
        since = found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return int(since.timestamp() * SECOND)
    except (ValueError, OverflowError, OSError):
        return None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return 0
    return min(int(text), _MOST_SEQUENCE)
