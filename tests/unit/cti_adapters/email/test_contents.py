import hashlib

from cti_adapters.email.model import MAX_ATTACHMENTS, MAX_TEXT
from cti_adapters.email.reading import read


def mixed(*parts):
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return b"From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def file(content, name=b"a.pdf"):
    return (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="
        + name
        + b"\r\n\r\n"
        + content
    )


def test_the_same_file_twice_is_kept_once_under_both_names():
    mail, files = read(mixed(file(b"%PDF", b"a.pdf"), file(b"%PDF", b"b.pdf")))
    assert [one.name for one in mail.attachments] == ["a.pdf", "b.pdf"]
    assert files == {hashlib.sha256(b"%PDF").hexdigest(): b"%PDF"}


def test_more_files_than_are_kept_are_said():
    mail, files = read(mixed(*(file(b"%d" % number) for number in range(150))))
    assert len(mail.attachments) == len(files) == MAX_ATTACHMENTS
    assert mail.cut == ("Only the first 100 of its 150 attachments are kept.",)


def test_a_long_text_is_cut_and_says_so():
    mail, _ = read(b"From: a@b.c\r\n\r\n" + b"word " * MAX_TEXT)
    assert len(mail.text) <= MAX_TEXT
    assert mail.cut == ("Its text is cut at 200,000 characters.",)


def test_a_picture_that_the_text_does_not_show_is_a_file_like_any_other():
    picture = b"Content-Type: image/png\r\nContent-ID: <p>\r\n\r\n\x89PNG"
    shown = b"Content-Type: text/html\r\n\r\n<img src=cid:p>"
    assert read(mixed(b"\r\nhello", picture))[0].attachments[0].content_id == ""
    assert read(mixed(shown, picture))[0].attachments[0].content_id == "p"
