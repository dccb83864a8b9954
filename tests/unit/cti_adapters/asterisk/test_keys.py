from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.keys import BETWEEN, HEARD, KEYS, MAX_TYPED, SILENCE, Answer, Keys
from router.core.durations import MINUTE, SECOND
from router.ports import FlowPrompt

AT = 1_700_000_000 * SECOND


def prompt(kind, **more):
    fields = {"within": 5 * SECOND, "between": 2 * SECOND} | more
    return FlowPrompt(turn=1, kind=kind, **fields)


def digits(**more):
    return prompt("text", **{"digits": True, "longest": 4, "end_key": "#"} | more)


def keyed(keys, text, at=AT):
    for key in text:
        keys.press(key, at)


PROMPTS = st.builds(
    FlowPrompt,
    turn=st.just(1),
    kind=st.sampled_from(["play", "choice", "text", "wait"]),
    digits=st.booleans(),
    longest=st.integers(-1, 10**9),
    within=st.integers(0, MINUTE),
    between=st.integers(0, MINUTE),
    end_key=st.sampled_from(["", "#", "*"]),
    begun=st.text("0123456789", max_size=8),
    barge_in=st.booleans(),
)
STEPS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(sorted(KEYS)), st.text(max_size=3), st.none()),
        st.integers(0, 10 * SECOND),
    ),
    max_size=300,
)


@given(PROMPTS, STEPS)
def test_whatever_is_keyed_an_answer_is_bounded_and_stays_what_it_is(asked, steps):
    keys, at, came = Keys(asked, AT), AT, None
    for key, pause in steps:
        at += pause
        came = keys.outcome(at)
        keys.end(at) if key is None else keys.press(key, at)
        if isinstance(came, Answer):
            assert len(came.text) <= MAX_TYPED
            assert set(came.text) <= KEYS


@given(PROMPTS, STEPS)
def test_every_question_comes_to_an_outcome_when_nothing_more_is_keyed(asked, steps):
    keys, at = Keys(asked, AT), AT
    for key, pause in steps:
        at += pause
        keys.end(at) if key is None else keys.press(key, at)
    keys.end(at)
    last = max(at, keys.next_moment or 0)
    assert (keys.outcome(last) is None) == (asked.kind == "wait")


@given(PROMPTS, STEPS)
def test_nothing_comes_of_it_before_the_next_moment_unless_something_happens(asked, steps):
    keys, at = Keys(asked, AT), AT
    for key, pause in steps:
        at += pause
        keys.end(at) if key is None else keys.press(key, at)
        moment = keys.next_moment
        if moment is not None:
            assert keys.outcome(moment - 1) is None
            assert keys.outcome(moment) is not None


@pytest.mark.parametrize("key", ["1", "9", "*", "#", "D"])
def test_one_key_is_a_choice_whether_there_is_such_a_button_or_not(key):
    keys = Keys(prompt("choice"), AT)
    assert keys.outcome(AT) is None
    keys.press(key, AT)
    assert keys.outcome(AT) == Answer(key)


def test_digits_end_with_the_end_key_which_is_no_part_of_them():
    keys = Keys(digits(), AT)
    keyed(keys, "12#9")
    assert keys.outcome(AT) == Answer("12")


def test_digits_end_when_there_are_enough():
    keys = Keys(digits(), AT)
    keyed(keys, "12345")
    assert keys.outcome(AT) == Answer("1234")


def test_digits_end_when_none_came_for_a_while():
    keys = Keys(digits(), AT)
    keyed(keys, "12")
    assert keys.outcome(AT + 2 * SECOND - 1) is None
    keys.press("3", AT + 2 * SECOND - 1)
    assert keys.outcome(AT + 2 * SECOND) is None
    assert keys.outcome(AT + 4 * SECOND) == Answer("123")


def test_digits_that_were_keyed_before_it_was_asked_begin_the_answer():
    keys = Keys(digits(begun="1", barge_in=False), AT)
    assert keys.cut, "it need not be said"
    keys.end(AT)
    keys.press("2", AT + SECOND)
    assert keys.outcome(AT + 3 * SECOND - 1) is None
    assert keys.outcome(AT + 3 * SECOND) == Answer("12")
    assert Keys(digits(begun="12345"), AT).outcome(AT) == Answer("1234")


def test_the_end_key_alone_is_an_empty_answer():
    keys = Keys(digits(), AT)
    keys.press("#", AT)
    assert keys.outcome(AT) == Answer("")


def test_silence_counts_from_the_end_of_the_prompt():
    keys = Keys(digits(), AT)
    assert keys.outcome(AT + MINUTE) is None
    keys.end(AT + MINUTE)
    keys.end(AT + 2 * MINUTE)
    assert keys.outcome(AT + MINUTE + 5 * SECOND - 1) is None
    assert keys.outcome(AT + MINUTE + 5 * SECOND) == SILENCE


def test_keys_during_a_prompt_without_barge_in_do_not_count():
    keys = Keys(digits(barge_in=False), AT)
    keyed(keys, "99")
    assert not keys.cut
    keys.end(AT)
    keyed(keys, "12#")
    assert keys.outcome(AT) == Answer("12")


def test_keys_during_a_prompt_with_barge_in_count_and_cut_it():
    keys = Keys(digits(), AT)
    assert keys.stoppable
    keys.press("1", AT)
    assert keys.cut
    keys.end(AT)
    keyed(keys, "23#")
    assert keys.outcome(AT) == Answer("123")


@pytest.mark.parametrize("barge_in", [True, False])
def test_what_only_is_said_is_heard_or_cut_by_a_key(barge_in):
    keys = Keys(prompt("play", barge_in=barge_in), AT)
    keys.press("5", AT)
    keys.end(AT)
    assert keys.outcome(AT) == (Answer("5") if barge_in else HEARD)


def test_a_key_after_what_only_is_said_changes_nothing():
    keys = Keys(prompt("play"), AT)
    keys.end(AT)
    keys.press("5", AT)
    assert keys.outcome(AT) == HEARD


def test_nothing_is_keyed_while_a_flow_waits_for_something_else():
    keys = Keys(prompt("wait"), AT)
    keyed(keys, "123#")
    keys.end(AT)
    assert keys.outcome(AT + MINUTE) is None
    assert not keys.stoppable


def test_a_text_cannot_be_keyed_so_digits_are_taken():
    keys = Keys(prompt("text", longest=500, between=0), AT)
    keyed(keys, "42")
    assert keys.outcome(AT + BETWEEN) == Answer("42")
    keyed(keys, "#")
    assert keys.outcome(AT) == Answer("42")


@pytest.mark.parametrize("key", ["", "12", "x", "１", "\n", "d"])
def test_what_is_no_key_of_a_telephone_is_nothing(key):
    keys = Keys(prompt("choice"), AT)
    keys.press(key, AT)
    assert keys.outcome(AT) is None


def test_what_was_keyed_is_not_shown():
    keys = Keys(digits(secret=True), AT)
    keyed(keys, "7913")
    came = keys.outcome(AT)
    assert isinstance(came, Answer)
    shown = f"{keys!r} {keys} {came!r} {came} {came.__rich_repr__()}"
    assert "7913" not in shown
