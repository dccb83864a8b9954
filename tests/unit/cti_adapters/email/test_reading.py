from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.email.model import MAX_BYTES, Unreadable
from cti_adapters.email.reading import HEADERS, read
from tests.mail_generator import mail as random_mail
from tests.mail_judge import faults

PLAIN = (
    b"From: Ann <ann@example.org>\r\nTo: help@example.com\r\nSubject: Hello\r\n"
    b"Message-ID: <one@example.org>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\n"
)
ADDED = (
    b"Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000\r\n",
    b"Received: from a\r\n\tby b;\r\n Mon, 2 Nov 2026 10:00:00 +0000\r\n",
    b"Return-Path: <ann@example.org>\r\n",
    b"Delivered-To: other@example.com\r\n",
    b"X-Spam-Score: 3\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256\r\n",
    b"ARC-Seal: i=1\r\n",
    b"Authentication-Results: mx; spf=pass\r\n",
)
FRAGMENTS = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b": ", b"Content-Type: ", b"multipart/mixed; boundary=b", b"--b"),
        *(b"--", b"text/html", b"; charset=", b"gb2312", b"=?utf-8?b?", b"?=", b"From: ", b"("),
        *(b"Content-Transfer-Encoding: base64", b"=", b"<p>", b"<!--", b"\xff\xfe", b"\x1b$B"),
        *(b"filename*0*=", b"<a@b.c>", b'"'),
    ]
)


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_within_limits(raw):
    assert faults(raw, read(raw)) == []


@settings(deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=8), max_size=60).map(b"".join))
def test_any_pieces_of_mails_are_read_within_limits(raw):
    assert faults(raw, read(raw)) == []


@settings(deadline=None)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(ADDED), max_size=5))
def test_the_digest_is_of_what_the_sender_made(seed, added):
    raw = random_mail(seed)
    first = read(raw)
    if isinstance(first, Unreadable) or raw[:5] in (b"From ", b">From") or raw[:1].isspace():
        return
    with_more = read(b"".join(added) + raw)
    if b"\n" in raw:  # with carriage returns only, what is added makes it another mail
        assert with_more[0].digest == first[0].digest


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_reading_is_pure(seed):
    raw = random_mail(seed)
    assert read(raw) == read(raw)


@pytest.mark.parametrize("added", ADDED)
def test_two_mailboxes_copies_are_the_same_mail(added):
    assert read(added + PLAIN)[0].digest == read(PLAIN)[0].digest


@pytest.mark.parametrize(
    "changed",
    [
        PLAIN.replace(b"Hello\r\n", b"Bye\r\n"),
        PLAIN[:-2] + b"!\r\n",
        PLAIN.replace(b"Ann <", b"Eve <"),
        PLAIN.replace(b"<one@", b"<two@"),
        PLAIN.replace(b"10:00", b"11:00"),
    ],
)
def test_another_mail_under_the_same_message_id_is_another_mail(changed):
    assert read(changed)[0].digest != read(PLAIN)[0].digest


def test_folding_and_line_ends_do_not_make_another_mail():
    folded = PLAIN.replace(b"From: Ann <", b"From: Ann\r\n\t<").replace(b"\r\n", b"\n") + b"\n\n"
    assert read(folded)[0].digest == read(PLAIN)[0].digest


def test_a_mail_above_the_limit_is_not_looked_at():
    raw = PLAIN + b"x" * MAX_BYTES
    result = read(raw)
    assert result.reason == "It is larger than 40 MiB."
    assert result.size == len(raw)


def test_only_the_named_headers_are_kept_and_no_more_than_ten_of_each():
    raw = (
        b"X-Loop: a\r\n" * 30
        + b"X-Secret: b\r\n"
        + b"Precedence: "
        + b"x" * 5_000
        + b"\r\n"
        + PLAIN
    )
    headers = read(raw)[0].headers
    assert set(headers) == {"x-loop", "precedence"} <= HEADERS
    assert len(headers["x-loop"]) == 10
    assert len(headers["precedence"][0]) == 1_000


def test_what_was_left_out_is_said():
    many = b", ".join(b"a%d@example.org" % number for number in range(150))
    mail, _ = read(
        b"Cc: " + many + b"\r\n" + PLAIN.replace(b"Subject: ", b"Subject: " + b"x" * 400)
    )
    assert len(mail.cc) == 100
    assert mail.cut == (
        "Its subject is cut at 300 characters.",
        "Only the first 100 of its addressees are kept.",
    )


@settings(deadline=None)
@given(st.integers(0, 4 * 10**9), st.integers(-12 * 60, 14 * 60))
def test_a_date_is_read_as_it_was_written(seconds, minutes_east):
    zone = timezone(timedelta(minutes=minutes_east))
    written = format_datetime(datetime.fromtimestamp(seconds, zone)).encode()
    sent = read(PLAIN.replace(b"Mon, 2 Nov 2026 10:00:00 +0000", written))[0].sent_at
    assert sent == (
        seconds * 1_000_000 if datetime.fromtimestamp(seconds, zone).year > 1969 else None
    )
