"""The mails kept as files are read as the file of the same name beside them says."""

import json
from pathlib import Path

import pytest

from cti_adapters.email.quoting import quoted_from
from cti_adapters.email.reading import read
from tests.mail_judge import faults

FILES = sorted((Path(__file__).parent / "files").glob("*.eml"))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["unix", "wire"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mail_is_read_as_its_sender_meant_it(file, line_end):
    raw = file.read_bytes().replace(b"\n", line_end)
    wanted = json.loads(file.with_suffix(".json").read_text("utf-8"))
    result = read(raw)
    assert faults(raw, result) == []
    mail, _ = result
    found = {
        "subject": mail.subject,
        "sender": mail.sender.address,
        "return_path": mail.return_path,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "reports": [[one.action, one.recipient, one.status, one.about] for one in mail.reports],
        "own_words": mail.text[: quoted_from(mail.text)].strip(),
        "files": [one.name for one in mail.attachments],
        "headers": {name: list(mail.headers.get(name, ())) for name in wanted.get("headers", {})},
    }
    pieces = {"html_has": True, "html_lacks": False}
    assert {name: found[name] for name in wanted if name not in pieces} == {
        name: value for name, value in wanted.items() if name not in pieces
    }
    for name, there in pieces.items():
        assert [one for one in wanted.get(name, ()) if (one in mail.html) != there] == []


def test_the_digest_is_the_same_with_other_line_ends():
    for file in FILES:
        raw = file.read_bytes()
        assert read(raw)[0].digest == read(raw.replace(b"\n", b"\r\n"))[0].digest
