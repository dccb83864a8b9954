"""``router.branch.messages``: what is written is read again, and nothing else is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.branch.messages import (
    LARGEST_UP,
    Answer,
    Arrived,
    Bye,
    Commanded,
    Have,
    Hello,
    Item,
    Phones,
    Piece,
    Replied,
    branch_of,
    down_topic,
    id_of,
    read_down,
    read_number,
    read_request,
    read_up,
    subject_of,
    up_topic,
    write,
)
from router.core import commands as c

REQUESTS = (
    Arrived(contact="lee:1.2", channel="voice", address="+44", attributes={"name": "Ann"}),
    Commanded(command=c.Abandon(id="lee:1.2/left/3", contact="lee:1.2")),
    Commanded(command=c.Accept(id="lee:1.2.1/answered", offer="lee:1.2.1")),
    Commanded(command=c.SetNotReady(id="lee:1.2/left/ann/4/missed", agent="ann", reason="missed")),
    Replied(contact="lee:1.2", turn=2, outcome="answered", text="1"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "message",
    [
        Hello(session=7, position=3, at=9, floor=1),
        Have(session=7, position=3, floor=1),
        *(Item(session=7, number=4, request=one) for one in REQUESTS),
        Phones(session=7, known=True, out={"ann": "phone not registered"}),
        Bye(session=7),
    ],
)
def test_what_a_branch_says_is_read_as_it_was_written(message):
    assert read_up(write(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        Piece(session=1, position=2, number=0, of=1, body=b"\x00\xff"),
        Answer(session=1, number=2, code="invalid", reason="No."),
    ],
)
def test_what_the_centre_says_is_read_as_it_was_written(message):
    assert read_down(write(message)) == message


@pytest.mark.parametrize("request_", REQUESTS)
def test_requests_about_one_contact_are_one_line(request_):
    assert subject_of(request_) == "lee:1.2"
    assert read_request(write(request_)) == request_


@pytest.mark.parametrize("request_", REQUESTS)
def test_the_same_request_has_the_same_id(request_):
    assert id_of(request_) == id_of(read_request(write(request_)))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_nothing(payload):
    assert read_up(payload) is None
    assert read_down(payload) is None
    assert read_number(payload) is None


@given(JSON, st.sampled_from(["hello", "have", "item", "phones", "bye", "arrived", "x"]))
def test_any_json_is_read_or_is_nothing(value, kind):
    whole = value | {"type": kind} if isinstance(value, dict) else value
    payload = json.dumps(whole).encode("utf-8", "surrogatepass")
    found = read_up(payload)
    assert found is None or read_up(write(found)) == found


@pytest.mark.parametrize(
    "change",
    [
        {"session": -1},
        {"session": 2**60},
        {"session": "7"},
        {"request": {"type": "commanded", "command": {"type": "publish_catalog", "id": "lee:1/x"}}},
        {"request": {"type": "commanded", "command": {"type": "force_state", "id": "lee:1/x"}}},
        {"request": {"type": "arrived", "contact": "", "channel": "voice"}},
        {"request": {"type": "arrived", "contact": "lee:1", "channel": "chat"}},
        {"request": {"type": "arrived", "contact": "x" * 129, "channel": "voice"}},
        {"request": {"type": "replied", "contact": "lee:1", "turn": 1, "outcome": "hacked"}},
    ],
)
def test_what_a_branch_never_says_is_not_read(change):
    whole = json.loads(write(Item(session=1, number=1, request=REQUESTS[0]))) | change
    assert read_up(json.dumps(whole).encode()) is None


def test_a_request_that_cannot_be_read_can_still_be_answered():
    whole = json.loads(write(Item(session=5, number=9, request=REQUESTS[0])))
    numbered = read_number(json.dumps(whole | {"request": {"type": "of tomorrow"}}).encode())
    assert numbered is not None
    assert (numbered.session, numbered.number) == (5, 9)


def test_what_is_too_large_or_too_deep_is_not_read():
    assert read_up(b" " * LARGEST_UP + write(Bye(session=1))) is None
    assert read_up(b"[" * 50_000) is None
    assert read_up(b'{"type":' * 5_000) is None


def test_a_topic_names_its_branch_and_nobody_elses():
    assert branch_of(up_topic("main", "leeds"), "main") == "leeds"
    for topic in (
        up_topic("other", "leeds"),
        down_topic("main", "leeds"),
        up_topic("main", "Leeds"),
        up_topic("main", "a/b"),
        up_topic("main", ""),
        "patchbay/main/branches/up",
    ):
        assert branch_of(topic, "main") == ""
