"""Mails of contacts: the thread, what agents answer, files, and what was kept apart."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from cti_adapters.email.composing import MAX_CONTENT, MAX_FILES, MAX_RECIPIENTS, CannotBeSent
from cti_adapters.email.model import Mail, Unreadable
from cti_adapters.email.ports import Became, Incoming, Outgoing, StoreUnavailable, ThreadNote
from cti_adapters.email.replying import Enclosed, NoThread, Reply
from router.core.commands import EditContact
from router.core.events import Rejected
from router.core.model import Contact
from router.files import FilesUnavailable
from router.text import lines, one_line
from server.answers import answer, gives
from server.errors import ApiError, not_found, rejected
from server.guard import GuardedRoute, command_id, identity_of, services_of
from server.mail_frames import mail_page, mail_page_policy
from server.mail_views import (
    MailNote,
    MailOut,
    MailSaid,
    MailView,
    answer_to,
    mail_in,
    mail_note,
    mail_out,
    mail_said,
    message_of,
)
from server.own_contacts import must_own

router = APIRouter(prefix="/api/v1/mail", route_class=GuardedRoute, tags=["mail"])

SHOWN: Final = 200  # mails of a thread
LISTED: Final = 200  # mails that were kept apart
MAX_DRAFT: Final = 200_000  # characters

Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class FileGiven(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(min_length=1, max_length=120)
    content_type: str = Field("application/octet-stream", max_length=100)


class Written(BaseModel):
    """Left out, ``to`` and ``subject`` are as ``MailView.answer`` says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(max_length=100_000)
    to: list[str] = Field(default=[], max_length=MAX_RECIPIENTS)
    cc: list[str] = Field(default=[], max_length=MAX_RECIPIENTS)
    subject: str = Field("", max_length=300)
    files: list[FileGiven] = Field(default=[], max_length=MAX_FILES)


class Noted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(max_length=4_000)


class DraftGiven(BaseModel):
    """What the page keeps of an unfinished answer; its own business but for its size."""

    model_config = ConfigDict(extra="forbid", strict=True)

    draft: dict[str, Any] | None


