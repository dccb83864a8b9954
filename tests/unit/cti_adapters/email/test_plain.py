import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.email.plain import text_of, unflowed


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a<p>b", "a\n\nb"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a  \n b", "a b"),
        ("<b>a</b> <i>b</i>", "a b"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n>> b\n\nc"),
        ("<p style='display:none'>spy</p>a", "a"),
        ("<head><title>x</title>y</head>a", "a"),
        ("<img alt=logo> a", "logo a"),
        ("&lt;b&gt; &amp; &nbsp;x", "<b> & x"),
        ("<script>x</script>", ""),
    ],
)
def test_html_as_text(source, text):
    assert text_of(source) == text


@settings(deadline=None)
@given(st.text(alphabet="<>/bdivpre quote\"'=!-&;\n", max_size=200))
def test_any_source_has_a_text(source):
    assert isinstance(text_of(source), str)


@pytest.mark.parametrize(
    ("flowed", "delete", "text"),
    [
        ("a \nb\nc", False, "a b\nc"),
        ("a \nb", True, "ab"),
        ("> a \n> b\n>> c", False, "> a b\n>> c"),
        ("a \n> b", False, "a \n> b"),
        (" From x", False, "From x"),
        ("-- \nAnn", False, "-- \nAnn"),
    ],
)
def test_flowed_lines_are_joined(flowed, delete, text):
    assert unflowed(flowed, delete_space=delete) == text
