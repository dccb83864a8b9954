"""``asterisk.wording``: place and wait as people say them, in every language there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.wording import (
    WORDS,
    callback_words,
    language_of,
    position_words,
    wait_words,
)
from router.core.durations import MINUTE, SECOND


@pytest.mark.parametrize(
    ("language", "position", "text"),
    [
        ("en", 1, "You are next."),
        ("en", 3, "You are number 3."),
        ("zh", 1, "下一位就是您。"),
        ("zh", 2, "您排在第二位。"),
        ("zh", 10, "您排在第十位。"),
        ("zh", 12, "您排在第十二位。"),
        ("zh", 20, "您排在第二十位。"),
        ("zh", 99, "您排在第九十九位。"),
        ("zh", 140, "您排在第140位。"),
    ],
)
def test_a_place_in_words(language, position, text):
    assert position_words(language, position).text == text


@pytest.mark.parametrize(
    ("low", "high", "english", "chinese"),
    [
        (0, 30, "The wait is less than a minute.", "等候时间不到一分钟。"),
        (30, 60, "The wait is about a minute.", "大约还需等候一分钟。"),
        (60, 120, "The wait is about 1 to 2 minutes.", "大约还需等候一到两分钟。"),
        (240, 240, "The wait is about 4 minutes.", "大约还需等候四分钟。"),
        (125, 170, "The wait is about 2 to 3 minutes.", "大约还需等候两到三分钟。"),
        (660, 700, "The wait is about 10 to 15 minutes.", "大约还需等候十到十五分钟。"),
        (1200, 4000, "The wait is more than 20 minutes.", "等候时间超过二十分钟。"),
        (3600, 9000, "The wait is more than an hour.", "等候时间超过一小时。"),
    ],
)
def test_a_wait_in_words(low, high, english, chinese):
    assert wait_words("en", low * SECOND, high * SECOND).text == english
    assert wait_words("zh", low * SECOND, high * SECOND).text == chinese


def test_the_offer_to_be_called_back():
    assert callback_words("en", "1").text.endswith("press 1.")
    assert callback_words("en", "*").text.endswith("press star.")
    assert callback_words("zh", "1").text.endswith("请按一。")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("key", "0123456789*#")
def test_every_key_has_a_name_in_every_language(language, key):
    spoken = callback_words(language, key)
    assert spoken.language == language
    assert "{" not in spoken.text


@pytest.mark.parametrize("language", WORDS)
@given(st.integers(0, 10_000 * SECOND), st.integers(0, 10_000 * SECOND))
def test_every_wait_can_be_said_and_few_texts_are_enough(language, one, other):
    spoken = wait_words(language, min(one, other), max(one, other))
    assert spoken.text
    assert "{" not in spoken.text


def test_what_is_said_of_waits_fits_into_what_is_kept():
    waits = range(0, 120 * MINUTE, 10 * SECOND)
    texts = {
        wait_words("en", low, high).text for low in waits[::6] for high in waits if low <= high
    }
    assert len(texts) < 250


@pytest.mark.parametrize(
    ("asked", "otherwise", "language"),
    [
        ("en", "zh", "en"),
        ("zh-CN", "en", "zh"),
        ("ZH_tw", "en", "zh"),
        ("es", "zh", "zh"),
        ("es", "fr", "en"),
        ("", "zh", "zh"),
        ("${x}", "en", "en"),
    ],
)
def test_who_speaks_another_language_hears_the_usual_one(asked, otherwise, language):
    assert language_of(asked, otherwise) == language
