"""``router.edge.messages``: what goes out is a CloudEvent, and as the AsyncAPI document says."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core import events as e
from router.core.durations import SECOND
from router.edge.messages import LARGEST, answer, messages_of, retained, status, written
from router.edge.naming import Topics
from router.edge.payloads import CommandAccepted, CommandRejected, Presence, QueueFigures
from router.edge.settings import Privacy
from server import asyncapi
from tests.unit.router.edge.filled import filled

TOPICS = Topics("main")
AT = 1_700_000_000_123_456
DOCUMENT = asyncapi.document()
NOBODY = Privacy()
ALL = Privacy(personal_data=True, attributes=frozenset({"key-attributes"}))


def entry(*events, position=7, at=AT):
    return e.Entry(position=position, at=at, cause="c", by="ann", events=events)


def as_described(payload: bytes) -> dict[str, Any]:
    """The message, which is one that the document describes."""
    found = json.loads(payload)
    known = DOCUMENT["components"]["messages"]
    matching = [one for one in known.values() if one["name"] == found["type"]]
    assert len(matching) == 1
    schema = {"$ref": matching[0]["payload"]["$ref"], "components": DOCUMENT["components"]}
    jsonschema.validate(found, schema)
    return found


@pytest.mark.parametrize("privacy", [NOBODY, ALL], ids=["default", "everything"])
@pytest.mark.parametrize("kind", get_args(e.Event), ids=lambda kind: kind.__name__)
def test_every_event_is_told_as_the_document_says(kind, privacy):
    messages = messages_of(entry(filled(kind)), TOPICS, privacy)
    assert len(messages) == (kind is not e.Monitored)
    for message in messages:
        found = as_described(message.payload)
        assert (found["specversion"], found["source"]) == ("1.0", "/patchbay/main")
        assert found["time"] == "2023-11-14T22:13:20.123456Z"
        assert found["data"]["position"] == 7
        assert not message.retain


def test_the_same_thing_has_the_same_id_whenever_it_is_told():
    events = (filled(e.AgentReady), filled(e.Monitored), filled(e.Offered))
    once, again = (messages_of(entry(*events), TOPICS, NOBODY) for _ in range(2))
    assert once == again
    assert [json.loads(one.payload)["id"] for one in once] == ["main/7/1", "main/7/3"]


def test_who_asked_and_by_which_command_stays_here():
    asked = e.Entry(
        position=7, at=AT, cause="secret-cause", by="secret-by", events=(filled(e.AgentReady),)
    )
    assert b"secret" not in messages_of(asked, TOPICS, ALL)[0].payload


def test_what_is_too_large_is_told_in_short_with_its_number():
    attributes = {"key-attributes": "x" * LARGEST}
    event = msgspec.structs.replace(filled(e.AttributesEdited), attributes=attributes)
    (message,) = messages_of(entry(event), TOPICS, ALL)
    assert len(message.payload) <= LARGEST
    data = as_described(message.payload)["data"]
    assert data == {"position": 7, "cut": True, "contact": "said-contact", "sequence": 7}


@pytest.mark.parametrize("kind", [Presence, QueueFigures])
def test_what_is_retained_carries_its_position(kind):
    message = retained("topic", filled(kind), AT, TOPICS)
    assert message.retain
    assert as_described(message.payload)["data"]["position"] == 7


@pytest.mark.parametrize("state", ["online", "offline"])
def test_a_status_says_of_which_connection_it_is(state):
    message = status(state, "one", AT, TOPICS)
    assert (message.topic, message.retain) == ("patchbay/main/edge/one/status", True)
    found = as_described(message.payload)["data"]
    assert found == {"node": "one", "status": state, "session": AT}


@pytest.mark.parametrize("kind", [CommandAccepted, CommandRejected])
def test_answers_are_not_retained(kind):
    message = answer(filled(kind), "topic", AT, TOPICS)
    assert not message.retain
    assert as_described(message.payload)["subject"] == "said-command"


@given(st.integers(-(10**18), 10**18))
def test_any_time_can_be_written(at):
    moment = datetime.fromisoformat(written(at))
    if 0 <= at <= 10**17:
        assert round(moment.timestamp() * SECOND) == pytest.approx(at, abs=64)
