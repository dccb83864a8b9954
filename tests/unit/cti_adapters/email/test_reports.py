import pytest

from cti_adapters.email.reading import read

HEAD = (
    b"From: MAILER-DAEMON@example.net\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
)


def reports(status):
    return read(HEAD + status + b"\r\n--b--\r\n")[0].reports


def test_more_recipients_than_anybody_has_are_cut():
    group = b"Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.0.0\r\n\r\n"
    assert len(reports(group * 400)) == 100


@pytest.mark.parametrize(
    "status",
    [
        b"",
        b"Action: failed",
        b"Final-Recipient: rfc822; a@b.c\r\nAction: exploded",
        b"Final-Recipient: x400; /CN=a\r\nAction: failed",
        b"Final-Recipient: rfc822;\r\nAction: failed",
        b"X: y\r\n" * 5_000,
    ],
)
def test_what_says_nothing_usable_is_no_report(status):
    assert reports(status) == ()


def test_a_reason_is_one_line_and_short():
    (report,) = reports(
        b"Final-Recipient: rfc822; a@B.C\r\nAction: Failed\r\n"
        b"Diagnostic-Code: smtp; 550 no\r\n " + b"<script>" * 200
    )
    assert report.recipient == "a@b.c"
    assert report.reason.startswith("550 no <script>")
    assert len(report.reason) == 300


def test_a_mail_of_a_person_is_no_report():
    quoted = b"> Hi. This is the qmail-send program at x\r\n> <a@b.c>:\r\n> gone\r\n"
    assert read(b"From: ann@example.org\r\n\r\nLook:\r\n" + quoted)[0].reports == ()
