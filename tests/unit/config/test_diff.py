from pathlib import Path
from typing import get_args

import msgspec
import pytest

from config.catalog import changes, check_text, diff
from router.core.catalog import Catalog
from router.core.durations import DAY

DEMO = Path("config/demo.yaml").read_text(encoding="utf-8")
AT = 20_700 * DAY


def catalog(text: str = DEMO, at: int = AT) -> Catalog:
    report = check_text(text, at=at)
    assert report.catalog is not None, report.problems
    return report.catalog


def after(*replacements: tuple[str, str]) -> Catalog:
    text = DEMO
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return catalog(text)


def test_a_catalog_does_not_differ_from_itself() -> None:
    assert diff(catalog(), catalog()) == []


def test_renewing_the_hours_is_no_change() -> None:
    assert diff(catalog(), catalog(at=AT + 40 * DAY)) == []


def test_another_spelling_of_the_same_is_no_change() -> None:
    assert (
        diff(
            catalog(),
            after(("wrap_up: 1m", "wrap_up: 60s"), ("{chinese: 2}", "{all: [{chinese: 2}]}")),
        )
        == []
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("    offer_for: 15s", "    offer_for: 12s", "queue Sales: offer_for 15s -> 12s"),
        ("spanish: 5, b", "spanish: 6, b", "agent Ann Lindqvist: skill spanish 5 -> 6"),
        ("spanish: 5, b", "b", "agent Ann Lindqvist: skill spanish 5 -> none"),
        (
            "{spanish: 4, billing: 3}",
            "{spanish: 5, billing: 3}",
            ("queue Billing Spanish: step 1 asks spanish >= 4 and billing >= 3 -> "
            "spanish >= 5 and billing >= 3"),
        ),
        (
            "{when: wait, at: 10m, to: {queue: support_en}}",
            "{when: wait, at: 5m, to: {queue: support_en}}",
            ("queue Business customers: overflow 2 wait 10m to queue Support English -> "
            "wait 5m to queue Support English"),
        ),
        ("mon-thu: 09:00", "mon-thu: 08:00", "hours office: mon-thu 09:00-17:30 -> 08:00-17:30"),
        ("gold: 90s", "gold: 2m", "credits: tier gold 1m30s -> 2m"),
        (
            "chat: 4, email: 4}",
            "chat: 5, email: 4}",
            "profile Sales desk: capacity for chat 4 -> 5",
        ),
        ("{queue: sales, band: 2, delay: 30s}", "{queue: sales, band: 2}",
         "profile Service desk: queue sales band 2, after 30s -> band 2"),
        ("[break, lunch,", "[break,",
         "not-ready reasons: list break, lunch, training, meeting -> break, training, meeting"),
        ("1: {queue: billing_en, label: Billing}", "1: {queue: sales, label: Billing}",
         "entry point Customer line: choice 1 goes to billing_en -> sales"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(old: str, new: str, sentence: str) -> None:
    assert diff(catalog(), after((old, new))) == [sentence]


def test_a_change_of_the_defaults_is_told_for_every_queue_it_reaches() -> None:
    told = diff(catalog(), after(("  offer_for: 20s", "  offer_for: 25s")))
    assert len(told) == len(catalog().queues) - 1
    assert "queue Billing English: offer_for 20s -> 25s" in told


def test_added_and_removed_entities_are_told_once() -> None:
    more = catalog(DEMO.replace("queues:\n  billing_en:", "queues:\n  extra:\n  billing_en:", 1))
    assert diff(catalog(), more) == ["queue Extra: added"]
    assert diff(more, catalog()) == ["queue Extra: removed"]


def test_changes_are_there_for_programs_too() -> None:
    (change,) = changes(catalog(), after(("    offer_for: 15s", "    offer_for: 12s")))
    assert msgspec.to_builtins(change) == {
        "kind": "queue",
        "id": "sales",
        "label": "Sales",
        "what": "changed",
        "field": "offer_for",
        "old": "15s",
        "new": "12s",
    }


def test_every_field_of_the_catalog_is_compared() -> None:
    """A field that is added to the catalog later must not escape the comparison."""
    full = catalog()
    escaped = []
    for section in ("queues", "profiles", "agents", "entry_points"):
        entities = getattr(full, section)
        key = next(iter(entities))
        for field in entities[key].__struct_fields__:
            changed = msgspec.structs.replace(
                entities[key], **{field: _other(entities[key], field)}
            )
            other = msgspec.structs.replace(full, **{section: {**entities, key: changed}})
            if field != "id" and not diff(full, other):
                escaped.append(f"{section}.{field}")
    assert escaped == []


def _other(entity: msgspec.Struct, field: str) -> object:
    """A value that differs from the one ``entity`` has."""
    value = getattr(entity, field)
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case int() | float():
            return value + 1
        case dict():
            return {}  # the demo's are not empty
        case None:
            return msgspec.convert({}, _optional(entity, field))
        case tuple() if value:
            return ()
        case tuple():
            return msgspec.convert(_SAMPLES[field], _annotation(entity, field))
        case _:
            return msgspec.structs.replace(
                value, **{_first_field(value): _other(value, _first_field(value))}
            )


_SAMPLES: dict[str, list[object]] = {
    "steps": [{}],
    "overflow": [{"when": "closed", "to": {"type": "callback"}}],
    "announcements": [{"text": "x"}],
    "attributes": [["a", "b"]],
    "skills": [["a", 1]],
}


def _annotation(entity: msgspec.Struct, field: str) -> object:
    return next(one.type for one in msgspec.structs.fields(entity) if one.name == field)


def _optional(entity: msgspec.Struct, field: str) -> object:
    return next(one for one in get_args(_annotation(entity, field)) if one is not type(None))


def _first_field(value: msgspec.Struct) -> str:
    return value.__struct_fields__[0]
