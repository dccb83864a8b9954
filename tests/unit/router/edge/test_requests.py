"""``router.edge.requests``: a command is one that was allowed, whole and plain, or none."""

from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core import commands as c
from router.core.checks import MAX_ID as CORE_MAX_ID
from router.edge.requests import KINDS, MAX_ID, Refused, Request, read_request
from router.edge.settings import EdgeClient
from tests.unit.router.edge.filled import filled

LEEDS = EdgeClient(name="leeds", commands=frozenset(KINDS))
READY = {"specversion": "1.0", "id": "7", "source": "/leeds", "type": "set_ready"}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(WORDS, inside, max_size=4),
    max_leaves=15,
)


def asked(client=LEEDS, data=None, **envelope):
    whole = READY | {"data": {"agent": "ann"} if data is None else data} | envelope
    return read_request(json.dumps(whole).encode(), client, "leeds")


def test_a_command_is_read():
    wanted = c.SetReady(id="mqtt/leeds/7", by="mqtt:leeds", agent="ann")
    assert asked() == Request(id="7", command=wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_can_be_given(kind):
    whole = filled(KINDS[kind])
    data = json.loads(msgspec.json.encode(whole))
    for ours in ("id", "by", "type"):
        del data[ours]
    found = asked(type=kind, data=data)
    assert isinstance(found, Request), found
    assert msgspec.structs.replace(found.command, id=whole.id, by=whole.by) == whole


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_is_not_allowed_is_refused_whatever_stands_in_it(kind):
    others = EdgeClient(name="leeds", commands=frozenset(KINDS) - {kind})
    found = asked(others, type=kind, data={"nonsense": []})
    assert isinstance(found, Refused)
    assert (found.id, found.code) == ("7", "unauthorised")


def test_what_flows_and_admins_do_is_allowed_to_nobody():
    missing = {kind.__struct_config__.tag for kind in get_args(c.Command)} - KINDS.keys()
    assert missing == {
        "tick",
        "enter_flow",
        "advance_flow",
        "monitor",
        "publish_catalog",
        "publish_flow",
        "point_alias",
    }
    for kind in missing:
        assert asked(type=kind).code == "malformed"


def test_a_stranger_is_refused_before_anything_is_read():
    found = read_request(b"\xff" * 10, None, "x" * 32)
    assert (found.id, found.code) == ("", "unauthorised")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": ""}, "id is missing"),
        ({"id": 7}, "id is missing"),
        ({"id": "x" * (MAX_ID + 1)}, "id is missing"),
        ({"id": "a b"}, "id is missing"),
        ({"id": "Ünïcode"}, "id is missing"),
        ({"id": "7\n"}, "id is missing"),
        ({"type": None}, "no command"),
        ({"type": ["set_ready"]}, "no command"),
        ({"type": "SetReady"}, "no command"),
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": 1.0}, "specversion"),
        ({"source": ""}, "source"),
        ({"source": {"a": 1}}, "source"),
        ({"datacontenttype": "text/plain"}, "datacontenttype"),
        ({"data_base64": "e30="}, "no attribute"),
        ({"Extension": "x"}, "no attribute"),
        ({"extension": {"a": 1}}, "no attribute"),
        ({"extension": None}, "no attribute"),
        ({"extension": "x" * 3_000}, "no attribute"),
        ({"data": "agent"}, "no JSON object"),
        ({"data": {}}, "agent"),
        ({"data": {"agent": 7}}, "agent"),
        ({"data": {"agent": None}}, "agent"),
        ({"data": {"agent": "ann", "id": "other"}}, "'id'"),
        ({"data": {"agent": "ann", "by": "admin"}}, "'by'"),
        ({"data": {"agent": "ann", "type": "tick"}}, "'type'"),
        ({"data": {"agent": "ann", "agnet": "ben"}}, "'agnet'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mistake_is_told_and_does_nothing(changed, told):
    found = asked(**changed)
    assert isinstance(found, Refused)
    assert found.code == "malformed"
    assert told in found.reason
    assert found.reason.endswith(".")


def test_a_field_that_nobody_knows_is_found_wherever_it_stands():
    steps = [{"condition": {"type": "skill_at_least", "skill": "x", "levl": 3}}]
    found = asked(type="enqueue", data={"contact": "k", "queue": "q", "steps": steps})
    assert isinstance(found, Refused)
    known = asked(type="enqueue", data={"contact": "k", "queue": "q", "steps": [{"lasts": 5}]})
    assert isinstance(known, Request | Refused)


def test_attributes_that_others_add_do_no_harm():
    assert isinstance(asked(traceparent="00-ab", priority=3, subject="x", time="now"), Request)


def test_no_client_can_use_up_the_id_of_another():
    other = EdgeClient(name="bath", commands=frozenset(KINDS))
    assert asked().command.id != asked(other).command.id
    assert asked().command.id != "7"


def test_the_longest_id_is_one_for_the_core():
    longest = EdgeClient(name="x" * 32, commands=frozenset(KINDS))
    assert len(asked(longest, id="i" * MAX_ID).command.id) <= CORE_MAX_ID


@given(st.binary(max_size=300))
def test_bytes_are_refused_in_words(payload):
    found = read_request(payload, LEEDS, "leeds")
    assert isinstance(found, Refused)


@given(st.dictionaries(st.sampled_from([*READY, "data", "x"]) | WORDS, JSON, max_size=6))
def test_whatever_json_comes_is_a_whole_command_or_none(changed):
    whole = READY | {"data": {"agent": "ann"}} | changed
    found = read_request(json.dumps(whole).encode(), LEEDS, "leeds")
    if isinstance(found, Request):
        journaled = msgspec.msgpack.encode(found.command)
        assert msgspec.msgpack.decode(journaled, type=type(found.command)) == found.command
        assert found.command.id == f"mqtt/leeds/{found.id}"
    else:
        assert found.reason.endswith(".")


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_whatever_stands_in_a_field_can_be_journaled(kind, data):
    whole = json.loads(msgspec.json.encode(filled(KINDS[kind])))
    for ours in ("id", "by", "type"):
        del whole[ours]
    name = data.draw(st.sampled_from(sorted(whole)))
    found = asked(type=kind, data=whole | {name: data.draw(JSON)})
    if isinstance(found, Request):
        msgspec.msgpack.encode(found.command)
