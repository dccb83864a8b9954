import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.durations import LONGEST, format_duration, parse_duration

SECOND = 1_000_000


@settings(deadline=None)
@given(st.integers(0, LONGEST))
def test_every_duration_reads_back_as_it_was_written(microseconds: int) -> None:
    assert parse_duration(format_duration(microseconds)) == microseconds


@settings(deadline=None)
@given(st.integers(-LONGEST, -1))
def test_a_negative_duration_is_shown_with_its_sign(microseconds: int) -> None:
    assert format_duration(microseconds) == f"-{format_duration(-microseconds)}"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_gives_a_duration_in_range_or_a_refusal(text: str) -> None:
    try:
        microseconds = parse_duration(text)
    except ValueError:
        return
    assert 0 <= microseconds <= LONGEST


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("2m", 120), ("1h30m", 5400), ("1h 30m", 5400), ("0", 0), ("1d", 86400)],
)
def test_units_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds * SECOND


def test_the_smallest_units_are_read() -> None:
    assert parse_duration("1s250ms3us") == 1_250_003


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("30", "needs a unit"),
        ("-30s", "negative"),
        ("1e999", "with units"),
        ("30m1h", "largest first"),
        ("", "with units"),
        ("s", "with units"),
        ("1.5h", "with units"),
        ("٣s", "with units"),
        ("999999999999d", "366d at most"),
        ("9" * 400 + "s", "with units"),
        ("nan", "with units"),
    ],
)
def test_what_is_no_duration_is_refused_with_advice(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        parse_duration(text)
