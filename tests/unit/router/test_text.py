"""``router.text``: what comes from outside is plain, and stays the customer's own words."""

import pytest

from router.text import lines, one_line


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("hello", "hello"),
        ("  a\r\nb\rc\n", "a\nb\nc"),
        ("a\x00b\x07c\x1b[31m\x7f\x9b", "abc[31m"),
        ("tab\there", "tab here"),
        ("a\u2028b\u2029c\x0bd\x0ce", "a\nb\nc\nd\ne"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\u2066hidden\u2069 \ufefftext", "hidden text"),
        ("<b>bold</b> & <script>", "<b>bold</b> & <script>"),
        ("你好，世界 👩‍👩‍👧 می‌خواهم", "你好，世界 👩‍👩‍👧 می‌خواهم"),
        ("\ud800lone", "lone"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_control_characters_go_and_words_stay(raw, plain):
    assert lines(raw) == plain


def test_a_label_is_one_line():
    assert one_line(" María\r\n  Díaz\t(home) ") == "María Díaz (home)"
