"""No cell of an export is computed by a spreadsheet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.spreadsheet import from_cell, to_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "'=1"]
)
def test_what_could_be_a_formula_is_marked_as_text(text: str) -> None:
    assert to_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Ann", "", "+441632960001", "+44163;+44164", "-5", "O'Hara", "'"])
def test_names_and_numbers_stay_as_they_are(text: str) -> None:
    assert to_cell(text) == text


@given(st.text(alphabet="='+-@1a;\t ", max_size=8))
def test_what_was_exported_is_imported_as_it_was(text: str) -> None:
    assert from_cell(to_cell(text)) == text
