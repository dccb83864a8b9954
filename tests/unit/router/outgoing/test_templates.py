"""``router.outgoing.templates``: places for parameters are read once, and values never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.outgoing.templates import Slot, fill, parse_template, slots


def test_a_template_is_texts_and_slots():
    assert parse_template("ACC-{account}/{{x}}") == ("ACC-", Slot("account"), "/", "{", "x", "}")
    assert list(slots(parse_template("{a}{b.c}{a}"))) == ["a", "b.c", "a"]
    assert parse_template("") == ()


@pytest.mark.parametrize("text", ["{", "}", "{}", "{A}", "{a b}", "{{a}", "{a}}", "{__class__}"])
def test_a_brace_that_is_no_parameter_is_refused(text):
    with pytest.raises(ValueError, match="a brace itself"):
        parse_template(text)


@given(st.text())
def test_a_value_is_never_read_for_slots(value):
    template = parse_template("{a}-{b}")
    assert fill(template, {"a": value, "b": "x"}) == f"{value}-x"


@given(st.text(alphabet=st.characters(exclude_characters="{}")))
def test_what_has_no_brace_stands_as_it_is(text):
    assert fill(parse_template(text), {}) == text
