"""What must hold for whatever was read of a mail, judged without the code that reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from cti_adapters.email import model
from cti_adapters.email.model import Mail, Unreadable

_ODD = "\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
ODD, ODD_OR_BREAK = re.compile(f"[{_ODD}]"), re.compile(f"[{_ODD}\n]")
FORBIDDEN_TAGS = {
    *("script", "style", "iframe", "object", "embed", "form", "input", "button", "meta", "base"),
    *("link", "svg", "math", "template", "frame", "frameset", "video", "audio", "textarea"),
    *("select", "title"),
}
FORBIDDEN_ATTRIBUTES = {"src", "srcset", "action", "background", "id", "class"}


def faults(raw: bytes, result: tuple[Mail, dict[str, bytes]] | Unreadable) -> list[str]:
    """Sentences; none when all is well."""
    match result:
        case Unreadable():
            return [] if result.reason and result.size == len(raw) else ["no reason or size"]
        case (mail, files):
            return [*_limits(mail), *_texts(mail), *_files(mail, files), *page_faults(mail.html)]


def _limits(mail: Mail) -> Iterator[str]:
    limits = {
        "text": (len(mail.text), model.MAX_TEXT),
        "html": (len(mail.html), model.MAX_HTML),
        "subject": (len(mail.subject), model.MAX_SUBJECT),
        "to": (len(mail.to), model.MAX_ADDRESSES),
        "cc": (len(mail.cc), model.MAX_ADDRESSES),
        "references": (len(mail.references), model.MAX_REFERENCES),
        "attachments": (len(mail.attachments), model.MAX_ATTACHMENTS),
        "headers": (sum(map(len, mail.headers.values())), 1_000),
        "reports": (len(mail.reports), 100),
    }
    for name, (found, limit) in limits.items():
        if found > limit:
            yield f"{name}: {found} is more than {limit}"
    for person in (mail.sender, *mail.to, *mail.cc, *mail.reply_to):
        if len(person.address) > 320 or len(person.name) > model.MAX_NAME:
            yield f"too long: {person}"
        if re.search(r"\s", person.address) or (person.address and "@" not in person.address):
            yield f"no address: {person}"


def _texts(mail: Mail) -> Iterator[str]:
    people = (mail.sender, *mail.to, *mail.cc, *mail.reply_to)
    labels = [
        mail.subject,
        mail.message_id,
        *mail.in_reply_to,
        *mail.references,
        *(text for person in people for text in (person.name, person.address)),
        *(text for one in mail.attachments for text in (one.name, one.content_type)),
        *(text for values in mail.headers.values() for text in values),
        *(
            text
            for one in mail.reports
            for text in (one.recipient, one.reason, one.status, one.about)
        ),
    ]
    for label in labels:
        if bad := _bad(label, breaks=False):
            yield f"{bad!r} in {label!r}"
    if bad := _bad(mail.text, breaks=True):
        yield f"{bad!r} in the text"


def _bad(text: str, *, breaks: bool) -> str | None:
    found = (ODD if breaks else ODD_OR_BREAK).search(text)
    return found.group() if found else None


def _files(mail: Mail, files: dict[str, bytes]) -> Iterator[str]:
    if {one.sha256 for one in mail.attachments} != set(files):
        yield "attachments and files differ"
        return
    for one in mail.attachments:
        content = files[one.sha256]
        if one.size != len(content) or one.sha256 != hashlib.sha256(content).hexdigest():
            yield f"{one} is not what it says"
        if not one.name or len(one.name) > model.MAX_NAME or re.search(r'[/\\<>:"|?*]', one.name):
            yield f"a bad file name: {one.name!r}"


def page_faults(page: str) -> list[str]:
    """What HTML could do that it must not, as another parser reads it."""
    judge = _Judge()
    judge.feed(page)
    judge.close()
    return judge.faults


class _Judge(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN_TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag == "a" and dict(attrs).get("rel") != "noopener noreferrer":
            self.faults.append("a link that tells where it comes from")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in (
            "src",
            "srcset",
            "action",
            "background",
            "id",
            "class",
        ):
            self.faults.append(f"<{tag} {name}>")
        if name == "href" and not re.match(r"(?i)(https?://|mailto:)", value):
            self.faults.append(f"a link to {value!r}")
        if name == "style" and re.search(r"(?i)url|expression|position|@|\\|fixed|-\d", value):
            self.faults.append(f"the style {value!r}")
        if name == "data-remote" and not re.match(r"(?i)https?://", value):
            self.faults.append(f"a picture from {value!r}")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")
