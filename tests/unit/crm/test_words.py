"""Text from outside is safe to store and can be found again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.limits import MAX_KEY
from crm.words import fold, line, paragraph


def test_controls_and_direction_marks_are_dropped() -> None:
    assert line("A\0n\x07n \u202eevil\u202c\t\r\nDíaz") == "Ann evil Díaz"
    assert paragraph("one\r\ntwo\rthree\x0b\ud800") == "one\ntwo\nthree"


def test_case_accents_and_width_do_not_matter_for_search() -> None:
    assert fold("MARÍA  Díaz") == fold("maria diaz") == fold("Ｍaria Ｄiaz") == "maria diaz"
    assert fold("Straße") == fold("STRASSE")
    assert fold("李娜") == "李娜"


def test_a_name_that_grows_when_folded_stays_within_its_column() -> None:
    assert len(fold("\ufdfa" * 200)) <= MAX_KEY


@given(st.text())
def test_whatever_comes_in_can_be_stored(text: str) -> None:
    for safe in (line(text), paragraph(text), fold(text)):
        assert "\0" not in safe
        safe.encode()
    assert line(line(text)) == line(text)
    assert "\n" not in line(text)


@given(st.text(max_size=50), st.text(max_size=50))
def test_an_ascii_name_folds_alike_on_the_short_path(one: str, other: str) -> None:
    name = f"{one}{other}".encode("ascii", "ignore").decode()
    assert fold(name) == fold(name + "\u0301").removesuffix("\u0301")[: len(fold(name))]
