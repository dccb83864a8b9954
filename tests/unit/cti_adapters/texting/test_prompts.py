"""``texting.prompts``: what an answer means, and what of it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti_adapters.texting import prompts
from cti_adapters.webchat.connection import _ID
from router.core.checks import MAX_TEXT as MAX_LINE
from router.core.durations import DAY, MINUTE, SECOND
from router.ports import FlowPrompt, PromptButton, PromptLine

MENU = FlowPrompt(
    turn=3,
    kind="choice",
    buttons=(
        PromptButton(key="1", text="Billing"),
        PromptButton(key="2", text="Straße  und Haus"),
        PromptButton(key="yes", text=""),
    ),
)
TEXT = FlowPrompt(turn=3, kind="text", longest=40)


@given(st.text(max_size=50))
def test_a_secret_shows_nothing_of_itself(text):
    for kind in ("text", "choice"):
        assert prompts.words(replace(MENU, kind=kind, secret=True), text) == prompts.MASKED


@given(st.text(max_size=50))
def test_what_is_shown_means_what_was_answered(text):
    shown = prompts.words(MENU, text)
    assert prompts.meaning(MENU, shown) == prompts.meaning(MENU, text)


@given(st.text(max_size=50))
def test_a_typed_text_is_told_and_shown_as_it_is(text):
    assert prompts.meaning(TEXT, text) == prompts.words(TEXT, text) == text


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("1", "1"),
        ("bIlLiNg", "1"),
        (" Billing ", "1"),
        ("strasse und haus", "2"),
        ("STRASSE UND\nHAUS", "2"),
        ("YES", "yes"),
    ],
)
def test_a_key_and_its_words_are_the_key(typed, key):
    assert prompts.meaning(MENU, typed) == key


@pytest.mark.parametrize("typed", ["3", "Bill", "1 or 2", "<b>1</b>", "", "１"])
def test_anything_else_stays_what_it_is(typed):
    assert prompts.meaning(MENU, typed) == typed


def test_the_key_that_ends_digits_on_a_telephone_is_no_part_of_them():
    digits = replace(TEXT, digits=True, end_key="#")
    assert prompts.meaning(digits, "4711 #") == "4711"
    assert prompts.meaning(digits, "47#11") == "47#11"
    assert prompts.meaning(replace(TEXT, end_key="#"), "C#") == "C#"


def test_hostile_words_become_plain_and_bounded_lines():
    say = (
        PromptLine(text="a\x00b\u202ec"),
        PromptLine(text=" \x07 "),
        PromptLine(text="<script>" * 10_000),
        PromptLine(audio="only.wav"),
    )
    texts = prompts.said(say)
    assert texts[0] == "abc"
    assert len(texts) == 2
    assert len(texts[1]) == MAX_LINE


@given(st.integers(min_value=0), st.integers(0, 2_000))
def test_no_visitor_can_take_the_id_of_a_line_of_the_flow(turn, number):
    ids = (prompts.line_id(turn, number), prompts.last_line_id(turn, number))
    for one in (*ids, prompts.answer_id(turn)):
        assert not _ID.fullmatch(one)
    assert len({*ids, prompts.answer_id(turn)}) == 3


@given(st.integers(0, 10 * DAY))
def test_patience_is_never_short_and_has_an_end(within):
    patience = prompts.patience(replace(MENU, within=within))
    assert prompts.LEAST_PATIENCE <= patience <= prompts.MOST_PATIENCE
    if 5 * MINUTE <= within <= prompts.MOST_PATIENCE:
        assert patience == within


def test_patience_is_more_than_a_telephones():
    assert prompts.patience(replace(MENU, within=5 * SECOND)) == 5 * MINUTE


def test_what_is_only_said_asks_nothing():
    assert not prompts.asks(replace(MENU, kind="play"))
    assert not prompts.asks(replace(MENU, kind="wait"))
    assert not prompts.asks(None)
    assert prompts.asks(MENU)
    assert prompts.asks(TEXT)
