"""Mails as pages see them: what came and what we sent, one list in the order of time."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP

import msgspec

from cti_adapters.email.model import Address, Attachment, Mail, Unreadable
from cti_adapters.email.ports import Incoming, MailThread, Outgoing, ThreadNote
from cti_adapters.email.quoting import quoted_from
from cti_adapters.email.same_address import key_of
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.subjects import reply_subject
from router.core.model import Contact


class MailIn(msgspec.Struct, frozen=True, kw_only=True, tag="in", tag_field="way"):
    """A mail that came. ``id`` is its message's in the contact's thread; what stands in ``text``
    from ``quoted_from`` on is quoted; ``stranger``: its sender has had no part in the thread.
    ``html`` is cleaned, and still only for a sandboxed frame.
    """

    id: str
    at: int
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    quoted_from: int
    html: str
    files: tuple[Attachment, ...]
    cut: tuple[str, ...]
    stranger: bool
    sent_at: int | None = None


class MailOut(msgspec.Struct, frozen=True, kw_only=True, tag="out", tag_field="way"):
    """A mail of ours. It can be taken back until ``due`` while its ``state`` is held; ``agent`` is
    empty when Patchbay sent it by itself.
    """

    id: str
    at: int
    to: tuple[str, ...]
    subject: str
    agent: str
    state: str
    due: int
    reason: str


class FileOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file that went along; ``size`` in bytes."""

    name: str
    content_type: str
    size: int


class MailSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail of ours says, its signature included."""

    text: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    files: tuple[FileOut, ...]


class AnswerTo(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer has unless the agent says otherwise."""

    sender: str  # the mailbox
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    signature: str
    undo: int  # microseconds in which it can be taken back


class MailNote(msgspec.Struct, frozen=True, kw_only=True):
    """What a colleague noted on the thread; nobody outside sees it."""

    id: str
    at: int
    agent: str
    text: str


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """The thread of a contact; ``draft`` is the agent's own, as it was saved last."""

    contact: str
    thread: str
    mailbox: str
    mails: tuple[MailIn | MailOut, ...]
    answer: AnswerTo
    draft: msgspec.Raw
    answered_by: str = ""
    answered_at: int = 0
    notes: tuple[MailNote, ...] = ()


def message_of(incoming: Incoming) -> str:
    """The id of its message in the contact's thread."""
    return f"mail-{incoming.id[:32]}"


def mail_in(incoming: Incoming, thread: MailThread) -> MailIn | None:
    mail = incoming.mail
    if isinstance(mail, Unreadable):
        return None
    return MailIn(
        id=message_of(incoming),
        at=incoming.at,
        sender=mail.sender,
        to=mail.to,
        cc=mail.cc,
        subject=mail.subject,
        text=mail.text,
        quoted_from=quoted_from(mail.text),
        html=mail.html,
        files=mail.attachments,
        cut=mail.cut,
        stranger=key_of(mail.sender.address) not in thread.participants,
        sent_at=mail.sent_at,
    )


def mail_out(outgoing: Outgoing) -> MailOut:
    return MailOut(
        id=outgoing.id,
        at=outgoing.at,
        to=outgoing.recipients,
        subject=outgoing.subject,
        agent=outgoing.agent,
        state=outgoing.state,
        due=outgoing.due,
        reason=outgoing.reason,
    )


def mail_note(note: ThreadNote) -> MailNote:
    return MailNote(id=note.id, at=note.at, agent=note.agent, text=note.text)


def mail_said(raw: bytes) -> MailSaid:
    """``raw`` is a mail that Patchbay wrote itself."""
    mail = message_from_bytes(raw, policy=SMTP)
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return MailSaid(
        text=text.replace("\r\n", "\n").rstrip(),
        to=_addresses(mail["To"]),
        cc=_addresses(mail["Cc"]),
        files=tuple(
            FileOut(
                name=part.get_filename() or "",
                content_type=part.get_content_type(),
                size=len(part.get_payload(decode=True) or b""),
            )
            for part in mail.iter_attachments()
        ),
    )


def _addresses(header: object) -> tuple[str, ...]:
    return tuple(one.addr_spec for one in getattr(header, "addresses", ()))


def answer_to(last: Mail | None, contact: Contact, box: MailboxSettings) -> AnswerTo:
    if last is None:
        to: tuple[Address, ...] = (Address(address=contact.address),)
        cc: tuple[Address, ...] = ()
    else:
        to = last.reply_to[:5] or (last.sender,)
        own = box.addresses | {key_of(one.address) for one in to}
        cc = tuple(one for one in (*last.to, *last.cc) if key_of(one.address) not in own)
    return AnswerTo(
        sender=box.address,
        to=to,
        cc=cc[:20],
        subject=reply_subject(last.subject if last is not None else ""),
        signature=box.signature_of(contact.queue),
        undo=box.undo,
    )
