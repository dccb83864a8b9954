"""Files in chats: what visitors and agents send each other, and how either gets it.

A visitor is known by their chat's token (``Authorization: Bearer``), an agent by the contact that
is theirs. Whatever a file is, it is a download; pictures of kinds that browsers only draw keep
their content type, so that an ``<img>`` can show them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, NoReturn
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from agents.acts import talks
from cti_adapters.webchat.file_kinds import is_picture
from cti_adapters.webchat.speaking import Refused
from cti_adapters.webchat.visitor import REASONS
from router.core.model import MessageFile
from server.answers import answer, gives
from server.errors import ApiError, not_found
from server.guard import GuardedRoute, command_id, identity_of, services_of
from server.own_contacts import must_own

router = APIRouter(prefix="/api/v1/chat", route_class=GuardedRoute, tags=["chat"])

WITHIN: Final = 120.0  # seconds for a whole file
STATUS: Final = {
    "unknown_chat": 404,
    "file_too_large": 413,
    "too_fast": 429,
    "too_many_mails": 429,
    "too_many_questions": 429,
    "bad_address": 422,
    "overloaded": 503,
}

Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Query(max_length=1_000)]
LineId = Annotated[str, Query(pattern=r"^[A-Za-z0-9_.:-]{16,64}$")]


class FileSent(msgspec.Struct, frozen=True, kw_only=True):
    file: MessageFile


# -- visitors ---------------------------------------------------------------------------------


@router.options("/files")
async def allow_chat_files(request: Request) -> Response:
    """A browser's question whether the page of another site may send files."""
    return Response(status_code=204, headers=cors(request))


@router.options("/files/{sha256}")
async def allow_chat_file(sha256: Sha256, request: Request) -> Response:  # noqa: ARG001
    return Response(status_code=204, headers=cors(request))


@router.post("/files", status_code=201)
@gives(FileSent)
async def send_chat_file(id: LineId, request: Request, name: Name = "") -> Response:  # noqa: A002
    """The body is the file, whatever it is; it becomes a line of the chat, once for each ``id``."""
    chats = services_of(request).chat
    source = request.client.host if request.client else ""
    with refusing(request):
        chat = chats.of_token(bearer(request))
        with chats.sharing.receiving(chat, source, _announced(request)):
            content = await _body(request, chats.settings.file_size)
            file = await chats.sharing.visitor_file(chat, id, name, content)
    return answer(FileSent(file=file), cors(request), status=201)


@router.get("/files/{sha256}")
async def load_chat_file(sha256: Sha256, request: Request) -> Response:
    chats = services_of(request).chat
    with refusing(request):
        chat = chats.of_token(bearer(request))
    found = _among((file for line in chat.thread.lines for file in line.files), sha256)
    content = await chats.filing.content(found) if found is not None else None
    if found is None or content is None:
        raise not_found("file", sha256[:12])
    return _download(found, content, cors(request))


# -- agents -----------------------------------------------------------------------------------


@router.post("/contacts/{contact}/files", status_code=201)
@gives(FileSent)
async def attach_chat_file(contact: str, request: Request, name: Name = "") -> Response:
    """The body is the file; the same ``Idempotency-Key`` again sends nothing more."""
    must_own(request, "attach_chat_file", contact)
    services, agent = services_of(request), identity_of(request).user.agent
    if not talks(services.state, agent, contact):
        raise ApiError(409, "not_talking", "Your part in this conversation is over.")
    key = hashlib.sha256(command_id(request).encode()).hexdigest()[:40]
    with refusing(request):
        content = await _body(request, services.chat.settings.file_size)
        file = await services.chat.sharing.agent_file(contact, agent, f"file-{key}", name, content)
    return answer(FileSent(file=file), status=201)


@router.get("/contacts/{contact}/files/{sha256}")
async def download_chat_file(contact: str, sha256: Sha256, request: Request) -> Response:
    must_own(request, "download_chat_file", contact)
    services = services_of(request)
    live = services.state.contacts.get(contact)
    files = (file for one in live.messages for file in one.files) if live is not None else iter(())
    found = _among(files, sha256)
    content = await services.files.content(sha256) if found is not None else None
    if found is None or content is None:
        raise not_found("file", sha256[:12])
    return _download(found, content, {})


# -- both -------------------------------------------------------------------------------------


def _among(files: Iterator[MessageFile], sha256: str) -> MessageFile | None:
    return next((file for file in files if file.id == sha256), None)


def _download(file: MessageFile, content: bytes, headers: dict[str, str]) -> Response:
    kind = file.content_type if is_picture(file.content_type) else "application/octet-stream"
    safety = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type=kind, headers={**safety, **headers})


async def _body(request: Request, most: int) -> bytes:
    """The whole body. Raises ``Refused`` as soon as it is too large, or when it does not come."""
    content = bytearray()
    try:
        async with asyncio.timeout(WITHIN):
            async for part in request.stream():
                content += part
                if len(content) > most:
                    raise Refused("file_too_large")
    except TimeoutError:
        raise Refused("overloaded") from None
    return bytes(content)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if re.fullmatch(r"[0-9]{1,15}", length) else 0


def bearer(request: Request) -> str:
    """The token of a visitor's chat."""
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


def cors(request: Request) -> dict[str, str]:
    """What the pages of the sites with the chat may do, as browsers want to be told."""
    origin = request.headers.get("origin")
    headers = {"Vary": "Origin"}
    if origin is not None and services_of(request).chat_origins.allow(origin):
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Max-Age": "600",
        }
    return headers


@contextmanager
def refusing(request: Request) -> Iterator[None]:
    """What the chat refuses becomes an answer that the visitor's page may read."""
    try:
        yield
    except Refused as refused:
        _raise(refused, request)


def _raise(refused: Refused, request: Request) -> NoReturn:
    status = STATUS.get(refused.code, 409)
    raise ApiError(status, refused.code, REASONS[refused.code], cors(request)) from None
