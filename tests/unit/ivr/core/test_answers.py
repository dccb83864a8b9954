"""``ivr.core.answers``: which answers fit which question."""

import pytest

from ivr.core.answers import chosen, collected, is_date, luhn
from ivr.core.nodes import MAX_ANSWER, Collect, Menu, OfferCallback

MENU = Menu(choices={"1": {"en": "Sales & more", "zh": "销售"}, "*": {"en": "Repeat"}, "2": {}})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1", "1"),
        ("*", "*"),
        ("  2 ", "2"),
        ("sales & MORE", "1"),
        ("销售", "1"),
        ("sales", None),
        ("", None),
        ("11", None),
        ("3", None),
        ("１", None),
        ("<b>1</b>", None),
        ("1" * 10_000, None),
    ],
)
def test_a_choice_is_a_key_or_the_whole_words(text, key):
    assert chosen(MENU, text) == key


def test_an_offer_is_a_choice_of_two():
    offer = OfferCallback(queue="q", accept="5", accept_words={"en": "Yes"})
    assert [chosen(offer, text) for text in ("5", "yes", "2", "1")] == ["5", "5", "2", None]


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        (Collect(), "12 34-56", "123456"),
        (Collect(), "12a", None),
        (Collect(), "", None),
        (Collect(), "+49", None),
        (Collect(), "１２３", None),
        (Collect(min_length=4, max_length=4), "1234", "1234"),
        (Collect(min_length=4, max_length=4), "123", None),
        (Collect(min_length=4, max_length=4), "12345", None),
        (Collect(check="luhn"), "79927398713", "79927398713"),
        (Collect(check="luhn"), "79927398714", None),
        (Collect(check="date"), "20260229", None),
        (Collect(check="date"), "2028-02-29", "20280229"),
        (Collect(check="range", least=1, most=12), "12", "12"),
        (Collect(check="range", least=1, most=12), "1", "1"),
        (Collect(check="range", least=1, most=12), "0", None),
        (Collect(check="range", least=1, most=12), "13", None),
        (Collect(check="range", least=-5, most=-1, input="text"), "-3", "-3"),
        (Collect(check="phone"), "+44 (20) 7946-0000", "+442079460000"),
        (Collect(check="phone", input="text"), "020 7946 0000", "02079460000"),
        (Collect(check="phone"), "911", None),
        (Collect(check="phone", input="text"), "call me", None),
        (Collect(check="email", input="text", max_length=60), "ann@example.com", "ann@example.com"),
        (Collect(check="email", input="text", max_length=60), "ann@example", None),
        (Collect(check="email", input="text", max_length=60), "a..b@example.com", None),
        (Collect(check="email", input="text", max_length=60), "a b@example.com", None),
        (Collect(input="text", max_length=60), " two\nlines\x00 ", "two lines"),
        (Collect(input="text", max_length=60), "<script>", "<script>"),
        (Collect(input="text", max_length=MAX_ANSWER), "x" * (MAX_ANSWER + 1), None),
    ],
)
def test_what_is_collected_is_what_fits(question, text, value):
    assert collected(question, text) == value


@pytest.mark.parametrize("digits", ["0", "", "18", "79927398713", "4539578763621486"])
def test_one_changed_digit_breaks_the_check_digit(digits):
    if not luhn(digits):
        assert len(digits) < 2
        return
    for place, digit in enumerate(digits):
        changed = digits[:place] + str((int(digit) + 1) % 10) + digits[place + 1 :]
        assert not luhn(changed)


@pytest.mark.parametrize(
    "text", ["20261301", "2026010", "00000101", "abcdefgh", "２０２６０１０１"]
)
def test_what_is_no_day_is_no_date(text):
    assert not is_date(text)
