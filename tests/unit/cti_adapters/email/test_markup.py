from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.email.markup import MAX_DEPTH, VOID, End, Start, tokens, written
from tests.mail_generator import MARKUP

SOURCES = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), max_size=80).map("".join)


@settings(deadline=None)
@given(SOURCES)
def test_every_element_is_ended_and_none_lies_too_deep(source):
    opened = []
    for token in tokens(source):
        match token:
            case Start(name=name) if name not in VOID:
                opened.append(name)
                assert len(opened) <= MAX_DEPTH
            case End(name=name):
                assert opened.pop() == name
    assert opened == []


@settings(deadline=None)
@given(SOURCES)
def test_what_is_written_down_again_has_one_reading(source):
    once = "".join(map(written, tokens(source)))
    assert "".join(map(written, tokens(once))) == once


def test_deep_elements_lose_their_tags_and_keep_their_text():
    page = "".join(map(written, tokens("<div>" * 1_000 + "x")))
    assert page.count("<div>") == MAX_DEPTH
    assert "x" in page
