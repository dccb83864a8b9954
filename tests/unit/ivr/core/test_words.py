"""``ivr.core.words``: words are found whole, in any capitals, accents and scripts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.words import MAX_SEARCHED, Words, has_words

texts = st.text(max_size=60)
plain = st.lists(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), min_size=1, max_size=6)
scripts = st.text(st.sampled_from("退款订单をはがガ환불のำก"), min_size=1, max_size=8)


@given(texts, texts)
def test_whatever_is_looked_for_in_whatever_text_it_is_there_or_not(text, phrase):
    assert Words(text).has(phrase) in (True, False)


@given(texts, texts, texts)
def test_what_was_written_is_found_between_spaces(before, phrase, after):
    phrase = phrase.strip()
    assert Words(f"{before} {phrase} {after}").has(phrase) == has_words(phrase)


@given(plain, plain)
def test_plain_words_are_found_as_a_row_of_whole_words(text, phrase):
    rows = [text[n : n + len(phrase)] for n in range(len(text))]
    assert Words(", ".join(text)).has(" ".join(phrase)) == (phrase in rows)


@given(scripts, scripts, scripts)
def test_where_no_spaces_are_set_a_phrase_is_found_inside(before, phrase, after):
    assert Words(before + phrase + after).has(phrase)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=10))
def test_capitals_and_the_way_accents_are_written_make_no_difference(word):
    for form in ("NFC", "NFD"):
        assert Words(unicodedata.normalize(form, word)).has(word)
    assert Words(word.casefold()).has(word)


@given(texts, texts)
def test_no_phrase_reaches_from_one_text_into_the_next(one, other):
    if has_words(one) and has_words(other):
        both = Words(one, other)
        assert both.has(one)
        assert both.has(other)
    assert not Words("money", "back").has("money back")


@pytest.mark.parametrize(
    ("text", "phrase", "there"),
    [
        ("I want a REFUND!", "refund", True),
        ("I was refunded", "refund", False),
        ("my money, back please", "money back", True),
        ("money is back", "money back", False),
        ("Réclamation", "reclamation", True),
        ("reclamation", "Réclamation", True),
        ("STRASSE", "straße", True),
        ("Ｒｅｆｕｎｄ", "refund", True),
        ("İade", "iade", True),
        ("don't", "don't", True),
        ("e-mail", "e mail", True),
        ("email", "e-mail", False),
        ("我想退款。", "退款", True),
        ("我想退款。", "款退", False),
        ("iPhone手机坏了", "iphone", True),
        ("iPhone手机坏了", "手机", True),
        ("がある", "か", False),
        ("환불을 원합니다", "환불", True),
        ("ขอคืนเงินครับ", "คืนเงิน", True),
        ("order 12", "order 1", False),
        ("a", "", False),
        ("!!!", "!!!", False),
        ("", "refund", False),
        ("price: 5 | 6", "5 6", True),
    ],
)
def test_words_are_found_as_people_would(text, phrase, there):
    assert Words(text).has(phrase) is there


def test_a_long_text_is_searched_as_far_as_it_may_be():
    assert Words("x " * (MAX_SEARCHED // 2 - 4) + "refund").has("refund")
    assert not Words("x " * MAX_SEARCHED + "refund").has("refund")
    assert not Words("x" * MAX_SEARCHED, "refund").has("refund")


def test_any_of_several_is_enough():
    assert Words("my invoice").has_any(["refund", "invoice"])
    assert not Words("my invoice").has_any([])