class FileKept(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    size: int


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """False: it had left already."""

    taken_back: bool


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that no contact was made of, and why."""

    id: str
    mailbox: str
    at: int
    became: str
    reason: str
    sender: str = ""
    subject: str = ""
    beginning: str = ""


class KeptApart(msgspec.Struct, frozen=True, kw_only=True):
    mails: tuple[Apart, ...]


class MailboxState(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    address: str
    entry_point: str
    problem: str = ""
    read_until: int | None = None


class Mailboxes(msgspec.Struct, frozen=True, kw_only=True):
    mailboxes: tuple[MailboxState, ...]


# -- a contact's thread -----------------------------------------------------------------------


@router.get("/contacts/{contact}")
@gives(MailView)
async def show_mail(contact: str, request: Request) -> Response:
    must_own(request, "show_mail", contact)
    services, live = services_of(request), _live(request, contact)
    thread = await services.mail_store.thread(live.attributes.get("thread", ""))
    box = services.mail.mailboxes.get(thread.mailbox) if thread is not None else None
    if thread is None or box is None:
        raise not_found("mail thread of contact", contact)
    incoming, outgoing = await services.mail_store.mails_of(thread.id, SHOWN)
    came = [shown for one in incoming if (shown := mail_in(one, thread)) is not None]
    last = next((one.mail for one in reversed(incoming) if isinstance(one.mail, Mail)), None)
    draft = await services.mail_drafts.load(_draft_name(request, contact))
    body = MailView(
        contact=contact,
        thread=thread.id,
        mailbox=thread.mailbox,
        mails=tuple(sorted([*came, *map(mail_out, outgoing)], key=lambda one: one.at)),
        answer=answer_to(last, live, box),
        draft=msgspec.Raw(draft.content.encode()) if draft is not None else msgspec.Raw(b"null"),
        answered_by=thread.agent,
        answered_at=thread.answered_at,
        notes=tuple(mail_note(one) for one in await services.mail_store.notes_of(thread.id, SHOWN)),
    )
    return answer(body)


@router.get("/contacts/{contact}/mails/{mail}/page")
async def show_mail_page(
    contact: str, mail: str, request: Request, *, pictures: Annotated[bool, Query()] = False
) -> Response:
    """The HTML of a mail that came, for a sandboxed frame; ``pictures``: also those from elsewhere,
    whose loading tells the sender that the mail is being read.
    """
    must_own(request, "show_mail_page", contact)
    services, live = services_of(request), _live(request, contact)
    incoming, _ = await services.mail_store.mails_of(live.attributes.get("thread", "-"), SHOWN)
    shown = next((one.mail for one in incoming if message_of(one) == mail), None)
    if not isinstance(shown, Mail) or not shown.html:
        raise not_found("HTML of mail", mail[:40])
    headers = {
        "Content-Security-Policy": mail_page_policy(pictures=pictures),
        "Referrer-Policy": "no-referrer",
    }
    page = mail_page(shown.html, pictures=pictures)
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/contacts/{contact}/outgoing/{mail}")
@gives(MailSaid)
async def show_sent_mail(contact: str, mail: str, request: Request) -> Response:
    """What a mail of ours in the contact's thread says."""
    must_own(request, "show_sent_mail", contact)
    services, live = services_of(request), _live(request, contact)
    outgoing = await services.mail_store.outgoing(mail)
    known = outgoing is not None and outgoing.thread == live.attributes.get("thread", "")
    raw = await services.files.content(outgoing.raw) if outgoing is not None and known else None
    if raw is None:
        raise not_found("mail", mail[:40])
    return answer(await asyncio.to_thread(mail_said, raw))


@router.put("/contacts/{contact}/draft", status_code=204)
async def save_mail_draft(contact: str, body: DraftGiven, request: Request) -> Response:
    """The last to save wins: it is the agent's own. Null discards it."""
    must_own(request, "save_mail_draft", contact)
    drafts, name = services_of(request).mail_drafts, _draft_name(request, contact)
    if body.draft is None:
        await drafts.discard(name)
        return Response(status_code=204)
    content = msgspec.json.encode(body.draft).decode()
    if len(content) > MAX_DRAFT:
        raise ApiError(413, "too_large", f"A draft has {MAX_DRAFT:,} characters at most.")
    known = await drafts.load(name)
    replaces = known.revision if known is not None else 0
    await drafts.save(name, content, replaces=replaces, by=identity_of(request).user.id)
    return Response(status_code=204)


@router.post("/contacts/{contact}/replies")
@gives(MailOut)
async def send_mail(contact: str, body: Written, request: Request) -> Response:
    """Send an answer, or forward the thread to others: it leaves when it can no longer be taken
    back. The same ``Idempotency-Key`` again sends nothing more.
    """
    must_own(request, "send_mail", contact)
    services, live = services_of(request), _live(request, contact)
    agent = identity_of(request).user.agent
    if agent != live.agent:
        raise ApiError(403, "not_holder", "Only the colleague who holds this contact can do that.")
    reply = Reply(
        id=hashlib.sha256(command_id(request).encode()).hexdigest()[:40],
        text=body.text,
        to=tuple(body.to),
        cc=tuple(body.cc),
        subject=body.subject,
        files=tuple(Enclosed(**one.model_dump()) for one in body.files),
    )
    known = services.state.catalog.agents.get(agent)
    name = (known.public_name or known.name.split(" ")[0]) if known is not None else ""
    try:
        outcome = await services.mail.replies.send(live, agent, name, reply)
    except (CannotBeSent, NoThread) as error:
        raise ApiError(422, "mail_unusable", str(error)) from None
    except (StoreUnavailable, FilesUnavailable) as error:
        raise ApiError(503, "not_kept", str(error), {"Retry-After": "5"}) from None
    if isinstance(outcome, Rejected):
        raise rejected(outcome)
    await services.mail_drafts.discard(_draft_name(request, contact))
    return answer(mail_out(outcome))


@router.post("/contacts/{contact}/notes")
@gives(MailNote)
async def note_on_mail(contact: str, body: Noted, request: Request) -> Response:
    """Note something on the thread for colleagues; it is never sent. The same ``Idempotency-Key``
    again notes nothing more.
    """
    must_own(request, "note_on_mail", contact)
    services, live = services_of(request), _live(request, contact)
    text = lines(body.text)
    if not text:
        raise ApiError(422, "empty", "There is nothing in this note yet: write something.")
    thread = await services.mail_store.thread(live.attributes.get("thread", ""))
    if thread is None:
        raise not_found("mail thread of contact", contact)
    key = f"{contact} {command_id(request)}"
    note = ThreadNote(
        id=f"note-{hashlib.sha256(key.encode()).hexdigest()[:32]}",
        thread=thread.id,
        contact=contact,
        agent=identity_of(request).user.agent,
        at=services.clock.now(),
        text=text,
    )
    try:
        kept = await services.mail_store.note(note)
    except StoreUnavailable as error:
        raise ApiError(503, "not_kept", str(error), {"Retry-After": "5"}) from None
    # Every desk that shows the contact hears of it, wherever it is; the note is kept in any case.
    told = EditContact(
        id=f"{contact}/{note.id}", by=note.agent, contact=contact, attributes={"noted": kept.id}
    )
    await services.sink.submit(told)
    return answer(mail_note(kept))


@router.delete("/outgoing/{mail}")
@gives(TakenBack)
async def take_back_mail(mail: str, request: Request) -> Response:
    outgoing = await _own_outgoing(request, mail)
    taken = await services_of(request).mail.replies.take_back(outgoing)
    return answer(TakenBack(taken_back=taken))


@router.post("/outgoing/{mail}/again")
@gives(MailOut)
async def send_mail_again(mail: str, request: Request) -> Response:
    """What failed, or of which nobody knows whether it left: because its author says so."""
    outgoing = await _own_outgoing(request, mail)
    services = services_of(request)
    if not await services.mail.replies.send_again(outgoing):
        raise ApiError(409, "wrong_state", "This mail has left, or is just being sent.")
    return answer(mail_out(await services.mail_store.outgoing(mail) or outgoing))


# -- files ------------------------------------------------------------------------------------


@router.post("/files")
@gives(FileKept)
async def attach_file(request: Request) -> Response:
    """The body is the file, whatever it is."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_CONTENT:
            megabytes = MAX_CONTENT // 1024**2
            raise ApiError(413, "too_large", f"A mail carries {megabytes} MB at most.")
    try:
        name = await services_of(request).files.keep(bytes(content))
    except FilesUnavailable as error:
        raise ApiError(503, "not_kept", str(error), {"Retry-After": "60"}) from None
    return answer(FileKept(sha256=name, size=len(content)))


@router.get("/contacts/{contact}/files/{sha256}")
async def download_mail_file(contact: str, sha256: Sha256, request: Request) -> Response:
    """An attachment of the contact's thread: always a download, whatever it says it is."""
    must_own(request, "download_mail_file", contact)
    services, live = services_of(request), _live(request, contact)
    incoming, _ = await services.mail_store.mails_of(live.attributes.get("thread", "-"), SHOWN)
    mails = [one.mail for one in incoming if isinstance(one.mail, Mail)]
    found = [file for mail in mails for file in mail.attachments if file.sha256 == sha256]
    content = await services.files.content(sha256) if found else None
    if content is None:
        raise not_found("file", sha256[:12])
    name = one_line(found[0].name).replace("/", "_") or "file"
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


# -- for those who look after it --------------------------------------------------------------


@router.get("/mailboxes")
@gives(Mailboxes)
async def list_mailboxes(request: Request) -> Response:
    states = [
        MailboxState(
            id=box.id,
            address=box.address,
            entry_point=box.entry_point,
            problem=inbox.problem,
            read_until=inbox.read_until,
        )
        for box, inbox in services_of(request).mail.inboxes()
    ]
    return answer(Mailboxes(mailboxes=tuple(states)))


@router.get("/apart")
@gives(KeptApart)
async def list_mails_apart(
    request: Request, became: Annotated[str, Query(pattern="^(unreadable|set_aside)$")]
) -> Response:
    """The newest mails of which no contact was made."""
    found = await services_of(request).mail_store.that_became(Became(became), LISTED)
    return answer(KeptApart(mails=tuple(_apart(one) for one in found)))


@router.post("/apart/{mail}/release", status_code=204)
async def release_mail(mail: Sha256, request: Request) -> Response:
    """Somebody is to read it after all."""
    services = services_of(request)
    incoming = await services.mail_store.incoming(mail)
    if incoming is None:
        raise not_found("mail", mail[:12])
    if incoming.became is not Became.SET_ASIDE:
        raise ApiError(409, "wrong_state", "Only a mail that was set aside can be released.")
    await services.mail.release(incoming)
    return Response(status_code=204)


# -- inside -----------------------------------------------------------------------------------


def _live(request: Request, contact: str) -> Contact:
    live = services_of(request).state.contacts.get(contact)
    if live is None:
        raise not_found("contact", contact)
    return live


def _draft_name(request: Request, contact: str) -> str:
    whose = f"{identity_of(request).user.id} {contact}"
    return hashlib.sha256(whose.encode()).hexdigest()


async def _own_outgoing(request: Request, mail: str) -> Outgoing:
    """Agents touch what they wrote themselves."""
    outgoing = await services_of(request).mail_store.outgoing(mail)
    if outgoing is None or not outgoing.agent or outgoing.agent != identity_of(request).user.agent:
        raise ApiError(403, "not_yours", "This mail is not yours.")
    return outgoing


def _apart(incoming: Incoming) -> Apart:
    mail = incoming.mail
    known = {} if isinstance(mail, Unreadable) else _said(mail)
    return Apart(
        id=incoming.id,
        mailbox=incoming.mailbox,
        at=incoming.at,
        became=incoming.became,
        reason=incoming.reason,
        **known,
    )


def _said(mail: Mail) -> dict[str, str]:
    return {
        "sender": mail.sender.address,
        "subject": mail.subject,
        "beginning": one_line(mail.text[:400])[:200],
    }
