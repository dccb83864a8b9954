"""Chats by mail: what the agent writes to a visitor who has left, the transcript that a visitor
asks for, and the question they leave while nobody can chat.

A visitor is known by their chat's token (``Authorization: Bearer``), an agent by the contact that
is theirs.
"""

from __future__ import annotations

import hashlib

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from cti_adapters.webchat.mailing import Continuation
from cti_adapters.webchat.questions import Left
from router.core.model import Contact
from router.letters import LetterRefused, LetterStand, LettersUnavailable
from router.limits import source_of
from server.answers import answer, gives
from server.api.chat_files import bearer, cors, refusing
from server.errors import ApiError, not_found
from server.guard import GuardedRoute, command_id, identity_of, services_of
from server.own_contacts import must_own

router = APIRouter(prefix="/api/v1/chat", route_class=GuardedRoute, tags=["chat"])


class TranscriptWanted(BaseModel):
    """``address`` may be left out where the site says who the visitor is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    address: str = Field("", max_length=320)


class TranscriptSent(msgspec.Struct, frozen=True, kw_only=True):
    address: str


class QuestionLeft(BaseModel):
    """What a visitor leaves while nobody can chat; ``id`` is theirs, the same when it is sent
    again. ``visitor`` is the signed token in which the page's site says who it is.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{16,64}$")
    entry_point: str = Field(min_length=1, max_length=128)
    name: str = Field("", max_length=400)
    address: str = Field("", max_length=320)
    text: str = Field(min_length=1, max_length=8_000)
    choice: str = Field("", max_length=128)
    language: str = Field("", max_length=40)
    visitor: str = Field("", max_length=4_096)


class QuestionTaken(msgspec.Struct, frozen=True, kw_only=True):
    """``address``: where it will be answered."""

    address: str


class LetterWritten(BaseModel):
    """``to`` is one of the addresses that the chat has; without a ``subject`` it is the usual."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: str = Field(min_length=1, max_length=320)
    text: str = Field(max_length=20_000)
    subject: str = Field("", max_length=300)


@router.options("/transcript")
async def allow_chat_transcript(request: Request) -> Response:
    """A browser's question whether the page of another site may ask for it."""
    return Response(status_code=204, headers=cors(request))


@router.post("/transcript")
@gives(TranscriptSent)
async def mail_chat_transcript(body: TranscriptWanted, request: Request) -> Response:
    """Once for each chat and address, however often it is asked for."""
    chats = services_of(request).chat
    source = source_of(request.client.host if request.client else "")
    with refusing(request):
        chat = chats.of_token(bearer(request))
        address = await chats.mailer.transcript(chat, body.address, source)
    return answer(TranscriptSent(address=address), cors(request))


@router.options("/questions")
async def allow_chat_question(request: Request) -> Response:
    return Response(status_code=204, headers=cors(request))


@router.post("/questions", status_code=201)
@gives(QuestionTaken)
async def leave_chat_question(body: QuestionLeft, request: Request) -> Response:
    """A question in place of a chat; once, however often it is sent."""
    given = body.model_dump()
    token, site = given.pop("visitor"), request.headers.get("origin", "")
    source = request.client.host if request.client else ""
    with refusing(request):
        address = await services_of(request).chat.leave_question(Left(**given), token, site, source)
    return answer(QuestionTaken(address=address), cors(request), status=201)


@router.get("/contacts/{contact}/letters")
@gives(Continuation)
async def show_chat_letters(contact: str, request: Request) -> Response:
    """How the chat can go on by mail, and what was written."""
    must_own(request, "show_chat_letters", contact)
    live = _chat(request, contact)
    try:
        found = await services_of(request).chat.mailer.offered(live)
    except LettersUnavailable as error:
        raise _not_kept(error) from None
    return answer(found)


@router.post("/contacts/{contact}/letters")
@gives(LetterStand)
async def write_chat_letter(contact: str, body: LetterWritten, request: Request) -> Response:
    """Go on by mail, with the chat below the text. The same ``Idempotency-Key`` again sends nothing
    more; until ``due`` it can be taken back like any mail.
    """
    must_own(request, "write_chat_letter", contact)
    live, agent = _chat(request, contact), identity_of(request).user.agent
    key = hashlib.sha256(command_id(request).encode()).hexdigest()[:40]
    mailer = services_of(request).chat.mailer
    try:
        stand = await mailer.write(
            live, agent, key, to=body.to, subject=body.subject, text=body.text
        )
    except LetterRefused as error:
        raise ApiError(422, "mail_unusable", str(error)) from None
    except LettersUnavailable as error:
        raise _not_kept(error) from None
    return answer(stand)


def _chat(request: Request, contact: str) -> Contact:
    live = services_of(request).state.contacts.get(contact)
    if live is None or live.channel != "chat":
        raise not_found("chat", contact)
    if identity_of(request).user.agent not in (live.agent, *live.wrapping):
        raise ApiError(403, "not_holder", "Only the colleague who holds this contact can do that.")
    return live


def _not_kept(error: LettersUnavailable) -> ApiError:
    return ApiError(503, "not_kept", str(error), {"Retry-After": "5"})
