import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.email.charsets import decode, known

LABELS = st.sampled_from(
    [
        *("", "utf-8", "utf-16", "utf-32", "utf-7", "gb2312", "hz", "big5", "iso-2022-jp"),
        *("iso-2022-kr", "shift_jis", "euc-kr", "koi8-r", "windows-1252", "us-ascii", "idna"),
        *("punycode", "rot13", "x"),
    ]
)


@settings(deadline=None)
@given(st.binary(max_size=300), LABELS, LABELS)
def test_any_bytes_under_any_label_are_some_text(data, label, hint):
    assert isinstance(decode(data, label, hint), str)


@given(st.text(max_size=100))
def test_utf8_is_read_whatever_it_says(text):
    if "\x1b" in text or text.startswith("\ufeff"):
        return
    data = text.encode()
    assert decode(data, "utf-8") == decode(data, "us-ascii") == decode(data) == text


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "rot13", "unicode_escape", "zlib", "undefined"]
)
def test_python_s_own_odd_codecs_are_no_charsets(label):
    assert known(label) is None


def test_a_character_that_is_cut_off_is_left_out():
    assert decode("你好".encode()[:-1], "utf-8") == "你"
    assert decode("你好".encode("gbk")[:-1], "gb2312") == "你"


def test_what_stands_near_helps_where_there_is_no_label():
    assert decode("Łódź".encode("iso8859_2"), "", "iso-8859-2") == "Łódź"
