import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.email.cleaning import clean
from cti_adapters.email.model import MAX_HTML
from tests.mail_generator import MARKUP
from tests.mail_judge import page_faults

WORDS = st.sampled_from(
    [*MARKUP, "x", " ", "\n", "javascript:", "style='", "=", "/", "on", "\0", "&#"]
)


@settings(deadline=None)
@given(st.lists(WORDS | st.text(max_size=3), max_size=80).map("".join))
def test_whatever_comes_in_nothing_harmful_comes_out(source):
    assert page_faults(clean(source).html) == []


@settings(deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join))
def test_cleaning_what_is_clean_only_drops_what_it_made(source):
    again = clean(clean(source).html).html
    assert page_faults(again) == []
    assert len(again) <= MAX_HTML


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("a<!-- <b> -->b", "ab"),
        ("<p onclick=x class=y id=z title=t>x</p>", '<p title="t">x</p>'),
        ("<script>1</script><style>p{}</style>x", "x"),
        ("<p style='color:red;position:fixed;width:9px'>x", '<p style="color:red;width:9px">x</p>'),
        ("<p style='background-color:url(//e)'>x", "<p>x</p>"),
        ("<p style='margin:-99px'>x", "<p>x</p>"),
        ("<img src=/local.png>", "<img>"),
        ("<img src=data:image/png;base64,AA>", "<img>"),
        ("<img src=//e.example/x width=1>", '<img width="1" data-remote="https://e.example/x">'),
        ("<blockquote type=cite>x", '<blockquote data-quote="">x</blockquote>'),
    ],
)
def test_what_is_left_of_markup(source, cleaned):
    assert clean(source).html == cleaned


@pytest.mark.parametrize(
    "link",
    ["javascript:x", "java\nscript:x", "&#106;avascript:x", "data:text/html,x", "file:///x", "/x",
     "vbscript:x", "//e.example", "https://user@e.example/", "https://", " javascript:x", "tel:1"],
)  # fmt: skip
def test_a_link_leads_to_the_web_or_to_a_mail_or_nowhere(link):
    assert "href" not in clean(f'<a href="{link}">x</a>').html


@pytest.mark.parametrize("link", ["https://e.example/a?b=1#c", "http://e.example", "mailto:a@b.c"])
def test_a_link_opens_elsewhere_and_tells_nobody_where_it_stood(link):
    assert clean(f"<a href='{link}'>x</a>").html == (
        f'<a href="{link}" target="_blank" rel="noopener noreferrer">x</a>'
    )


def test_pictures_that_came_along_are_named_by_their_file():
    cleaned = clean("<img src='cid:a%40b'><img src=cid:other>", {"a@b": "f" * 64})
    assert cleaned.html == f'<img data-file="{"f" * 64}"><img>'
    assert cleaned.shown == {"a@b"}


def test_long_html_is_cut_and_says_so():
    cleaned = clean("<p>\xa0\xa0\xa0</p>" * 100_000)
    assert cleaned.cut
    assert len(cleaned.html) <= MAX_HTML
    assert not clean("<p>short</p>").cut
