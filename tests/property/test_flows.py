"""Flows, whatever is drawn and whatever callers do: the promises of the interpreter, the document
and the judgement.
"""

from __future__ import annotations

import os

import msgspec
from flow_world import (
    QUEUES,
    World,
    flows,
    histories,
    lived,
    natural,
    start,
    walk,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ivr.core.difference import difference, in_words
from ivr.core.document import decode, encode
from ivr.core.interpreter import advance, resume
from ivr.core.nodes import Flow
from ivr.core.scope import Known
from ivr.core.session import HungUp, Left, Passed, Session, Turn
from ivr.core.validation import may_publish, validate
from ivr.core.walk import DEPTH, STEPS
from ivr.flow_files import read_flow, write_flow

EXAMPLES = int(os.environ.get("PATCHBAY_FLOWS", "25"))
some = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
KNOWN = Known(queues=QUEUES, hours=("office",), skills=("english", "chinese"), connectors=("crm",))
any_flows = st.one_of(
    flows(calls=("part", "main")), flows(sound=True, calls=("part",)), flows(calls=("main",))
)
parts = st.one_of(flows("part", part=True, calls=("part", "main")), flows("part", part=True))


def path_of(turns: list[Turn]) -> list[Passed]:
    return [one for turn in turns for one in turn.path]


@some
@given(any_flows, parts, histories)
def test_every_input_ends_in_a_question_or_an_end(flow: Flow, part: Flow, history) -> None:
    session: Session | None = None
    for turn in walk(World(flow, part), history):
        if turn.session == session:
            assert turn.does == turn.path == ()
        elif turn.session.outcome is None:
            assert len(turn.does) == 1
        else:
            assert turn.does == ()
        assert len(turn.path) <= STEPS + DEPTH + 2
        session = turn.session


@some
@given(any_flows, parts)
def test_a_silent_caller_comes_to_an_end(flow: Flow, part: Flow) -> None:
    world = World(flow, part)
    turn = start(world)
    for _ in range(5 * STEPS):
        event = natural(turn)
        if event is None:
            break
        turn = advance(turn.session, event, world, 0)
    assert turn.session.outcome is not None


@some
@given(any_flows, parts, histories)
def test_replaying_the_inputs_gives_the_same_path_and_session(flow, part, history) -> None:
    world = World(flow, part)
    assert walk(world, history) == walk(world, history)


@some
@given(
    any_flows,
    parts,
    histories,
    st.integers(0, 40),
    st.sampled_from([msgspec.json, msgspec.msgpack]),
)
def test_writing_a_session_down_in_the_middle_changes_nothing(
    flow, part, history, middle, form
) -> None:
    world = World(flow, part)
    told = lived(world, history)
    middle = min(middle, len(history))
    session = form.decode(form.encode(told[middle][2].session), type=Session)
    assert session == told[middle][2].session
    for event, at, wanted in told[middle + 1 :]:
        turn = advance(session, event, world, at)
        assert turn == wanted
        session = turn.session


@some
@given(any_flows, parts, histories)
def test_after_a_restart_the_same_is_asked_again(flow, part, history) -> None:
    world = World(flow, part)
    for turn in walk(world, history):
        again = resume(turn.session, world, 0)
        assert again.session == turn.session
        assert [type(one) for one in again.does] == [
            type(one) for one in turn.does
        ] or not turn.does
        assert bool(again.does) == (turn.session.outcome is None)


@some
@given(any_flows, parts, histories)
def test_who_hangs_up_anywhere_is_gone(flow, part, history) -> None:
    world = World(flow, part)
    for turn in walk(world, history):
        gone = advance(turn.session, HungUp(), world, 0).session
        assert gone.outcome is not None
        assert isinstance(gone.outcome, Left) == (turn.session.outcome is None)
        assert advance(gone, HungUp(), world, 0) == Turn(session=gone)


SECRET = "79927398713"


@some
@given(any_flows, parts, histories)
def test_a_secret_is_in_no_session_and_no_path(flow, part, history) -> None:
    """Every answer is the same digits; as soon as they were a secret, they are nowhere but where
    they were also given openly.
    """
    world = World(flow, part)
    openly = False
    for event, _, turn in lived(world, history):
        before = turn.session
        secret = any(value == SECRET for value in turn.secrets.values())
        openly = openly or (getattr(event, "text", "") == SECRET and not secret)
        if secret and not openly:
            written = msgspec.json.encode((before, turn.path, turn.does)).decode()
            assert SECRET not in written


@some
@given(flows(sound=True, calls=("part",)), flows("part", sound=True, part=True), histories)
def test_in_a_flow_without_errors_no_way_is_missing(flow, part, history) -> None:
    world = World(flow, part)
    assume(may_publish(validate(flow, KNOWN, world)) and may_publish(validate(part, KNOWN, world)))
    for turn in walk(world, history):
        outcome = turn.session.outcome
        assert outcome is None or not outcome.because.startswith(("missing", "returned"))


@some
@given(any_flows, parts)
def test_judging_never_fails_and_names_what_to_do(flow, part) -> None:
    for problem in validate(flow, KNOWN, World(flow, part)):
        assert problem.what
        assert problem.fix
        assert not problem.node or problem.node in flow.nodes


@some
@given(st.one_of(flows(), flows(sound=True, calls=("part",))))
def test_a_document_is_read_as_the_flow_it_was_written_from(flow: Flow) -> None:
    written = encode(flow)
    reading = decode(written)
    assert reading.problems == ()
    assert reading.flow == flow
    assert encode(reading.flow) == written
    as_json = msgspec.json.decode(msgspec.json.encode(written))
    assert decode(as_json).flow == flow


@some
@given(flows(most=5))
def test_a_yaml_file_is_read_as_the_flow_it_was_written_from(flow: Flow) -> None:
    text = write_flow(flow)
    file = read_flow(text)
    assert file.problems == ()
    assert file.flow == flow
    assert write_flow(file.flow) == text


@some
@given(flows(), flows())
def test_flows_differ_when_and_only_when_they_are_not_the_same(one: Flow, other: Flow) -> None:
    assert difference(one, one) == ()
    assert bool(difference(one, other)) == (one != other)
    assert len(in_words(one, other)) <= len(difference(one, other))


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


@some
@given(json_values)
def test_no_document_makes_the_reader_fail(document) -> None:
    reading = decode(document)
    assert (reading.flow is None) == bool(reading.problems)


@some
@given(flows(), st.data())
def test_no_damage_to_a_document_makes_the_reader_fail(flow: Flow, data) -> None:
    document = encode(flow)
    for _ in range(data.draw(st.integers(1, 4))):
        _damage(document, data)
    reading = decode(document)
    assert (reading.flow is None) == any(one.severity == "error" for one in reading.problems)


def _damage(value, data) -> None:
    """Put something else somewhere inside ``value``."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or data.draw(st.integers(0, 4)) == 0:
            value[key] = data.draw(json_values)
            return
        value = value[key]
