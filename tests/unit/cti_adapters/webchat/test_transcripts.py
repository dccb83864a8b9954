"""A chat as plain text: what the visitor saw, and nothing that could be more than text."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.webchat.messages import Line
from cti_adapters.webchat.transcripts import (
    CHINESE,
    ENGLISH,
    MOST,
    day_of,
    quoted,
    transcript,
    words_in,
)
from router.core.durations import HOUR

LONDON = ZoneInfo("Europe/London")
NOON = 1_700_000_000_000_000  # 2023-11-14 22:13:20 UTC


def line(text, author="customer", at=NOON, name=""):
    return Line(id=text[:9], author=author, text=text, at=at, name=name)


def test_each_line_has_its_time_and_who_said_it_as_the_visitor_saw_them():
    said = transcript(
        [
            line("Hello?\nAnybody?"),
            line("Welcome", "system"),
            line("Hi", "agent", NOON + HOUR, "Ann"),
            line("And me", "agent"),
        ],
        ENGLISH,
        LONDON,
    )
    assert said == (
        "[22:13] You: Hello?\n    Anybody?\n[22:13] Welcome\n[23:13] Ann: Hi\n[22:13] Team: And me"
    )


def test_the_day_is_that_of_the_first_line_in_the_zone_of_the_house():
    late = [line("x", at=NOON + 2 * HOUR)]
    assert day_of(late, 0, LONDON) == "2023-11-15"
    assert day_of(late, 0, ZoneInfo("UTC")) == "2023-11-15"
    assert day_of([], NOON, LONDON) == "2023-11-14"


def test_markup_and_links_stay_the_text_they_are():
    hostile = "<script>alert(1)</script> https://evil.example"
    assert hostile in transcript([line(hostile)], ENGLISH, LONDON)


def test_what_is_quoted_cannot_leave_the_quotation():
    assert quoted("a\n-- \nb") == "> a\n> -- \n> b"


@given(st.lists(st.integers(min_value=0, max_value=30_000), max_size=12))
def test_however_long_a_chat_is_the_newest_fits_and_says_what_is_missing(lengths):
    lines = [line(f"{number} " + "x" * length) for number, length in enumerate(lengths)]
    said = transcript(lines, ENGLISH, LONDON)
    assert len(said) <= MOST + 100
    if lines:
        assert f"You: {len(lines) - 1} " in said
        assert said.startswith(ENGLISH.left_out) == ("You: 0 " not in said)


def test_chinese_visitors_read_chinese():
    assert words_in("zh-CN") is CHINESE
    assert words_in("zh") is CHINESE
    assert {words_in(one) for one in ("en", "", "de", "zhx")} == {ENGLISH}
