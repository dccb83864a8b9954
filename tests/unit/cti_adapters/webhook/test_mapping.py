"""``webhook.mapping``: of foreign JSON only what was agreed, bounded and plain, or a refusal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti_adapters.webhook.events import MAX_ATTACHMENTS, MAX_NAME, MAX_TEXT, Kind
from cti_adapters.webhook.mapping import events_in
from cti_adapters.webhook.settings import Rule, Sign
from router.core.durations import SECOND
from router.foreign_json import Unreadable
from tests.webhook.in_memory import RULES

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
PARTS = ("type", "id", "from", "name", "text", "media", "at", "number", "language", "message")
TYPES = st.sampled_from(["message", "stop", "delivered", "read", "undelivered", "other"])


def event(**said):
    (found,) = events_in(RULES, json.dumps({"type": "message", "from": "+44", **said}).encode())
    return found


@given(st.dictionaries(st.sampled_from(PARTS), ANY), TYPES)
def test_whatever_is_sent_is_an_event_within_limits_or_refused(body, kind):
    try:
        found = events_in(RULES, json.dumps(body | {"type": kind}).encode())
    except Unreadable:
        return
    for one in found:
        texts = (one.id, one.conversation, one.address, one.name, one.about)
        assert all(len(text) <= MAX_NAME and (text.isprintable() or not text) for text in texts)
        assert len(one.said) <= MAX_TEXT
        assert all(c == "\n" or c.isprintable() for c in one.text)
        assert one.at >= 0
        assert one.sequence >= 0


@given(st.binary(max_size=300))
def test_bytes_that_are_no_json_are_refused(body):
    try:
        events_in(RULES, body)
    except Unreadable:
        return
    json.loads(body)


@given(st.text(min_size=1, max_size=50))
def test_the_same_bytes_are_the_same_event_where_the_service_gives_no_id(text):
    body = json.dumps({"type": "message", "from": "+44", "text": f"x{text}"}).encode()
    assert events_in(RULES, body) == events_in(RULES, body)
    other = json.dumps({"type": "message", "from": "+44", "text": f"y{text}"}).encode()
    assert events_in(RULES, body)[0].id != events_in(RULES, other)[0].id


@pytest.mark.parametrize(
    "at",
    ["2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00", 1_700_000_000, "1700000000000"],
)
def test_times_are_read_as_services_write_them(at):
    assert event(id="1", text="x", at=at).at == 1_700_000_000 * SECOND


@pytest.mark.parametrize("at", ["", "yesterday", "-5", "99999-01-01", "0001-01-01T00:00:00", None])
def test_a_time_that_says_nothing_is_none(at):
    assert event(id="1", text="x", at=at).at == 0


def test_lines_stay_and_tricks_go():
    found = event(id="1", name="A\nB", text="One\r\nTwo\x00\u202e")
    assert (found.text, found.name) == ("One\nTwo", "A B")


def test_attachments_are_addresses_and_listed_after_the_text():
    media = ["https://a.example/1.png", "javascript:alert(1)", 7, "file:///etc/passwd"] * 20
    found = event(id="1", text="Look", media=media)
    assert len(found.attachments) <= MAX_ATTACHMENTS
    assert set(found.attachments) == {"https://a.example/1.png"}
    assert found.said.startswith("Look\nhttps://a.example/1.png")
    assert event(id="1", media=["https://a.example/1.png"]).said == "https://a.example/1.png"


def test_attachments_may_be_objects_with_an_address():
    nested = tuple(replace(rule, attachment_url=("url",)) for rule in RULES)
    body = {"type": "message", "id": "1", "from": "+44", "media": [{"url": "https://a.example/1"}]}
    (found,) = events_in(nested, json.dumps(body).encode())
    assert found.attachments == ("https://a.example/1",)


MANY = (
    Rule(
        kind=Kind.MESSAGE,
        items=("value", "messages"),
        when=Sign(at=("text",)),
        fields={"id": ("id",), "conversation": ("from",), "text": ("text", "body")},
        whole={"name": ("value", "contact", "name")},
    ),
    Rule(
        kind=Kind.READ,
        items=("value", "statuses"),
        when=Sign(at=("status",), values=("read",)),
        fields={"about": ("id",)},
    ),
)


def test_a_body_may_have_several_events_and_parts_around_them():
    messages = [
        {"id": "1", "from": "+44", "text": {"body": "One"}},
        {"id": "2", "from": "+44", "sticker": {}},
        {"id": "3", "from": "+45", "text": {"body": "Two"}},
    ]
    statuses = [{"id": "r1", "status": "read"}, {"id": "r2", "status": "sent"}]
    value = {"messages": messages, "statuses": statuses, "contact": {"name": "Mei"}}
    found = events_in(MANY, json.dumps({"value": value}).encode())
    said = [(one.kind, one.conversation, one.text, one.name, one.about) for one in found]
    assert said == [
        (Kind.MESSAGE, "+44", "One", "Mei", ""),
        (Kind.MESSAGE, "+45", "Two", "Mei", ""),
        (Kind.READ, "", "", "", "r1"),
    ]


def test_too_many_events_in_one_body_are_refused():
    body = {"value": {"messages": [{}] * 101}}
    with pytest.raises(Unreadable):
        events_in(MANY, json.dumps(body).encode())


def test_what_no_rule_is_for_is_passed_over():
    assert events_in(RULES, b'{"type":"typing"}') == ()
    assert events_in(MANY, b"[1, 2]") == ()
