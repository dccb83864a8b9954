"""What mail servers say became of a mail of ours: RFC 3464, and the two commonest ways without it.

A report is only as true as its sender: who reads it looks up the mail it speaks of among those that
we sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from cti_adapters.email.addresses import message_id, normal
from cti_adapters.email.headers import Fields, TooMuch, raw_text, split, text
from cti_adapters.email.model import Report
from cti_adapters.email.parts import Part
from router.text import one_line

MAX_REPORTS: Final = 100
_MAX_BYTES: Final = 256 * 1024  # of a part that is looked at
_MAX_GROUPS: Final = 500
_REASON: Final = 300
_STATUS_KINDS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_KINDS: Final = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}
    | {"message/global-headers"}
)
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_EMPTY_LINES: Final = re.compile(rb"\n[ \t\r]*\n")
_QMAIL: Final = re.compile(r"^<([^<>\s]{3,320})>:[ \t]*\n?((?:[^\n]+\n?){1,6})", re.MULTILINE)
_ID_LINE: Final = re.compile(
    r"^[> \t]{0,8}Message-ID:[ \t]*(<[^<>\s]{1,250}>)", re.MULTILINE | re.IGNORECASE
)
_ACTIONS: Final[dict[str, Literal["failed", "delayed", "delivered", "relayed", "expanded"]]] = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}


def reports(root: Part, body: str) -> tuple[Report, ...]:
    """The reports in a mail whose text is ``body``, at most ``MAX_REPORTS``."""
    found = list(_standard(root))
    if not found:
        found = list(_exim(root, body)) or list(_qmail(body))
    return tuple(found[:MAX_REPORTS])


def _standard(root: Part) -> Iterator[Report]:
    status = next((part for part in _near(root) if part.kind in _STATUS_KINDS), None)
    if status is None:
        return
    about = _returned_id(root)
    for fields in _groups(status.content(_MAX_BYTES)):
        action = _ACTIONS.get(text(fields.first("action")).split(" ", 1)[0].lower())
        recipient = _recipient(fields)
        if action is None or not recipient:
            continue
        reason = text(fields.first("diagnostic-code"))
        yield Report(
            action=action,
            recipient=recipient,
            status=_code(text(fields.first("status"))),
            reason=reason.removeprefix("smtp;").removeprefix("SMTP;").strip()[:_REASON],
            about=about,
        )


def _near(root: Part) -> list[Part]:
    """The parts of the report itself, or of the one that a list or a gateway wrapped."""
    return [part for child in root.children for part in (child, *child.children)]


def _groups(content: bytes) -> Iterator[Fields]:
    for number, block in enumerate(_EMPTY_LINES.split(content.replace(b"\r\n", b"\n"))):
        if number >= _MAX_GROUPS:
            return
        try:
            yield split(block, 0, len(block))[0]
        except TooMuch:
            return


def _recipient(fields: Fields) -> str:
    """Whom we wrote to, rather than where it went from there."""
    for name in ("original-recipient", "final-recipient"):
        kind, mark, address = raw_text(fields.first(name)).partition(";")
        if usable := normal(address if mark else kind):
            return usable
    return ""


def _code(written: str) -> str:
    return found.group(1) if (found := _STATUS.search(written)) else ""


def _returned_id(root: Part) -> str:
    for part in _near(root):
        if part.kind in _RETURNED_KINDS:
            content = part.content(_MAX_BYTES)
            try:
                return message_id(split(content, 0, len(content))[0].first("message-id"))
            except TooMuch:
                return ""
    return ""


def _exim(root: Part, body: str) -> Iterator[Report]:
    failed = raw_text(root.fields.first("x-failed-recipients"))
    about = _returned_id(root) or _id_below(body)
    for written in failed.split(",")[:MAX_REPORTS]:
        if recipient := normal(written):
            yield Report(
                action="failed",
                recipient=recipient,
                status=_code(body),
                reason=_line_after(body, recipient),
                about=about,
            )


def _qmail(body: str) -> Iterator[Report]:
    head = body[:20_000]
    if "This is the qmail-send program" not in head[:400]:
        return
    for found in _QMAIL.finditer(head):
        if recipient := normal(found.group(1)):
            reason = one_line(found.group(2))[:_REASON]
            about = _id_below(body)
            yield Report(
                action="failed",
                recipient=recipient,
                status=_code(reason),
                reason=reason,
                about=about,
            )


def _id_below(body: str) -> str:
    found = _ID_LINE.search(body[:100_000])
    return message_id(found.group(1).encode("utf-8", "replace")) if found else ""


def _line_after(body: str, recipient: str) -> str:
    place = body[:20_000].find(recipient)
    if place < 0:
        return ""
    following = [line.strip() for line in body[place:][:2_000].split("\n")[1:4]]
    return one_line(" ".join(line for line in following if line))[:_REASON]
