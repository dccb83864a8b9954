"""``imap.words``: what is written to a server is one command; what it says is read or refused."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.imap import words
from cti_adapters.email.imap.outcomes import Nonsense
from cti_adapters.email.imap.words import Unsayable


def unquoted(text: str) -> str:
    assert text[0] == text[-1] == '"'
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def decoded(name: str) -> str:
    """Modified UTF-7, by its definition (RFC 3501, 5.1.3)."""

    def plain(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        padded = match[1].replace(",", "/") + "=" * (-len(match[1]) % 4)
        return base64.b64decode(padded).decode("utf-16-be")

    return re.sub(r"&([A-Za-z0-9+,]*)-", plain, name)


@given(st.text())
def test_a_quoted_text_is_one_line_that_holds_it_or_nothing_is_said(text):
    try:
        written = words.quoted(text)
    except Unsayable:
        assert not (text.isascii() and text.isprintable())
    else:
        assert written.isascii()
        assert written.isprintable()
        assert unquoted(written) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_every_name_of_a_folder_can_be_said_and_is_read_back(name):
    written = words.folder_name(name)
    assert written.isascii()
    assert decoded(unquoted(written)) == name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("a&b", '"a&-b"'),
        ('say "x\\y"', '"say \\"x\\\\y\\""'),
        ("Entwürfe", '"Entw&APw-rfe"'),
        ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),  # the RFC's own
    ],
)
def test_names_of_folders_are_written_as_the_rfc_says(name, written):
    assert words.folder_name(name) == written


@pytest.mark.parametrize("name", ["", "a\r\nb", "a\0", "\x7f", "\ud800"])
def test_a_name_with_control_characters_is_never_said(name):
    with pytest.raises(Unsayable):
        words.folder_name(name)


@pytest.mark.parametrize("uids", [[], [0], [-1], [2**32], [1, 0]])
def test_only_uids_are_said(uids):
    with pytest.raises(Unsayable):
        words.uid_set(uids)


@pytest.mark.parametrize("flag", ["", "a b", "a)", "a\r\n", "\\", "é", "x" * 70])
def test_only_flags_are_said(flag):
    with pytest.raises(Unsayable):
        words.flag_list([flag])
    assert words.flag_list([r"\Seen", "$Routed"]) == r"(\Seen $Routed)"


@pytest.mark.parametrize("word", [b"", b"0", b"-1", b"4294967296", b"1 2", b"1.0", "\u0663", b"x"])
def test_only_numbers_are_numbers(word):
    with pytest.raises(Nonsense):
        words.number(word, "number")


def test_uids_and_sizes_are_read_among_other_news():
    parts = [
        b"1 (UID 5 RFC822.SIZE 120)",
        b"2 (FLAGS (\\Seen))",
        b"3 (RFC822.SIZE 7 FLAGS () UID 9)",
        (b"4 (UID 8 BODY[] {3}", b"UID 77"),
        None,
    ]
    assert words.uids_of_fetch(parts) == [5, 9]
    assert words.sizes_of_fetch(parts) == {5: 120, 9: 7}


def test_a_search_finds_each_uid_once_and_no_more_than_asked():
    assert words.uids_of_search([b"3 1 2", b"3", None, b""], 10) == (1, 2, 3)
    assert words.uids_of_search([b"3 1 2"], 2) == (1, 3)


BYTES = st.one_of(st.none(), st.binary(), st.tuples(st.binary(), st.binary()))


@given(st.lists(BYTES, max_size=5), st.integers(1, 20))
def test_whatever_is_said_it_is_read_or_refused(parts, uid):
    for read in (
        lambda: words.uids_of_fetch(parts),
        lambda: words.sizes_of_fetch(parts),
        lambda: words.body_of_fetch(parts, uid),
        lambda: words.uids_of_search(parts, 10),
    ):
        try:
            read()
        except Nonsense:
            continue


@given(st.binary())
def test_a_body_in_quotes_is_read_back(body):
    if b"\r" in body or b"\n" in body:
        return
    escaped = body.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    part = b'1 (UID 9 BODY[]<0> "' + escaped + b'")'
    assert words.body_of_fetch([part], 9) == body
