"""``ivr.core.written``: values in the words of an admin, and back."""

import pytest

from ivr.core.facts import LocalTime
from ivr.core.values import Spoken
from ivr.core.written import (
    read_credit,
    read_duration,
    read_moment,
    read_time,
    write_duration,
    write_moment,
    write_prompt,
    write_time,
)
from router.core.durations import SECOND


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("09:00-17:30", (540, 1050, ())),
        ("mon-fri 09:00-17:30", (540, 1050, (1, 2, 3, 4, 5))),
        ("sat,sun 00:00-24:00", (0, 1440, (6, 7))),
        ("fri-mon 22:00-06:00", (1320, 360, (5, 6, 7, 1))),
        ("mon,mon 01:00-02:00", (60, 120, (1,))),
    ],
)
def test_spans_are_read_and_written_so_that_they_are_the_same(text, span):
    assert read_time(text) == span
    assert read_time(write_time(*span)) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9-17",
        "09:00",
        "09:00-09:00",
        "24:00-01:00",
        "25:00-26:00",
        "may 09:00-10:00",
        "mon 09:60-10:00",
        "mon- 09:00-10:00",
        "09:00-17:00 mon",
        "mon,, 09:00-10:00",
        None,
        9,
        True,
    ],
)
def test_what_is_no_span_says_what_to_write(text):
    with pytest.raises(ValueError, match=r"span|write"):
        read_time(text)


def test_moments_of_a_week():
    assert read_moment("sun 10:00") == LocalTime(weekday=7, minute=600)
    assert write_moment(LocalTime(weekday=7, minute=600)) == "sun 10:00"
    for wrong in ("sunday 10:00", "10:00", "sun 24:00", "sun", ["sun"]):
        with pytest.raises(ValueError, match=r"write|midnight"):
            read_moment(wrong)


def test_credit_may_be_a_handicap():
    assert (read_credit("-30s"), read_credit("1m30s")) == (-30 * SECOND, 90 * SECOND)
    assert write_duration(-30 * SECOND) == "-30s"


@pytest.mark.parametrize("text", ["30", "soon", "25h", "--5s", "", None, {}, True])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"write|duration"):
        read_duration(text)


def test_prompts_are_written_as_short_as_they_are():
    prompt = {"en": Spoken(text="Hi"), "zh": Spoken(audio="hi_zh", text="你好")}
    assert write_prompt(prompt) == {"en": "Hi", "zh": {"audio": "hi_zh", "text": "你好"}}
