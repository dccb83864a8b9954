import pytest

from cti_adapters.email.model import Unreadable
from cti_adapters.email.reading import read
from tests.hostile_mails import MAILS
from tests.mail_judge import faults

REFUSED = {
    "50 MiB": "It is larger than 40 MiB.",
    "10,000 parts": "It has more than 1,000 parts.",
    "5,000 nested multiparts": "Its parts are nested more than 20 deep.",
    "100,000 header fields": "Its header has more than 1,000 fields.",
    "500 header fields in each of 500 parts": "Its parts have more than 10,000 header fields.",
    "a header field of 20 MiB": "Its header is longer than 512 KiB.",
    "a header field of 400,000 lines": "Its header is longer than 512 KiB.",
}


@pytest.mark.parametrize("name", MAILS)
def test_what_means_harm_is_read_within_limits_or_refused_with_a_reason(name):
    raw = MAILS[name]()
    result = read(raw)
    assert faults(raw, result) == []
    if name in REFUSED:
        assert isinstance(result, Unreadable)
        assert result.reason == REFUSED[name]


def test_a_mail_inside_a_mail_is_a_file_and_nobody_opens_it():
    mail, files = read(MAILS["5,000 messages in messages"]())
    (inside,) = mail.attachments
    assert inside.content_type == "message/rfc822"
    assert files[inside.sha256].count(b"message/rfc822") == 4_999


def test_a_packed_bomb_is_a_small_file():
    mail, _ = read(MAILS["a packed bomb"]())
    assert [one.name for one in mail.attachments] == ["small.zip"]
    assert mail.attachments[0].size < 100_000
