"""``cti_adapters.email.subjects``: the same subject, whatever stands before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.model import MAX_SUBJECT
from cti_adapters.email.subjects import about, reply_subject

PREFIXES = ["Re:", "RE: ", "Fwd: ", "FW:", "AW: ", "SV: ", "Antw:", "WG: ", "Réf : ", "TR : "]
PREFIXES += [
    "回复:",
    "转发：",
    "答复: ",
    "返信: ",
    "전달: ",
    "Re[2]: ",
    "Re (3): ",
    "RE^2: ",
    "Odp: ",
]
PREFIXES += ["Odp: ", "Ynt: ", "[#4711] ", "[Ticket #12] ", "[EXT] ", "[External] ", " "]


@given(st.text(max_size=MAX_SUBJECT + 50))
def test_comparing_what_is_compared_changes_nothing(subject):
    assert about(about(subject)) == about(subject)


@given(st.lists(st.sampled_from(PREFIXES), max_size=8))
def test_no_pile_of_prefixes_changes_what_it_is_about(prefixes):
    assert about("".join(prefixes) + "Where is my  Order 12?") == "where is my order 12?"


@given(st.text(max_size=MAX_SUBJECT + 50))
def test_an_answer_has_one_re_on_one_line_and_is_about_the_same(subject):
    answer = reply_subject(subject)
    assert answer.startswith("Re:")
    assert answer.isprintable() or not subject.isprintable()
    assert "\n" not in answer
    assert "\r" not in answer
    assert len(answer) <= MAX_SUBJECT
    assert reply_subject(answer) == answer
    if len(subject) < MAX_SUBJECT - 10:
        assert about(answer) == about(subject)


@pytest.mark.parametrize(
    "subject", ["", "Re:", "Fwd: Re: ", "[#12]", "!!!", "-- ?", "回复：", " \r\n "]
)
def test_a_subject_that_says_nothing_is_about_nothing(subject):
    assert about(subject) == ""


@pytest.mark.parametrize(
    ("subject", "same"),
    [
        ("Reminder: pay", "reminder: pay"),
        ("Order [blue] 12", "order [blue] 12"),
        ("Refund: 12", "refund: 12"),
        ("Ｏｒｄｅｒ\tSTRASSE", "order strasse"),
        ("Order Straße [#1] soon", "order strasse soon"),
        ("退款", "退款"),
    ],
)
def test_words_that_look_like_prefixes_stay(subject, same):
    assert about(subject) == same


def test_a_line_break_in_a_subject_starts_no_header():
    assert reply_subject("Hi\r\nBcc: all@x.org") == "Re: Hi Bcc: all@x.org"


def test_a_subject_of_prefixes_only_is_judged_at_once():
    assert about("Re: " * 100_000) == ""
    assert about("[" * 100_000) == ""
